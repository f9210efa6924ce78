"""What real Zoho answers: each fact of `wild/` is played back to the command line.

docs/develop/add-a-fact.md says how to add one.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.replay import Replay, replaying
from support.run import Run, run_tap

from tap_zohocrm_modules.config.settings import settings_schema

ROOT = Path(__file__).parents[3]
FACTS = sorted(Path(__file__).parent.glob("*.yaml"))

# What cost records or credits until it was known; the thorough run plays all.
QUICK = {
    "bulk_field_refused",
    "composite_address",
    "coql_syntax_error",
    "coql_unknown_column",
    "fields_unknown_ignored",
    "modules_hidden_but_api_supported",
    "modules_hidden_refused_by_permission",
    "scope_mismatch_of_one_module",
    "unused_fields",
}

_KEYS = {"source", "version", "seen", "says", "given", "settings", "select", "discovery"}
_EXPECTED = {"exit", "records", "without", "warnings", "notes", "never", "errors", "credits"}
_PATHS = ("rest", "coql", "bulk")


@functools.cache
def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def _error_of(fact: Any) -> str:
    """Return what discovery fails by; empty where it succeeds."""
    return str(fact.get("discovery", {}).get("error", ""))


def _cases() -> Iterator[Any]:
    for path in FACTS:
        fact = _read(path)
        if not fact.get("expect"):
            continue
        for read_path in _PATHS if fact.get("each_path") else (None,):
            name = "-".join(filter(None, (path.stem, read_path)))
            marks = () if name in QUICK else (pytest.mark.thorough,)
            yield pytest.param(fact, read_path, id=name, marks=marks)


def test_a_fact_says_where_it_comes_from() -> None:
    for fact in map(_read, FACTS):
        assert fact["seen"] in {"recorded", "live", "inferred"}
        assert fact["source"]
        assert fact["says"].endswith(".")
        assert str(fact["version"])
        assert fact.keys() <= _KEYS | {"expect", "defaults", "each_path"}
        for run in fact.get("expect", ()):
            more = {"given", "forgets", "calls", "never_called", "documented"}
            assert run.keys() <= _EXPECTED | more
    assert {path.stem for path in FACTS} >= QUICK


@pytest.mark.parametrize(("fact", "read_path"), [*_cases()])
def test_the_tap_does_what_a_fact_asks_for(fact: Any, read_path: str | None) -> None:
    state: Any = None
    catalog: Any = None
    first = fact["given"]
    for number, expected in enumerate(fact["expect"]):
        given = {**first, **expected.get("given", {})}
        with replaying(given) as (hosts, replay):
            settings = {**hosts, **fact.get("settings", {})}
            if read_path is not None:
                settings["read_path"] = read_path
            if catalog is None:
                catalog = _discovered(settings, fact)
            if number:
                replay.spend()
            before = len(replay.calls)
            for part in (state or {}).get("bookmarks", {}).values():
                for key in expected.get("forgets", ()):
                    part.pop(key, None)
            run = run_tap(config=settings, catalog=catalog, state=state)
        _compare(run, replay, before, expected)
        state = run.state if run.of_type("STATE") else state


@pytest.mark.parametrize("fact", [fact for fact in map(_read, FACTS) if _error_of(fact)])
def test_an_account_that_cannot_be_read_says_why(fact: Any) -> None:
    with replaying(fact["given"]) as (hosts, _):
        run = run_tap("--discover", config=hosts)
    assert re.search(_error_of(fact), run.error)


def test_the_settings_bear_what_was_measured() -> None:
    properties = settings_schema()["properties"]
    facts = [fact for fact in map(_read, FACTS) if "defaults" in fact]
    assert facts
    for fact in facts:
        for name, least in fact["defaults"].items():
            assert properties[name]["default"] >= least, fact["says"]


def _discovered(settings: Mapping[str, Any], fact: Any) -> Any:
    """Return the catalog in which the fact's streams are chosen."""
    about = fact.get("discovery", {})
    run = run_tap("--discover", config=settings)
    assert run.code == 0, run.stderr
    catalog = json.loads(run.stdout)
    _match(about.get("warnings", ()), run.logged("WARNING"))
    given = fact["given"]
    wanted = about.get("streams") or fact.get("select") or [*given["fields"]]
    streams = {entry["tap_stream_id"]: entry for entry in catalog["streams"]}
    assert {*wanted} <= streams.keys()
    if "streams" in about:
        assert not ({*given.get("fields", {})} | _names(given)) - {*wanted} & streams.keys()
    for name in wanted:
        for item in streams[name]["metadata"]:
            if not item["breadcrumb"]:
                item["metadata"]["selected"] = True
    return {"streams": [streams[name] for name in wanted]}


def _names(given: Mapping[str, Any]) -> set[str]:
    return {module["api_name"] for module in given.get("modules", ())}


def _compare(run: Run, replay: Replay, before: int, expected: Mapping[str, Any]) -> None:
    assert run.code == expected.get("exit", 0), run.stderr
    for stream, rows in expected.get("records", {}).items():
        found = sorted(run.rows_of(stream), key=lambda row: str(row["id"]))
        assert [
            {key: row.get(key, "no such key") for key in wanted}
            for row, wanted in zip(found, rows, strict=True)
        ] == rows
    for row in run.rows:
        assert not {*expected.get("without", ())} & row.keys()
    _match(expected.get("warnings", ()), run.logged("WARNING"))
    for pattern in expected.get("notes", ()):
        assert any(re.search(pattern, text) for text in run.logged("INFO")), pattern
    for pattern in expected.get("never", ()):
        assert not re.search(pattern, run.stderr), pattern
    for pattern in expected.get("errors", ()):
        assert any(re.search(pattern, text) for text in run.logged("ERROR")), pattern
    if "credits" in expected:
        assert run.credits <= expected["credits"]
    calls = replay.calls[before:]
    for pattern in expected.get("calls", ()):
        assert any(re.search(pattern, call) for call in calls), calls
    for pattern in expected.get("never_called", ()):
        assert not [call for call in calls if re.search(pattern, call)]
    for file, pattern in expected.get("documented", {}).items():
        assert re.search(pattern, (ROOT / file).read_text("utf-8")), file


def _match(patterns: Sequence[str], texts: Sequence[str]) -> None:
    """Make sure that each text is expected, and each expected one there."""
    unexpected = [text for text in texts if not any(re.search(one, text) for one in patterns)]
    assert not unexpected
    assert all(any(re.search(one, text) for text in texts) for one in patterns), texts
