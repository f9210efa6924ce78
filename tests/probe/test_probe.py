"""`--probe`: an altered organisation is named by the assumption that it breaks, and by no other."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from support.altered import altered, refusal
from support.cases import sample
from support.demo import config_for
from support.records import read_records
from support.run import Run, run_tap
from support.sample import awkward_sample

from probe.alterations import ALTERED, queries
from tap_zohocrm_modules.probe.assumption import assumptions
from zohocrm_demo import DemoOrganisation, Organisation

RELIED = {one.id for one in assumptions() if one.relied}


@pytest.fixture(scope="module")
def organisation() -> Organisation:
    return awkward_sample()


def probe(demo: DemoOrganisation, form: str = "json", **settings: Any) -> Run:
    return run_tap("--probe", form, config=config_for(demo, **settings))


def found(run: Run) -> dict[str, Any]:
    return {one["id"]: one for one in json.loads(run.stdout)}


@pytest.mark.thorough
def test_what_the_sample_organisation_does_is_what_the_tap_assumes(
    organisation: Organisation,
) -> None:
    with altered(organisation, lambda _, real: real) as demo:
        run = probe(demo)
        table = probe(demo, "table")
    assert run.code == table.code == 0, run.stderr
    assert {name for name, one in found(run).items() if one["holds"] is False} == set()
    unseen = {name for name, one in found(run).items() if one["holds"] is None}
    assert unseen <= {"display_values", "throttled_credits", "headers"}
    keys = ["id", "assumption", "documented", "seen", "holds", "tap"]
    assert all([*one] == keys for one in found(run).values())
    assert [*found(run)] == [one.id for one in assumptions()]
    spent = int(re.findall(rb"(\d+) credits spent", table.stdout)[0])
    assert spent <= 60 + 50
    assert b"paste this into an issue" in table.stdout


@pytest.mark.parametrize(
    "broken", sample(ALTERED, "since_is_inclusive", "export_separator", "composite_fields")
)
def test_what_is_altered_is_named_and_nothing_else(organisation: Organisation, broken: str) -> None:
    with altered(organisation, ALTERED[broken]) as demo:
        run = probe(demo)
    assert {name for name, one in found(run).items() if one["holds"] is False} == {broken}
    assert run.code == (broken in RELIED)


def test_what_was_seen_in_life_costs_no_record() -> None:
    with DemoOrganisation(awkward_sample, profile="wild") as demo:
        run = probe(demo)
    assert run.code == 0, run.stderr
    # A query that fails once with nothing wrong in it shows nothing of LIMIT.
    names = {name for name, one in found(run).items() if one["holds"] is False}
    assert names == {"unknown_field"}


def test_it_shows_no_value_of_any_record() -> None:
    organisation, modules = awkward_sample(), {"Leads", "Contacts", "Sensors", "Accounts"}
    store = organisation.records
    for module in modules:
        store.resize(module, 150)
    with altered(organisation, lambda _, real: real) as demo:
        runs = [probe(demo, form) for form in ("json", "table")]
        asked = {call.path.rpartition("/")[2] for call in demo.calls}
    written = " ".join(run.stdout.decode() + run.stderr for run in runs)
    planted = set()
    for module in asked & modules:
        fields = [
            name
            for name, field in store.fields(module).items()
            if field["data_type"] in {"text", "email", "phone", "website", "textarea"}
        ]
        planted |= {
            str(row[name])
            for row in store.read(module, "id", *fields)
            for name in ("id", *fields)
            if isinstance(row[name], str) and len(row[name]) > 5
        }
    assert len(planted) > 500
    assert not [value for value in planted if value in written]


def test_each_assumption_says_all_that_a_reader_needs() -> None:
    every = assumptions()
    assert len({one.id for one in every}) == len(every)
    for one in every:
        assert one.assumption.endswith(".")
        assert one.documented.endswith(".")
        assert one.tap.endswith(".")


def test_a_token_without_scopes_still_learns_the_rest(organisation: Organisation) -> None:
    scopes = ("ZohoCRM.modules.READ", "ZohoCRM.settings.ALL", "ZohoCRM.org.READ")
    with DemoOrganisation(organisation, scopes=scopes) as demo:
        run = probe(demo)
    assert run.code == 0, run.stderr
    one = found(run)
    assert one["export_zone"]["holds"] is None
    assert "OAUTH_SCOPE_MISMATCH" in one["query_limit"]["seen"]
    assert one["since_is_inclusive"]["holds"] is True


@pytest.mark.thorough
def test_runs_ask_as_the_probe_saw_that_they_may(
    organisation: Organisation, tmp_path: Path
) -> None:
    cache = {"token_cache_dir": str(tmp_path / "cache")}
    alter = queries("limit 2000", lambda _: refusal("LIMIT_EXCEEDED"))

    def limits(demo: DemoOrganisation, **settings: Any) -> set[str]:
        before = len(demo.calls)
        run = read_records(demo, "Leads", read_path="coql", **settings)
        assert run.code == 0, run.stderr
        bodies = [call.body.decode() for call in demo.calls[before:] if call.path.endswith("/coql")]
        return {*re.findall(r"limit \d+", "".join(bodies))}

    with altered(organisation, alter) as demo:
        assert "limit 2000" in limits(demo, **cache)
        assert probe(demo, **cache).code == 0
        assert limits(demo, **cache) == {"limit 200"}
        # Of another organisation, and without a cache, nothing is known.
        assert "limit 2000" in limits(demo, token_cache=False)
        notes = next((tmp_path / "cache").glob("*.probe"))
        assert notes.stat().st_mode & 0o077 == 0
        for text in (b"{", notes.read_bytes().replace(b'"seen_at":"20', b'"seen_at":"19')):
            notes.write_bytes(text)
            assert "limit 2000" in limits(demo, **cache)
