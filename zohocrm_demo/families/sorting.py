"""The parameters `sort_by` and `sort_order`.

Source: https://www.zoho.com/crm/developer/docs/api/v8/email-templates.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.params import Param, one_of

if TYPE_CHECKING:
    from zohocrm_demo.families.rows import Row
    from zohocrm_demo.routes import Context

_ORDERS = ("asc", "desc")


def sorting(*keys: str) -> tuple[Param, Param]:
    """`sort_by` one of these keys, `sort_order` up or down."""
    return Param("sort_by", one_of(*keys)), Param("sort_order", one_of(*_ORDERS))


def in_order(context: Context, rows: list[Row], order: str) -> list[Row]:
    """The rows in the order asked for, else as they are; rows without a value come last.

    Args:
        context: The call; it takes `sorting`.
        rows: The rows.
        order: The `sort_order` of a call that only says `sort_by`.
    """
    if "sort_by" not in context.params:
        return rows
    # Zoho spells the same key Modified_Time for webhooks and modified_time for the others.
    key = context.params["sort_by"].lower()
    known = [row for row in rows if row[key] is not None]
    known.sort(
        key=lambda row: str(row[key]), reverse=context.params.get("sort_order", order) == "desc"
    )
    return [*known, *(row for row in rows if row[key] is None)]
