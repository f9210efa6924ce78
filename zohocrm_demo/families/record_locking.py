"""Record locks: `GET /crm/v8/settings/record_locking_configurations` and one of them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-record-locking-config.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.chosen_module import DETAILS, MODULE, chosen_module
from zohocrm_demo.families.rows import Row, all_of, one_row
from zohocrm_demo.organisation.references import has_tab
from zohocrm_demo.routes import Route

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

_SCOPES = ("ZohoCRM.settings.record_locking_configurations.READ",)
_PATH = "/crm/v8/settings/record_locking_configurations"
_KEY = "record_locking_configurations"


def _configurations(context: Context) -> list[Row]:
    module = chosen_module(context)
    if not has_tab(module):
        message = "record locking is not supported for the given module"
        raise ZohoError(400, "FEATURE_NOT_SUPPORTED", message, DETAILS)
    made = context.organisation.customization.record_locking_configurations
    return made.get(module["api_name"], [])


ROUTES = (
    Route(_PATH, all_of(_KEY, _configurations), _SCOPES, (MODULE,)),
    Route(f"{_PATH}/{{one}}", one_row(_KEY, _configurations), _SCOPES, (MODULE,)),
)
