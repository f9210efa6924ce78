"""Zoho's own client reads the demo organisation: a witness that had no hand in writing it."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tap_zohocrm_modules.demo import DemoOrganisation

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(600)]

SDK = "zohocrmsdk8-0==7.0.0"
PROBE = Path(__file__).with_name("zoho_sdk_probe.py")


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has the SDK; its pinned dependencies would spoil ours."""
    place = tmp_path_factory.mktemp("zoho-sdk") / "venv"
    interpreter = place / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    subprocess.run(["uv", "venv", "-q", "-p", sys.executable, str(place)], check=True)
    subprocess.run(["uv", "pip", "install", "-q", "-p", str(interpreter), SDK], check=True)
    return interpreter


def equal_instants(one: str | None, other: str | None) -> bool:
    if one is None or other is None:
        return one is other
    return datetime.fromisoformat(one) == datetime.fromisoformat(other)


def test_zohos_sdk_reads_modules_fields_and_org(
    demo: DemoOrganisation, python: Path, tmp_path: Path
) -> None:
    organisation = demo.organisation
    readable = [module for module in organisation.modules if module["api_supported"]]
    given = {
        "api_url": demo.api_url,
        "accounts_url": demo.accounts_url,
        "client_id": demo.client_id,
        "client_secret": demo.client_secret,
        "refresh_token": demo.refresh_token,
        "folder": str(tmp_path),
        "modules": [module["api_name"] for module in readable],
    }
    run = subprocess.run(
        [str(python), str(PROBE)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)

    for module, seen in zip(organisation.modules, found["modules"], strict=True):
        for key in ("id", "api_name", "plural_label", "generated_type", "status"):
            assert seen[key] == module[key]
        assert equal_instants(seen["modified_time"], module["modified_time"])
        assert seen["modified_by"] == (module["modified_by"] or {}).get("id")
        assert seen["profiles"] == [profile["name"] for profile in module["profiles"]]
    for name, fields in found["fields"].items():
        used = [f for f in organisation.fields.get(name, []) if f["type"] == "used"]
        assert fields == [[f["id"], f["api_name"], f["data_type"]] for f in used]
    assert found["one"] == {"api_name": "Leads", "view": "All Leads"}
    assert found["wrong"] == [400, "INVALID_MODULE"]
    assert found["company"] == organisation.company["company_name"]
    assert found["edition"] == "enterprise"
    assert sum(call.path == "/oauth/v2/token" for call in demo.calls) == 1
    assert {call.status for call in demo.calls} == {200, 204, 400}
