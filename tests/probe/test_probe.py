"""`--probe`: an altered organisation is named by the assumption that it breaks, and by no other."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.altered import (
    Alter,
    altered,
    answer,
    refusal,
    rows_of,
    with_cells,
    with_rows,
)
from support.cases import sample
from support.demo import config_for
from support.records import read_records
from support.run import Run, run_tap
from support.sample import awkward_sample

from tap_zohocrm_modules.probe.assumption import assumptions
from tap_zohocrm_modules.zoho.transport.instants import parse
from zohocrm_demo import DemoOrganisation, Organisation
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request

MODULE = re.compile(r"/crm/v8/[A-Z]\w+")
RELIED = {one.id for one in assumptions() if one.relied}


@pytest.fixture(scope="module")
def organisation() -> Organisation:
    return awkward_sample()


def probe(demo: DemoOrganisation, form: str = "json", **settings: Any) -> Run:
    return run_tap("--probe", form, config=config_for(demo, **settings))


def found(run: Run) -> dict[str, Any]:
    return {one["id"]: one for one in json.loads(run.stdout)}


def params(request: Request) -> dict[str, str]:
    return dict(request.pairs)


def lists(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Alter:
    """Change each row of lists of records."""

    def alter(request: Request, real: Answer) -> Answer:
        if not MODULE.fullmatch(request.path) or not rows_of(real):
            return real
        return with_rows(real, [change(row) for row in rows_of(real)])

    return alter


def queries(holding: str, change: Callable[[Answer], Answer]) -> Alter:
    """Change the answers of queries that hold a text."""
    return lambda request, real: (
        change(real)
        if request.path.endswith("/coql") and holding.encode() in request.body
        else real
    )


def exports(change: Callable[[str], str], before: bytes = b"") -> Alter:
    """Change the cells of exports, and what is before them."""
    return lambda request, real: (
        with_cells(real, change, before) if request.path.endswith("/result") else real
    )


def exclusive(request: Request, real: Answer) -> Answer:
    since = request.headers.get("if-modified-since")
    if since is None or not rows_of(real):
        return real
    rows = [row for row in rows_of(real) if parse(row["Modified_Time"]) != parse(since)]
    return with_rows(real, rows) if rows else Answer(304)


def token_refused(request: Request, real: Answer) -> Answer:
    is_both = "page_token" in params(request) and "if-modified-since" in request.headers
    return refusal("TOKEN_BOUND_DATA_MISMATCH") if is_both else real


def reversed_page(request: Request, real: Answer) -> Answer:
    asked = params(request)
    if asked.get("sort_order") != "asc" or asked.get("per_page") != "5":
        return real
    return with_rows(real, rows_of(real)[::-1])


def unknown_ignored(request: Request, real: Answer) -> Answer:
    if "No_Such" not in params(request).get("fields", ""):
        return real
    return answer({"data": [{"id": "1"}], "info": {"more_records": False, "count": 1}})


def plain_layout(request: Request, real: Answer) -> Answer:
    if request.path.endswith("/settings/fields"):
        rows = [
            {**row, "data_type": "bigint", "json_type": "string"}
            if row["api_name"] == "Layout"
            else row
            for row in rows_of(real, "fields")
        ]
        return with_rows(real, rows, "fields")
    return lists(lambda row: {**row, **({"Layout": "7"} if row.get("Layout") else {})})(
        request, real
    )


def renamed(request: Request, real: Answer) -> Answer:
    """Show every value of picklists by another name, which records do not hold."""
    rows = rows_of(real, "fields") if request.path.endswith("/settings/fields") else []
    for row in rows:
        for item in row["pick_list_values"]:
            item["display_value"] += " (new)"
    return with_rows(real, rows, "fields") if rows else real


def deep_deletions(request: Request, real: Answer) -> Answer:
    if not request.path.endswith("/deleted") or params(request).get("page") != "11":
        return real
    return answer({"data": [{"id": "1"}], "info": {"more_records": False}})


def silent_deletions(request: Request, real: Answer) -> Answer:
    if not request.path.endswith("/deleted") or not rows_of(real):
        return real
    return answer({"data": rows_of(real), "info": {}})


def refusing(request: Request, real: Answer) -> Answer:
    return refusal("INVALID_MODULE") if request.path == "/crm/v8/Vendors" else real


def odd_header(_: Request, real: Answer) -> Answer:
    headers = {**real.headers, "X-API-CREDITS-REMAINING": "plenty"}
    return Answer(real.status, real.body, real.content_type, headers)


def filled(row: dict[str, Any]) -> dict[str, Any]:
    return {name: "1;2" if name.endswith("Coordinates") else row[name] for name in row}


def without_a_key(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in row if name != "Created_Time"}


def unzoned(cell: str) -> str:
    return re.sub(r"(\d\d:\d\d:\d\d)(Z|[+-]\d\d:\d\d)$", r"\1", cell)


ALTERED: dict[str, Alter] = {
    "since_is_inclusive": exclusive,
    "since_with_token": token_refused,
    "sorted_by_time": reversed_page,
    "keys_of_rows": lists(without_a_key),
    "unknown_field": unknown_ignored,
    "layout_type": plain_layout,
    "composite_fields": lists(filled),
    "display_values": renamed,
    "query_limit": queries("limit 2000", lambda _: refusal("LIMIT_EXCEEDED")),
    "query_keys": queries(
        "limit 200",
        lambda real: (
            with_rows(real, [{"id": row["id"]} for row in rows_of(real)]) if rows_of(real) else real
        ),
    ),
    "converted_leads": queries(
        "Converted__s", lambda _: answer({"data": [{"COUNT(id)": 0}], "info": {"count": 1}})
    ),
    "deleted_pages": silent_deletions,
    "deleted_cap": deep_deletions,
    "export_file": exports(str, codecs.BOM_UTF8),
    "export_separator": exports(lambda cell: cell.replace(";", ",")),
    "export_booleans": exports(lambda cell: {"true": "1", "false": "0"}.get(cell, cell)),
    "export_zone": exports(unzoned),
    "refusing_modules": refusing,
    "headers": odd_header,
}


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
