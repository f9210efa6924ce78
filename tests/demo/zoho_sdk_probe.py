"""Reads an organisation with Zoho's own SDK. Runs in an environment of its own.

In: one JSON object on stdin: hosts, credentials, folder, the modules and ids to read, and for each
family the values to tell, as dotted paths in Zoho's spelling. Out: one JSON object on stdout.
"""

from __future__ import annotations

import functools
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from zohocrmsdk.src.com.zoho.api.authenticator import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
from zohocrmsdk.src.com.zoho.api.logger import Logger
from zohocrmsdk.src.com.zoho.crm.api import Initializer, ParameterMap
from zohocrmsdk.src.com.zoho.crm.api.currencies import CurrenciesOperations
from zohocrmsdk.src.com.zoho.crm.api.custom_views import (
    CustomViewsOperations,
    GetCustomViewParam,
    GetCustomViewsParam,
)
from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.fields import FieldsOperations, GetFieldsParam
from zohocrmsdk.src.com.zoho.crm.api.layouts import (
    GetLayoutParam,
    GetLayoutsParam,
    LayoutsOperations,
)
from zohocrmsdk.src.com.zoho.crm.api.modules import ModulesOperations
from zohocrmsdk.src.com.zoho.crm.api.org import OrgOperations
from zohocrmsdk.src.com.zoho.crm.api.profiles import ProfilesOperations
from zohocrmsdk.src.com.zoho.crm.api.related_lists import (
    GetRelatedListsParam,
    RelatedListsOperations,
)
from zohocrmsdk.src.com.zoho.crm.api.roles import RolesOperations
from zohocrmsdk.src.com.zoho.crm.api.users import GetUsersParam, UsersOperations
from zohocrmsdk.src.com.zoho.crm.api.util import Choice

_NO_PART_OF_A_NAME = re.compile(r"[^a-z0-9_]")


def initialize(order: dict[str, Any]) -> None:
    folder = order["folder"]
    Initializer.initialize(
        environment=DataCenter.Environment(
            order["api_url"], f"{order['accounts_url']}/oauth/v2/token", order["api_url"]
        ),
        token=OAuthToken(
            client_id=order["client_id"],
            client_secret=order["client_secret"],
            refresh_token=order["refresh_token"],
            find_user=False,
        ),
        store=FileStore(f"{folder}/tokens.txt"),
        resource_path=folder,
        logger=Logger.get_instance(level=Logger.Levels.ERROR, file_path=f"{folder}/sdk.log"),
    )


def value_at(found: Any, path: str) -> Any:
    """Return the value that getters lead to, through lists as through objects."""
    if isinstance(found, list):
        return [value_at(item, path) for item in found]
    if isinstance(found, Choice):
        found = found.get_value()
    if found is None or not path:
        return found.isoformat() if isinstance(found, date) else found
    name, _, rest = path.partition(".")
    return value_at(
        getattr(found, "get_" + _NO_PART_OF_A_NAME.sub("", name.lower()).lstrip("_"))(), rest
    )


def listed(rows: Iterable[Any], paths: list[str]) -> list[dict[str, Any]]:
    return [{path: value_at(row, path) for path in paths} for row in rows]


def rows_of(response: Any, getter: str) -> list[Any]:
    """Return the rows of an answer; none for 204, and Zoho's code where it is an error."""
    answer = response.get_object()
    if answer is None:
        return []
    if hasattr(answer, "get_code"):
        raise RefusedError(response.get_status_code(), answer.get_code().get_value())
    rows = getattr(answer, getter)()
    return rows if isinstance(rows, list) else [rows]


class RefusedError(Exception):
    """Zoho's SDK returned an APIException."""


def params_of(*pairs: tuple[Any, Any]) -> ParameterMap:
    params = ParameterMap()
    for param, value in pairs:
        params.add(param, value)
    return params


def pages(call: Callable[[int], Any], getter: str) -> Iterator[Any]:
    more, page = True, 0
    while more:
        page += 1
        response = call(page)
        yield from rows_of(response, getter)
        answer = response.get_object()
        more = answer is not None and answer.get_info().get_more_records()


def users_on(page: int) -> Any:
    params = params_of(
        (GetUsersParam.type, "AllUsers"), (GetUsersParam.page, page), (GetUsersParam.per_page, 200)
    )
    return UsersOperations().get_users(params)


def views_on(module: str, page: int) -> Any:
    params = params_of((GetCustomViewsParam.module, module), (GetCustomViewsParam.page, page))
    return CustomViewsOperations().get_custom_views(params)


def of_organisation(order: dict[str, Any]) -> dict[str, list[Any]]:
    one = order["one"]
    return {
        "modules": rows_of(ModulesOperations().get_modules(), "get_modules"),
        "one module": rows_of(
            ModulesOperations().get_module_by_api_name(one["module"]), "get_modules"
        ),
        "one layout": rows_of(
            LayoutsOperations().get_layout(
                one["layout"], params_of((GetLayoutParam.module, one["module"]))
            ),
            "get_layouts",
        ),
        "roles": rows_of(RolesOperations().get_roles(), "get_roles"),
        "one role": rows_of(RolesOperations().get_role(one["role"]), "get_roles"),
        "profiles": rows_of(ProfilesOperations().get_profiles(), "get_profiles"),
        "one profile": rows_of(ProfilesOperations().get_profile(one["profile"]), "get_profiles"),
        "users": list(pages(users_on, "get_users")),
        "one user": rows_of(UsersOperations().get_user(one["user"]), "get_users"),
        "org": rows_of(OrgOperations().get_organization(), "get_org"),
        "currencies": rows_of(CurrenciesOperations().get_currencies(), "get_currencies"),
        "one currency": rows_of(
            CurrenciesOperations().get_currency(one["currency"]), "get_currencies"
        ),
    }


def of_module(module: str) -> dict[str, Any]:
    return {
        "fields": lambda: rows_of(
            FieldsOperations().get_fields(params_of((GetFieldsParam.module, module))), "get_fields"
        ),
        "layouts": lambda: rows_of(
            LayoutsOperations().get_layouts(params_of((GetLayoutsParam.module, module))),
            "get_layouts",
        ),
        "related_lists": lambda: rows_of(
            RelatedListsOperations().get_related_lists(
                params_of((GetRelatedListsParam.module, module))
            ),
            "get_related_lists",
        ),
        "custom_views": lambda: pages(functools.partial(views_on, module), "get_custom_views"),
    }


def whole_view(module: str, view: int) -> list[Any]:
    params = params_of((GetCustomViewParam.module, module))
    return rows_of(CustomViewsOperations().get_custom_view(view, params), "get_custom_views")


def main() -> None:
    order = json.load(sys.stdin)
    initialize(order)
    paths = order["paths"]
    found: dict[str, Any] = {
        name: listed(rows, paths[name]) for name, rows in of_organisation(order).items()
    }
    for module in order["modules"]:
        for name, read in of_module(module).items():
            try:
                rows = listed(read(), paths[name])
            except RefusedError as error:
                rows = list(error.args)
            found.setdefault(name, {})[module] = rows
    found["one custom view"] = [
        listed(whole_view(module, view), paths["one custom view"])
        for module, view in order["one"]["views"]
    ]
    wrong = ModulesOperations().get_module_by_api_name("Nowhere")
    found["wrong"] = [wrong.get_status_code(), wrong.get_object().get_code().get_value()]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
