"""Jinja, set up for the pages: everything escaped, nothing undefined, a few filters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter

import jinja2

from zohocrm_atlas.diagram.scenes import group_id
from zohocrm_atlas.intake.keys import row_id, value_key
from zohocrm_atlas.kinds import kind_class, kind_name
from zohocrm_atlas.places import Place
from zohocrm_atlas.words import anchor

_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*")


def make_environment() -> jinja2.Environment:
    """Jinja with the templates of this package."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("zohocrm_atlas.pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        anchor=anchor,
        moment=moment,
        kind_name=kind_name,
        kind_class=kind_class,
        group_id=group_id,
        row_id=row_id,
        value_key=value_key,
        by_fields=_by_fields,
        by_kind=_by_kind,
    )
    environment.tests["a_colour"] = is_colour
    return environment


def is_colour(value: str) -> bool:
    """Whether this is a colour, and nothing else that a style could hold."""
    return _COLOUR.fullmatch(value) is not None


def moment(value: str) -> str:
    """A date-time for people, in UTC; any other text as it is."""
    if not _MOMENT.fullmatch(value):
        return value
    try:
        when = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return value
    return f"{when:%Y-%m-%d %H:%M} UTC" if not when.utcoffset() else f"{when:%Y-%m-%d %H:%M %z}"


def _by_kind(places: Sequence[Place]) -> Iterator[tuple[str, list[Place]]]:
    """Places in groups by what they are, as `Places.used` has them."""
    for kind, several in groupby(places, key=attrgetter("thing.kind")):
        yield kind, list(several)


def _by_fields(formula: str) -> list[tuple[str, str]]:
    """A formula in parts: texts, and the names of fields that follow them."""
    parts = [*re.split(r"(\$\{[^{}$]+\})", formula), ""]
    return list(zip(parts[::2], parts[1::2], strict=True))
