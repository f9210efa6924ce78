"""Reads an organisation with Zoho's own SDK. Runs in an environment of its own.

In: one JSON object on stdin (hosts, credentials, folder). Out: one JSON object on stdout.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from zohocrmsdk.src.com.zoho.api.authenticator import OAuthToken
from zohocrmsdk.src.com.zoho.api.authenticator.store import FileStore
from zohocrmsdk.src.com.zoho.api.logger import Logger
from zohocrmsdk.src.com.zoho.crm.api import Initializer, ParameterMap
from zohocrmsdk.src.com.zoho.crm.api.dc import DataCenter
from zohocrmsdk.src.com.zoho.crm.api.fields import FieldsOperations, GetFieldsParam
from zohocrmsdk.src.com.zoho.crm.api.modules import ModulesOperations
from zohocrmsdk.src.com.zoho.crm.api.org import OrgOperations


def initialize(given: dict[str, str]) -> None:
    folder = given["folder"]
    Initializer.initialize(
        environment=DataCenter.Environment(
            given["api_url"], f"{given['accounts_url']}/oauth/v2/token", given["api_url"]
        ),
        token=OAuthToken(
            client_id=given["client_id"],
            client_secret=given["client_secret"],
            refresh_token=given["refresh_token"],
            find_user=False,
        ),
        store=FileStore(f"{folder}/tokens.txt"),
        resource_path=folder,
        logger=Logger.get_instance(level=Logger.Levels.ERROR, file_path=f"{folder}/sdk.log"),
    )


def read_modules() -> list[dict[str, Any]]:
    modules = ModulesOperations().get_modules().get_object().get_modules()
    return [
        {
            "id": str(module.get_id()),
            "api_name": module.get_api_name(),
            "plural_label": module.get_plural_label(),
            "modified_time": module.get_modified_time() and module.get_modified_time().isoformat(),
            "modified_by": module.get_modified_by() and str(module.get_modified_by().get_id()),
            "profiles": [profile.get_name() for profile in module.get_profiles()],
            "generated_type": module.get_generated_type().get_value(),
            "status": module.get_status(),
        }
        for module in modules
    ]


def read_fields(module: str) -> list[list[str]]:
    params = ParameterMap()
    params.add(GetFieldsParam.module, module)
    wrapper = FieldsOperations().get_fields(params).get_object()
    fields = wrapper.get_fields() if wrapper is not None else []
    return [[str(f.get_id()), f.get_api_name(), f.get_data_type()] for f in fields]


def main() -> None:
    given = json.load(sys.stdin)
    initialize(given)
    one = ModulesOperations().get_module_by_api_name("Leads").get_object().get_modules()[0]
    wrong = ModulesOperations().get_module_by_api_name("Nowhere")
    company = OrgOperations().get_organization().get_object().get_org()[0]
    found = {
        "modules": read_modules(),
        "fields": {module: read_fields(module) for module in given["modules"]},
        "one": {"api_name": one.get_api_name(), "view": one.get_custom_view().get_name()},
        "wrong": [wrong.get_status_code(), wrong.get_object().get_code().get_value()],
        "company": company.get_company_name(),
        "edition": company.get_license_details().get_paid_type(),
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
