"""Which templates a category has.

Source: https://www.zoho.com/crm/developer/docs/api/v8/email-templates.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zohocrm_demo.families.rows import Row
    from zohocrm_demo.routes import Context


def is_in(context: Context, row: Row, category: str) -> bool:
    """Whether the category has the template."""
    if category in {"created_by_me", "shared_with_me"}:
        caller = context.organisation.users[0]["id"]
        return bool((row["created_by"]["id"] == caller) == (category == "created_by_me"))
    if category in {"favorite", "associated"}:
        return bool(row[category])
    return bool(row["category"] == category)
