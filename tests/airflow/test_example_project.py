"""examples/meltano, as docs/meltano.md says to use it: its commands, as they stand."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml
from destinations.plugins import attempt, run
from destinations.postgres_server import PASSWORD, USER, PostgresServer
from pipelines.conftest import ROOT, clean_environment
from support.sample import awkward_sample

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]

DATABASE = "as_in_the_docs"
MODULES = ("Leads", "Contacts", "Accounts", "Deals")
CHANGED = "Modified_Time"
# All streams that the project selects; all their 31,300 records would take the loader minutes.
START = datetime(2025, 6, 1, tzinfo=timezone.utc)
PAGE = (ROOT / "docs" / "meltano.md").read_text("utf-8")
COMMANDS = re.findall(r"^<!-- tested -->\n```sh\n(.+?)\n```$", PAGE, re.MULTILINE)
IN_THE_PROJECT = [command for command in COMMANDS if "--environment=demo" in command]
IN_ONES_OWN = [command for command in COMMANDS if command.startswith("meltano add")]


@pytest.fixture(scope="module")
def variables(path: dict[str, str], postgres: PostgresServer) -> dict[str, str]:
    return path | {
        "TARGET_POSTGRES_HOST": "127.0.0.1",
        "TARGET_POSTGRES_PORT": str(postgres.port),
        "TARGET_POSTGRES_USER": USER,
        "TARGET_POSTGRES_PASSWORD": PASSWORD,
        "TARGET_POSTGRES_DATABASE": DATABASE,
        "TAP_ZOHOCRM_MODULES_START_DATE": f"{START:%Y-%m-%d}",
    }


@pytest.fixture(scope="module")
def expected() -> dict[str, int]:
    """How many rows a table has to have."""
    organisation = awkward_sample()
    records = organisation.records
    counts = {
        # Records that tell no time are read whatever the start.
        name: sum((row[CHANGED] or START) >= START for row in records.read(name, CHANGED))
        for name in MODULES
    }
    assert sum(counts.values()) > 4_000
    return counts | {"modules": len(organisation.modules)}


@pytest.fixture(scope="module")
def outputs(project: Path, variables: dict[str, str], postgres: PostgresServer) -> dict[str, str]:
    """What each command after the installation printed, by command."""
    postgres.create(DATABASE)
    printed = {}
    for command in IN_THE_PROJECT[1:]:
        done = run(["sh", "-c", command], folder=project, variables=variables, timeout=400)
        printed[command] = done.stdout + done.stderr
    return printed


def test_the_docs_have_commands_of_both_kinds(installation: str) -> None:
    assert IN_THE_PROJECT[0] == installation
    assert len(IN_THE_PROJECT) >= 6
    assert len(IN_ONES_OWN) == 1
    assert len(IN_THE_PROJECT) + len(IN_ONES_OWN) == len(COMMANDS)


def test_metadata_and_records_are_loaded(
    outputs: dict[str, str], postgres: PostgresServer, expected: dict[str, int]
) -> None:
    assert outputs["meltano --environment=demo run metadata"].count("Run completed") == 1
    assert outputs["meltano --environment=demo run records"].count("Run completed") == 1
    for table, rows in expected.items():
        (found,) = postgres.rows(DATABASE, f'SELECT count(*) AS n FROM zoho_crm_demo."{table}"')
        assert found["n"] == rows, table


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_after_a_killed_run_the_docs_help(
    project: Path,
    variables: dict[str, str],
    postgres: PostgresServer,
    expected: dict[str, int],
    tmp_path: Path,
) -> None:
    database = "killed"
    postgres.create(database)
    ours = variables | {"TARGET_POSTGRES_DATABASE": database}
    words = ["meltano", "--environment=demo", "run", "--state-id-suffix=killed", "records"]
    said = tmp_path / "said"
    with said.open("wb") as log:
        killed = subprocess.Popen(words, cwd=project, env=clean_environment() | ours, stderr=log)
        until = time.monotonic() + 120
        while b"Access token obtained" not in said.read_bytes() and time.monotonic() < until:
            time.sleep(0.1)
        killed.kill()
        killed.wait(20)
    refused = attempt(words, folder=project, variables=ours)
    assert refused.returncode == 1
    assert "pipeline is already running" in refused.stderr
    run([*words, "--force"], folder=project, variables=ours, timeout=400)
    for module in MODULES:
        (found,) = postgres.rows(database, f'SELECT count(*) AS n FROM zoho_crm_demo."{module}"')
        assert found["n"] == expected[module], module
    page = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
    assert "| `pipeline is already running` |" in page
    assert "`meltano run --force`" in page


def test_each_job_has_its_own_state(outputs: dict[str, str], project: Path) -> None:
    listed = outputs["meltano --environment=demo state list"]
    for extractor, stream in (("zoho-crm-metadata", "modules"), ("zoho-crm-records", "Leads")):
        name = f"demo:{extractor}-to-target-postgres"
        assert name in listed
        state = json.loads((project / "state" / name / "state.json").read_text("utf-8"))
        assert stream in state["completed"]["singer_state"]["bookmarks"]


@pytest.mark.usefixtures("outputs")
def test_meltano_leaves_the_project_as_it_was(project: Path) -> None:
    for file in (ROOT / "examples" / "meltano").glob("*.yml"):
        assert (project / file.name).read_text("utf-8") == file.read_text("utf-8")


def test_selection_and_configuration_are_valid(outputs: dict[str, str]) -> None:
    assert "Leads.Last_Name" in outputs["meltano --environment=demo select zoho-crm-records --list"]
    tested = outputs["meltano --environment=demo config test zoho-crm-metadata"]
    assert "Plugin configuration is valid" in tested


@pytest.fixture(scope="module")
def dumped(project: Path, path: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What Meltano makes of the snippets on choosing streams: the catalog's metadata by stream."""
    page = (ROOT / "docs" / "how-to" / "choose-streams.md").read_text("utf-8")
    chosen, metadata = map(yaml.safe_load, re.findall(r"```yaml\n(.+?)```", page, re.DOTALL))
    modules = [*chosen["config"]["record_modules"], *metadata["metadata"]]
    select = [*chosen["select"], *(f"{stream}.*" for stream in metadata["metadata"])]
    variables = path | {
        "ZOHO_CRM_RECORDS_RECORD_MODULES": json.dumps(modules),
        "ZOHO_CRM_RECORDS__SELECT": json.dumps(select),
        "ZOHO_CRM_RECORDS__METADATA": json.dumps(metadata["metadata"]),
    }
    command = "meltano --environment=demo invoke --dump=catalog zoho-crm-records"
    done = run(["sh", "-c", command], folder=project, variables=variables)
    return {
        stream["tap_stream_id"]: {
            ".".join(item["breadcrumb"][1:]): item["metadata"] for item in stream["metadata"]
        }
        for stream in json.loads(done.stdout)["streams"]
    }


def test_the_selection_of_the_docs_selects_what_they_say(dumped: dict[str, dict[str, Any]]) -> None:
    selected = {stream for stream, metadata in dumped.items() if metadata[""].get("selected")}
    assert selected == {"modules", "fields", "Leads", "Deals", "Sensors_X_Partners"}
    left_out = {name for name, item in dumped["Deals"].items() if not item.get("selected")}
    assert left_out == {"Description"}


def test_the_metadata_of_the_docs_makes_a_stream_be_read_whole(
    dumped: dict[str, dict[str, Any]],
) -> None:
    # tests/contract/catalog/test_replication_method.py shows that the tap then does so.
    assert dumped["Sensors_X_Partners"][""]["replication-method"] == "FULL_TABLE"


def test_what_is_scheduled_is_what_airflow_runs(outputs: dict[str, str]) -> None:
    listed = outputs["meltano --environment=demo schedule list"]
    assert re.search(r"@daily.+metadata", listed)
    assert re.search(r"@hourly.+records", listed)


def test_the_hubs_definition_can_be_added_to_any_project(
    path: dict[str, str], tmp_path: Path
) -> None:
    run(["sh", "-c", "meltano init own"], folder=tmp_path, variables=path)
    own = tmp_path / "own"
    shutil.copy(ROOT / "docs" / "meltano-hub" / "tap-zohocrm-modules.yml", own)
    run(["sh", "-c", IN_ONES_OWN[0]], folder=own, variables=path)
    added = (own / "meltano.yml").read_text("utf-8")
    assert "name: tap-zohocrm-modules" in added
    assert "namespace: tap_zohocrm_modules" in added
