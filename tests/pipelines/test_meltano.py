"""The demo through Meltano into the embedded destination, against the tap's own output."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import datetime
from typing import Any

import duckdb
import pytest
from support.demo import config_for
from support.sample import awkward_sample

from pipelines.conftest import PIPELINE, ROOT, Load, Message, Project, Row, run, uv
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS
from zohocrm_demo import DemoOrganisation, Fault

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]


def emitted(messages: list[Message], stream: str) -> list[Row]:
    """Return the rows that a destination should hold: the last of each key, all columns."""
    [schema] = [m for m in messages if m["type"] == "SCHEMA" and m["stream"] == stream]
    properties = schema["schema"]["properties"]
    rows: dict[Any, Row] = {}
    for number, message in enumerate(messages):
        if message["type"] == "RECORD" and message["stream"] == stream:
            record = message["record"]
            key = tuple(record[name] for name in schema["key_properties"]) or number
            rows[key] = {
                name: spelled(record.get(name), spec.get("format"))
                for name, spec in properties.items()
                if not name.startswith("_sdc_")
            }
    return list(rows.values())


def spelled(value: Any, json_format: str | None) -> Any:
    if value is None or json_format != "date-time":
        return value
    instant = datetime.fromisoformat(value.replace("Z", "+00:00"))
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def in_order(rows: list[Row]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def streams_of(messages: list[Message]) -> list[str]:
    return list(dict.fromkeys(m["stream"] for m in messages if m["type"] == "SCHEMA"))


def test_each_stream_is_a_table_with_all_its_rows(
    first_load: Load, messages: list[Message]
) -> None:
    counts = {stream: len(emitted(messages, stream)) for stream in streams_of(messages)}

    assert counts["modules"] >= 70
    assert {stream: len(first_load.rows(stream)) for stream in counts} == counts


def test_each_value_of_a_module_is_the_taps_own(first_load: Load, messages: list[Message]) -> None:
    assert in_order(first_load.rows("modules")) == in_order(emitted(messages, "modules"))


def test_the_second_run_merges_restores_and_removes(
    second_load: Load, messages: list[Message]
) -> None:
    assert in_order(second_load.rows("modules")) == in_order(emitted(messages, "modules"))
    counts = {stream: len(emitted(messages, stream)) for stream in streams_of(messages)}
    # A row per stream and run: they stay.
    counts["sync_report"] *= 2
    assert {stream: len(second_load.rows(stream)) for stream in counts} == counts


def test_the_second_run_goes_on_from_the_first_ones_state(
    first_load: Load, second_load: Load
) -> None:
    before, after = (load.state["bookmarks"]["Leads"] for load in (first_load, second_load))

    assert before["replication_key_value"] < after["replication_key_value"]
    assert second_load.state["bookmarks"].keys() == first_load.state["bookmarks"].keys()


def test_values_that_a_loader_may_spoil(first_load: Load) -> None:
    columns = (
        "plural_label, epoch(modified_time), modified_by->>'name', json_array_length(profiles)"
    )
    sql = f"SELECT api_name, {columns}, visibility, additional_properties FROM modules"
    rows = {name: values for name, *values in first_load.query(sql)}

    leads = datetime.fromisoformat("2025-04-24T17:32:20+00:00").timestamp()
    assert rows["Leads"] == ["Leads", leads, "Ingrid Solheim", 3, 1, None]
    assert rows["Home"][1:3] == [None, None]
    assert rows["Nohin"][0] == "納品書一覧"
    assert rows["Ziyarat"][0] == "زيارات ميدانية"
    assert rows["Ideas"][0] == "Ideas \N{ELECTRIC LIGHT BULB}"
    assert rows["Google_AdWords"][4] == -1


def test_columns_have_the_types_of_the_schema(first_load: Load) -> None:
    types = dict(first_load.query("SELECT column_name, column_type FROM (DESCRIBE modules)"))

    assert types["id"] == "VARCHAR"
    assert types["modified_time"] == "TIMESTAMP WITH TIME ZONE"
    assert types["visible"] == "BOOLEAN"
    assert types["sequence_number"] == "BIGINT"
    assert types["profiles"] == types["modified_by"] == types["additional_properties"] == "JSON"


def test_config_test(project: Project) -> None:
    done = project.meltano("config", "test", PIPELINE[0])

    assert done.returncode == 0, done.stderr
    assert "Plugin configuration is valid" in done.stdout + done.stderr


def test_select_list_names_what_meltano_reads(project: Project) -> None:
    listed = project.succeed("select", PIPELINE[0], "--list")

    assert "*.*" in listed
    assert "modules.id" in listed
    assert "modules.isBlueprintSupported" in listed


def test_the_demo_reads_all_metadata_and_the_records_of_three_modules(catalog: str) -> None:
    chosen = {
        stream["tap_stream_id"]
        for stream in json.loads(catalog)["streams"]
        for entry in stream["metadata"]
        if not entry["breadcrumb"] and entry["metadata"].get("selected")
    }

    assert chosen == {
        *ENDPOINTS,
        "deleted_records",
        "sync_report",
        "Leads",
        "Contacts",
        "Deals",
    }


def test_without_credentials_the_run_fails_and_says_so(project: Project) -> None:
    done = project.meltano("run", *PIPELINE, environment="dev")

    assert done.returncode == 1
    assert "client_id, client_secret, refresh_token are missing" in done.stderr


def default_run(
    project: Project, demo: DemoOrganisation, **more: str
) -> subprocess.CompletedProcess[str]:
    """Read what is selected by default from an organisation that stands in for an account.

    `more` are further environment variables.
    """
    settings = {"token_cache": False, **config_for(demo)}
    variables = {
        f"TAP_ZOHOCRM_MODULES_{key.upper()}": value if isinstance(value, str) else json.dumps(value)
        for key, value in settings.items()
    }
    return project.meltano("run", *PIPELINE, environment="dev", variables=variables | more)


def test_children_of_records_go_on_from_the_first_ones_state(project: Project) -> None:
    stream = "Deals_Contact_Roles"
    only = {
        "TAP_ZOHOCRM_MODULES_RECORD_MODULES": "[]",
        "TAP_ZOHOCRM_MODULES_CHILD_LISTS": '["Deals.Contact_Roles"]',
        "TAP_ZOHOCRM_MODULES__SELECT": f'["{stream}.*"]',
        "MELTANO_RUN_REFRESH_CATALOG": "true",
    }

    def rows() -> set[tuple[str, str]]:
        with duckdb.connect(str(project.folder / "output" / "dev.duckdb"), read_only=True) as found:
            return {*found.execute(f'SELECT parent_id, id FROM "{stream}"').fetchall()}

    with DemoOrganisation(awkward_sample) as demo:
        organisation = demo.organisation
        organisation.records.resize("Deals", 60)
        of = organisation.children.of_record
        deals = [str(record.id) for record in organisation.records.scan("Deals")]

        def truth() -> set[tuple[str, str]]:
            return {(deal, one.key) for deal in deals for one in of("Deals", deal, "Contact_Roles")}

        first = default_run(project, demo, **only)
        assert first.returncode == 0, first.stderr
        assert rows() == truth() != set()
        deal = next(one for one in deals if of("Deals", one, "Contact_Roles"))
        (gone, *_) = of("Deals", deal, "Contact_Roles")
        organisation.children.remove("Deals", deal, "Contact_Roles", gone.key, touch=True)
        demo.settable_clock.advance(60)
        second = default_run(project, demo, **only)
        assert second.returncode == 0, second.stderr
        assert "children of 1 record read" in second.stderr
        assert rows() == truth()


def test_a_run_of_the_default_selection_has_at_most_sixty_lines(project: Project) -> None:
    with DemoOrganisation(awkward_sample) as demo:
        done = default_run(project, demo)
    lines = done.stderr.splitlines()
    assert done.returncode == 0, done.stderr
    assert len(lines) <= 60
    for stream in ("modules", "fields", "users"):
        assert sum(re.search(rf"\b{stream}: \d", line) is not None for line in lines) == 1


def test_the_cause_of_a_failure_is_in_the_last_ten_lines(project: Project) -> None:
    with DemoOrganisation(awkward_sample) as demo:
        refusal = Fault.error(403, "NO_PERMISSION")
        demo.inject("/crm/v8/settings/roles*", refusal, times=None)
        done = default_run(project, demo)
    assert done.returncode == 1
    assert "roles: GET /crm/v8/settings/roles" in "".join(done.stderr.splitlines()[-10:])


@pytest.mark.usefixtures("second_load")
def test_meltano_neither_warns_of_what_is_deprecated_nor_asks_its_hub(project: Project) -> None:
    transcript = "".join(project.transcript)

    assert "Run completed" in transcript
    assert "deprecat" not in transcript.lower()
    assert "hub" not in transcript.lower()


@pytest.mark.usefixtures("second_load")
def test_meltano_leaves_the_checkout_as_it_was(project: Project) -> None:
    # Or the README's second command would find another meltano.yml than the first did.
    name = "meltano.yml"
    assert (project.folder / name).read_text("utf-8") == (ROOT / name).read_text("utf-8")


def test_singer_check_tap_finds_nothing_wrong(project: Project, tap_output: str) -> None:
    checker = [uv(), "tool", "run", "--from", "singer-tools==0.4.1", "singer-check-tap"]
    done = run(checker, folder=project.folder, stdin=tap_output)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "The output is valid." in done.stdout + done.stderr


def test_singer_check_tap_finds_what_is_wrong(project: Project, tap_output: str) -> None:
    spoilt = tap_output.replace('"sequence_number":1,', '"sequence_number":"one",', 1)
    assert spoilt != tap_output
    checker = [uv(), "tool", "run", "--from", "singer-tools==0.4.1", "singer-check-tap"]

    assert run(checker, folder=project.folder, stdin=spoilt).returncode != 0
