"""The whole table each time: what Zoho no longer has disappears, and never by mistake."""

from __future__ import annotations

from typing import Any

import pytest
from support.demo import MODULES, calls_of, metadata_catalog, module_ids, read
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation, Fault

FIELDS = "/crm/v8/settings/fields"
ACTIVATE: dict[str, Any] = {"emit_activate_version_messages": True}


def test_activate_version_comes_when_asked_for_and_after_the_last_record(
    demo: DemoOrganisation,
) -> None:
    run = read(demo, **ACTIVATE)
    assert run.code == 0
    assert run.types == ["SCHEMA", "RECORD", "ACTIVATE_VERSION", "STATE"]
    (activation,) = run.of_type("ACTIVATE_VERSION")
    assert activation["stream"] == "modules"
    assert {record["version"] for record in run.of_type("RECORD")} == {activation["version"]}


def test_activate_version_does_not_come_unasked(demo: DemoOrganisation) -> None:
    run = read(demo)
    assert run.types == ["SCHEMA", "RECORD", "STATE"]
    assert all("version" not in record for record in run.of_type("RECORD"))


def test_versions_grow_from_run_to_run(demo: DemoOrganisation) -> None:
    first, second = (read(demo, **ACTIVATE).of_type("ACTIVATE_VERSION")[0] for _ in range(2))
    assert second["version"] >= first["version"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault.error(500, "INTERNAL_ERROR"),
        Fault.error(403, "NO_PERMISSION"),
        Fault.error(401, "INVALID_TOKEN"),
        Fault.cut(5_000),
        Fault(status=200, body="{}", content_type="application/json"),
        Fault(status=200, body='{"modules":[{}]}', content_type="application/json"),
    ],
)
@pytest.mark.parametrize("ignore", [False, True])
def test_a_failure_never_activates_a_version(
    demo: DemoOrganisation, fault: Fault, *, ignore: bool
) -> None:
    demo.inject(MODULES, fault, times=None)
    run = read(demo, ignore_missing_permissions=ignore, **ACTIVATE)
    assert run.types == ["SCHEMA", "STATE"]


def test_an_organisation_without_modules_is_activated_all_the_same(demo: DemoOrganisation) -> None:
    demo.organisation.modules.clear()
    run = read(demo, **ACTIVATE)
    assert run.code == 0
    assert run.types == ["SCHEMA", "ACTIVATE_VERSION", "STATE"]


def test_a_module_removed_between_runs_is_not_in_the_second(demo: DemoOrganisation) -> None:
    before = read(demo, **ACTIVATE)
    removed = demo.organisation.modules.pop(10)
    after = read(demo, state=before.state, **ACTIVATE)
    assert removed["id"] in {row["id"] for row in before.rows}
    assert removed["id"] not in {row["id"] for row in after.rows}
    assert len(after.rows) == len(before.rows) - 1
    assert after.types[-2:] == ["ACTIVATE_VERSION", "STATE"]


@pytest.mark.parametrize(
    "statuses",
    [
        ["visible"],
        ["user_hidden"],
        ["system_hidden", "scheduled_for_deletion"],
        ["visible", "user_hidden", "system_hidden", "scheduled_for_deletion"],
    ],
)
def test_only_modules_of_the_statuses_asked_for_are_read(
    demo: DemoOrganisation, statuses: list[str]
) -> None:
    run = read(demo, module_statuses=statuses)
    status = {module["id"]: module["status"] for module in demo.organisation.modules}
    expected = [module_id for module_id in module_ids(demo) if status[module_id] in statuses]
    assert [row["id"] for row in run.rows] == expected
    assert expected
    assert demo.calls[-1].params == {"status": ",".join(statuses)}


def test_no_statuses_mean_all(demo: DemoOrganisation) -> None:
    run = read(demo, module_statuses=[])
    assert [row["id"] for row in run.rows] == module_ids(demo)
    assert demo.calls[-1].params == {}
    assert calls_of(demo, MODULES) == 1


@pytest.mark.parametrize("ignore", [False, True])
def test_modules_that_may_not_be_read_leave_the_others_fresh(*, ignore: bool) -> None:
    organisation = awkward_sample()
    keep = {"Leads", "Contacts", "Deals", "Accounts"}
    organisation.modules[:] = [m for m in organisation.modules if m["api_name"] in keep]
    with DemoOrganisation(organisation) as demo:
        for number in (2, 3):
            demo.inject(FIELDS, Fault.error(403, "NO_PERMISSION"), nth=number)
        settings = {**ACTIVATE, "max_concurrency": 1, "ignore_missing_permissions": ignore}
        run = read(demo, catalog=metadata_catalog(fields={}), record_modules=[], **settings)
        asked = [call.params["module"] for call in demo.calls if call.path == FIELDS]
    assert run.types[-2:] == ["ACTIVATE_VERSION", "STATE"]
    assert {row["module_api_name"] for row in run.rows} == {asked[0], asked[3]}
    line = [line for line in run.stderr.splitlines() if "Nor could it be read for" in line][-1]
    assert asked[1] in line
    assert asked[2] in line
    assert f"removes what earlier runs read of {asked[1]}, {asked[2]}" in run.stderr
    assert run.code == (0 if ignore else 1)
    assert ("ignore_missing_permissions" in line) == (not ignore)
