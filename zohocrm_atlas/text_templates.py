"""Jinja, set up for files that are not HTML: nothing is escaped but by a filter."""

from __future__ import annotations

from collections.abc import Callable

import jinja2


def text_templates(package: str, **filters: Callable[..., object]) -> jinja2.Environment:
    """The templates of a package, with filters that escape for its kind of file."""
    environment = jinja2.Environment(  # noqa: S701 - not HTML
        loader=jinja2.PackageLoader(package),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    environment.filters.update(filters)
    return environment
