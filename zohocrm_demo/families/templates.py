"""Templates of e-mails and of printed documents: `GET /crm/v8/settings/{kind}_templates`.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/email-templates.html,
https://www.zoho.com/crm/developer/docs/api/v8/inventory_templates.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from zohocrm_demo.answers import Answer
from zohocrm_demo.families.chosen_module import ANY_MODULE, of_chosen_module
from zohocrm_demo.families.rows import FILTERS, Row, natural, one_row, page, without
from zohocrm_demo.families.short_pages import short_pages
from zohocrm_demo.families.sorting import in_order, sorting
from zohocrm_demo.params import Param, one_of
from zohocrm_demo.routes import Context, Handler, Route

if TYPE_CHECKING:
    from zohocrm_demo.organisation import Organisation

_EMAIL = ("ZohoCRM.templates.email.READ",)
_INVENTORY = ("ZohoCRM.templates.inventory.READ",)
_BODY = ("content", "mail_content")
# The descriptions also speak of 200; what stays below 100 is right by both.
_MOST_ROWS = 100
_COMMON = (
    ANY_MODULE,
    *sorting("modified_time", "created_time", "last_usage_time", "name"),
    FILTERS,
    Param("page", natural()),
    Param("per_page", natural(_MOST_ROWS)),
)


def _listed(
    key: str, rows: Callable[[Organisation], list[Row]], details: tuple[str, ...]
) -> Handler:
    of_module = of_chosen_module(rows, message="the module name given seems to be invalid")

    def answer(context: Context) -> Answer:
        category = context.params.get("category")
        caller = next((user["id"] for user in context.organisation.users), "")
        found = [
            without(row, details) for row in of_module(context) if _is_in(row, category, caller)
        ]
        return page(short_pages(context), key, in_order(context, found, "desc"))

    return answer


def _is_in(row: Row, category: str | None, caller: str) -> bool:
    if category is None:
        return True
    if category in {"created_by_me", "shared_with_me"}:
        return bool((row["created_by"]["id"] == caller) == (category == "created_by_me"))
    if category in {"favorite", "associated"}:
        return bool(row[category])
    return bool(row["category"] == category)


def _emails(organisation: Organisation) -> list[Row]:
    return organisation.customization.email_templates


def _documents(organisation: Organisation) -> list[Row]:
    return organisation.customization.inventory_templates


ROUTES = (
    Route(
        "/crm/v8/settings/email_templates",
        _listed("email_templates", _emails, _BODY),
        _EMAIL,
        (
            *_COMMON,
            Param(
                "category",
                one_of("favorite", "created_by_me", "shared_with_me", "associated", "draft"),
            ),
        ),
    ),
    Route(
        "/crm/v8/settings/email_templates/{one}",
        one_row("email_templates", lambda context: _emails(context.organisation)),
        _EMAIL,
    ),
    Route(
        "/crm/v8/settings/inventory_templates",
        _listed("inventory_templates", _documents, (*_BODY, "active")),
        _INVENTORY,
        (*_COMMON, Param("category", one_of("normal", "draft"))),
    ),
    Route(
        "/crm/v8/settings/inventory_templates/{one}",
        one_row("inventory_templates", lambda context: _documents(context.organisation)),
        _INVENTORY,
    ),
)
