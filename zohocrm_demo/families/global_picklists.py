"""Global picklists: `GET /crm/v8/settings/global_picklists`, one of them, and where it is used.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-global-picklist.html,
https://www.zoho.com/crm/developer/docs/api/v8/global-picklist-field-association.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-replaced-values.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.errors import invalid_id
from zohocrm_demo.families.chosen_module import INNER_DETAILS
from zohocrm_demo.families.rows import PAGES, Row, all_of, one_row, page_of, pick
from zohocrm_demo.params import Param, list_of
from zohocrm_demo.routes import Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zohocrm_demo.routes import Context

_SCOPES = ("ZohoCRM.settings.global_picklist.READ",)
_PATH = "/crm/v8/settings/global_picklists"
_PATH_INDEX = 2
_MODULES, _VALUES, _COUNT = "used_in_modules", "pick_list_values", "associated_fields_count"


def _in_list(context: Context) -> list[Row]:
    included = context.params.get("include", "").split(",")
    rows = context.organisation.customization.global_picklists
    return [_shown(row, frozenset(included), context) for row in rows]


def _with_values(context: Context) -> list[Row]:
    included = context.params.get("include", "").split(",")
    rows = context.organisation.customization.global_picklists
    return [_shown(row, frozenset({_VALUES, *included}), context) for row in rows]


def _shown(row: Row, included: frozenset[str], context: Context) -> Row:
    shown = {key: row[key] for key in row if key != _VALUES or key in included}
    uses = list(_uses(context, row["id"]))
    if _COUNT in included:
        shown[_COUNT] = len(uses)
    if _MODULES in included:
        modules = {module["id"]: _ref(module) for module, _ in uses}
        shown[_MODULES] = list(modules.values())
    return shown


def _associations(context: Context) -> list[Row]:
    return [
        {
            "field": _ref(field),
            "module": _ref(module),
            "layouts": [
                {"name": place["name"], "id": place["id"]} for place in field["layout_associations"]
            ],
        }
        for module, field in _uses(context, _known_id(context))
    ]


def _replaced_values(context: Context) -> list[Row]:
    return context.organisation.customization.replaced_values.get(_known_id(context), [])


def _known_id(context: Context) -> str:
    wanted = context.variables["one"]
    if pick(context.organisation.customization.global_picklists, wanted) is None:
        raise invalid_id(_PATH_INDEX)
    return wanted


def _uses(context: Context, picklist_id: str) -> Iterator[tuple[Row, Row]]:
    for module in context.organisation.modules:
        for field in context.organisation.fields.get(module["api_name"], []):
            used = field["global_picklist"]
            if used and used["id"] == picklist_id:
                yield module, field


def _ref(row: Row) -> Row:
    return {"api_name": row["api_name"], "id": row["id"]}


_PARAMS = (Param("include", list_of(_MODULES, _VALUES, _COUNT)), INNER_DETAILS)
ROUTES = (
    Route(_PATH, all_of("global_picklists", _in_list), _SCOPES, _PARAMS),
    Route(f"{_PATH}/{{one}}", one_row("global_picklists", _with_values), _SCOPES, _PARAMS),
    Route(
        f"{_PATH}/{{one}}/actions/associations",
        page_of("associations", _associations),
        _SCOPES,
        (*PAGES, INNER_DETAILS),
    ),
    Route(
        f"{_PATH}/{{one}}/actions/replaced_values",
        all_of("replaced_values", _replaced_values),
        _SCOPES,
    ),
)
