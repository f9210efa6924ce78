"""Families whose pages are short unless the call says otherwise.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-map-dependency.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

_SHORT = 20


def short_pages(context: Context, size: int = _SHORT) -> Context:
    """The call with `size` rows a page where it doesn't say how many."""
    return replace(context, params={"per_page": str(size), **context.params})
