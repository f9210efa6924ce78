"""Settings of modules with one plain call each: duplicate check, sharing, unsubscribing, signals.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-duplicate-record-check.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-data-sharing.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-unsubscribe-links.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-signals.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.families.chosen_module import MODULE, chosen_module
from zohocrm_demo.families.rows import Row, all_of, one_object, one_row
from zohocrm_demo.routes import Route

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

_UNSUBSCRIBE = ("ZohoCRM.settings.unsubscribe.READ",)
_LINKS = "/crm/v8/settings/unsubscribe_links"


def _duplicate_check(context: Context) -> Row | None:
    # 204 for all modules but Leads, which alone can have one.
    made = context.organisation.customization.duplicate_check_preferences
    return made.get(chosen_module(context)["api_name"])


def _links(context: Context) -> list[Row]:
    return context.organisation.customization.unsubscribe_links


def _link_associations(context: Context) -> list[Row]:
    return context.organisation.customization.unsubscribe_link_associations


def _data_sharing(context: Context) -> list[Row]:
    return context.organisation.customization.data_sharing


def _signals(context: Context) -> list[Row]:
    return context.organisation.customization.signals


ROUTES = (
    Route(
        "/crm/v8/settings/duplicate_check_preference",
        one_object("duplicate_check_preference", _duplicate_check),
        ("ZohoCRM.settings.duplicate_check_preference.READ",),
        (MODULE,),
    ),
    Route(
        "/crm/v8/settings/data_sharing",
        all_of("data_sharing", _data_sharing),
        ("ZohoCRM.settings.data_sharing.READ",),
    ),
    Route(_LINKS, all_of("unsubscribe_links", _links), _UNSUBSCRIBE),
    Route(f"{_LINKS}/{{one}}", one_row("unsubscribe_links", _links), _UNSUBSCRIBE),
    # The word is in the singular here: so it is in the documents.
    Route(
        "/crm/v8/settings/unsubscribe_link/actions/associations",
        all_of("associations", _link_associations),
        _UNSUBSCRIBE,
    ),
    Route(
        "/crm/v8/settings/signals",
        all_of("signals", _signals),
        ("ZohoCRM.settings.signals.READ",),
    ),
)
