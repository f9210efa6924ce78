"""Zoho's own client reads the demo organisation: a witness that had no hand in writing it."""

from __future__ import annotations

import dataclasses
import itertools
import json
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.sample import awkward_sample

from zohocrm_demo import Call, DemoOrganisation, Organisation
from zohocrm_demo.organisation.references import Row

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(600)]

SDK = "zohocrmsdk8-0==7.0.0"
MODULE = "Leads"
PROBE = Path(__file__).with_name("zoho_sdk_probe.py")
NO_LAYOUTS = ("subform", "static_subform", "linking", "field_tracker", "picklisttracker")
PATHS = yaml.safe_load(Path(__file__).with_name("zoho_sdk_paths.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has the SDK; its pinned dependencies would spoil ours."""
    place = tmp_path_factory.mktemp("zoho-sdk") / "venv"
    interpreter = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run(["uv", "venv", "-q", "-p", sys.executable, str(place)], check=True)
    subprocess.run(["uv", "pip", "install", "-q", "-p", str(interpreter), SDK], check=True)
    return interpreter


@dataclasses.dataclass(frozen=True)
class Witness:
    """What the SDK found in an organisation, and the calls that it made."""

    organisation: Organisation
    found: dict[str, Any]
    calls: tuple[Call, ...]


@pytest.fixture(scope="module")
def witness(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Witness:
    with DemoOrganisation(awkward_sample) as demo:
        order = {
            "api_url": demo.api_url,
            "accounts_url": demo.accounts_url,
            "client_id": demo.client_id,
            "client_secret": demo.client_secret,
            "refresh_token": demo.refresh_token,
            "folder": str(tmp_path_factory.mktemp("zoho-sdk-files")),
            "modules": readable(demo.organisation),
            "one": {name: int_id(rows[0]) for name, rows in singles(demo.organisation).items()}
            | {
                "module": MODULE,
                "views": [(module, int_id(view)) for module, view in some_views(demo.organisation)],
            },
            "paths": PATHS,
        }
        run = subprocess.run(
            [str(python), str(PROBE)],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        return Witness(demo.organisation, json.loads(run.stdout), demo.calls)


def readable(organisation: Organisation) -> list[str]:
    return [module["api_name"] for module in organisation.modules if module["api_supported"]]


def singles(organisation: Organisation) -> dict[str, list[Row]]:
    """The rows that are asked for one by one."""
    return {
        "layout": organisation.layouts[MODULE][:1],
        "role": organisation.roles[1:2],
        "profile": organisation.profiles[2:3],
        "user": organisation.users[1:2],
        "currency": organisation.currencies[1:2],
    }


def some_views(organisation: Organisation) -> list[tuple[str, Row]]:
    """All views of a few modules, so that each kind of criteria is among them."""
    views = organisation.custom_views
    return [(module, view) for module in (MODULE, "Deals", "Sensors") for view in views[module]]


def int_id(row: Row) -> int:
    return int(row["id"])


def expected_at(value: Any, path: str) -> Any:
    """Return the value at a dotted path, through lists as through objects."""
    if isinstance(value, list):
        return [expected_at(item, path) for item in value]
    if value is None or not path:
        return value
    name, _, rest = path.partition(".")
    return expected_at(value.get(name), rest)


def comparable(value: Any) -> Any:
    """Return what the same value has in common in JSON and in the SDK, which makes ids numbers."""
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    try:
        return datetime.fromisoformat(str(value)).astimezone(timezone.utc)
    except ValueError:
        return str(value)


def assert_told(found: list[Row], rows: list[Row], family: str) -> None:
    """Compare what the SDK returns of each row with the row in the demo organisation."""
    assert len(found) == len(rows), family
    for one, row in zip(found, rows, strict=True):
        for path in PATHS[family]:
            returned, expected = comparable(one[path]), comparable(expected_at(row, path))
            assert returned == expected, f"{family} {row.get('id')} {path}"


@pytest.mark.parametrize("family", [name for name in PATHS if not name.startswith("one ")])
def test_every_value_is_there_somewhere(witness: Witness, family: str) -> None:
    found = witness.found[family]
    if isinstance(found, dict):
        assert list(found) == readable(witness.organisation)
    rows = found if isinstance(found, list) else itertools.chain.from_iterable(found.values())
    returned = [row for row in rows if isinstance(row, dict)]
    there = {path for row in returned for path in row if flattened(row[path]) - {None}}
    assert set(PATHS[family]) - there == set()


def flattened(value: Any) -> set[Any]:
    return (
        {leaf for one in value for leaf in flattened(one)} if isinstance(value, list) else {value}
    )


def test_modules(witness: Witness) -> None:
    modules = witness.organisation.modules
    assert_told(witness.found["modules"], modules, "modules")
    (leads,) = [module for module in modules if module["api_name"] == MODULE]
    (found,) = witness.found["one module"]
    assert found.pop("custom_view.name") == "All Leads"
    assert found == {
        "id": int_id(leads),
        "api_name": leads["api_name"],
        "singular_label": leads["singular_label"],
    }


def test_fields(witness: Witness) -> None:
    for module, found in witness.found["fields"].items():
        fields = witness.organisation.fields.get(module, [])
        assert_told(found, [field for field in fields if field["type"] == "used"], "fields")


@pytest.mark.parametrize("family", ["layouts", "custom_views"])
def test_layouts_and_custom_views(witness: Witness, family: str) -> None:
    made = getattr(witness.organisation, family)
    kinds = {m["api_name"]: m["generated_type"] for m in witness.organisation.modules}
    for module, found in witness.found[family].items():
        if kinds[module] in NO_LAYOUTS:
            assert found == [400, "NOT_SUPPORTED"], module
        else:
            assert_told(found, made.get(module, []), family)


def test_one_layout(witness: Witness) -> None:
    assert_told(witness.found["one layout"], singles(witness.organisation)["layout"], "one layout")


def test_custom_views_with_their_criteria(witness: Witness) -> None:
    expected = [[view] for _, view in some_views(witness.organisation)]
    assert any("group" in (view.get("criteria") or {}) for (view,) in expected)
    for found, view in zip(witness.found["one custom view"], expected, strict=True):
        assert_told(found, view, "one custom view")


def test_related_lists(witness: Witness) -> None:
    made = witness.organisation.related_lists
    for module, found in witness.found["related_lists"].items():
        assert_told(found, made.get(module, []), "related_lists")


def test_roles_and_profiles(witness: Witness) -> None:
    organisation, found = witness.organisation, witness.found
    assert_told(found["roles"], organisation.roles, "roles")
    assert_told(found["one role"], singles(organisation)["role"], "one role")
    assert_told(found["profiles"], organisation.profiles, "profiles")


def test_the_permissions_of_a_profile(witness: Witness) -> None:
    organisation = witness.organisation
    (profile,) = singles(organisation)["profile"]
    granted = set(organisation.granted_permissions[profile["id"]])
    details = [{**row, "enabled": row["id"] in granted} for row in organisation.permissions]
    assert {row["enabled"] for row in details} == {True, False}
    (found,) = witness.found["one profile"]
    sections = found.pop("sections.name"), found.pop("sections.categories.name")
    listed = found.pop("sections.categories.permissions_details")
    expected = {**profile, "permissions_details": details}
    for path, returned in found.items():
        assert comparable(returned) == comparable(expected_at(expected, path)), path
    assert sections[0] == ["ModulePermissions", "AdminPermissions"]
    assert MODULE in sections[1][0]
    ids = [str(one) for section in listed for category in section for one in category]
    assert sorted(ids) == sorted(row["id"] for row in organisation.permissions)


def test_users_on_several_pages(witness: Witness) -> None:
    organisation = witness.organisation
    there = [user for user in organisation.users if user["status"] != "deleted"]
    assert len(there) > 200
    assert_told(witness.found["users"], there, "users")
    assert_told(witness.found["one user"], singles(organisation)["user"], "one user")


def test_org_and_currencies(witness: Witness) -> None:
    organisation, found = witness.organisation, witness.found
    assert_told(found["org"], [organisation.company], "org")
    assert_told(found["currencies"], organisation.currencies, "currencies")
    assert_told(found["one currency"], singles(organisation)["currency"], "one currency")


def test_a_module_that_is_none(witness: Witness) -> None:
    assert witness.found["wrong"] == [400, "INVALID_MODULE"]


def test_one_token_and_no_answer_but_documented_ones(witness: Witness) -> None:
    assert sum(call.path == "/oauth/v2/token" for call in witness.calls) == 1
    assert {call.status for call in witness.calls} == {200, 204, 400}
