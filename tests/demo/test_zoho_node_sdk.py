"""Zoho's own client for Node.js reads and writes the demo organisation, as npm installs it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from zohocrm_demo import DemoOrganisation, sample_organisation

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(900)]

SDK = "@zohocrm/nodejs-sdk-8.0@2.0.0"
PROBE = Path(__file__).with_name("zoho_node_sdk_probe.mjs")


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Node.js finds the SDK."""
    npm = shutil.which("npm")
    assert npm, "npm is missing"
    folder = tmp_path_factory.mktemp("node")
    (folder / "package.json").write_text('{"private": true}', "utf-8")
    subprocess.run([npm, "install", "--silent", "--no-audit", SDK], cwd=folder, check=True)
    return folder


def test_zohos_sdk_for_node_makes_26_calls(modules: Path, tmp_path: Path) -> None:
    organisation = sample_organisation(sample="plain")
    leads = organisation.records.count("Leads")
    converted = sum(row["Converted__s"] for row in organisation.records.read("Leads"))
    with DemoOrganisation(organisation) as demo:
        order = {
            "api_url": demo.api_url,
            "accounts_url": demo.accounts_url,
            "client_id": demo.client_id,
            "client_secret": demo.client_secret,
            "refresh_token": demo.refresh_token,
            "folder": str(tmp_path),
            "modules": str(modules),
        }
        run = subprocess.run(
            ["node", str(PROBE)],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            check=False,
        )
        statuses = {call.status for call in demo.calls}
    assert run.returncode == 0, run.stderr
    seen = json.loads(run.stdout)

    assert len(seen) == 26
    assert statuses <= {200, 201, 204, 207}
    assert set(seen["modules"]) == {one["api_name"] for one in organisation.modules}
    assert seen["module"] == "Leads"
    assert seen["organization"] == organisation.company["company_name"]
    for name in ("roles", "profiles", "currencies"):
        assert seen[name] == len(organisation.content(name)), name
    assert seen["tags"] == [tag["name"] for tag in organisation.tags["Leads"]]
    assert {"Last_Name", "Email"} <= set(seen["fields"])
    assert seen["layouts"] == len(organisation.layouts["Leads"])
    (_, ada), (_, eve), (refused, _) = seen["created"]
    assert refused == "MANDATORY_NOT_FOUND"
    assert seen["updated"] == [["SUCCESS", ada]]
    assert seen["updated one"] == seen["upserted"] == seen["deleted one"] == [["SUCCESS", eve]]
    assert seen["one"] == "Engines and Sons"
    assert (seen["by criteria"], seen["by email"], seen["queried"]) == ([ada], [eve], ["Eva"])
    assert seen["counted"] == leads - converted + 2
    assert [code for code, _ in (*seen["noted"], *seen["attached"])] == ["SUCCESS", "SUCCESS"]
    assert [code for code, _ in seen["deleted"]] == ["SUCCESS", "INVALID_DATA"]
    assert {ada, eve} <= set(seen["gone"])
