"""What the tap's `--verify` found is a figure of the atlas, with the tables behind it."""

from __future__ import annotations

from pathlib import Path

import pytest

from atlas.messages import messages, organisation, run
from atlas.test_pages import Page
from tap_zohocrm_modules.verify.faults import Fault, FaultKind, StreamResult
from tap_zohocrm_modules.verify.report import as_json
from zohocrm_atlas.errors import AtlasError


def _report(folder: Path, *results: StreamResult) -> str:
    path = folder / "verified.json"
    path.write_text(as_json(results), "utf-8")
    return str(path)


def _result(stream: str, *kinds: FaultKind, problem: str | None = None) -> StreamResult:
    faults = [Fault(str(number), kind) for number, kind in enumerate(kinds)]
    result = StreamResult(stream, stream.lower(), faults=faults, problem=problem)
    result.zoho, result.newest = 1_200, "2026-03-01T07:00:00Z"
    return result


def test_what_differs_is_counted_and_leads_to_its_tables(tmp_path: Path) -> None:
    missing, stale = FaultKind.MISSING, FaultKind.STALE
    results = [
        _result("Boats", missing, missing, stale),
        _result("Crews"),
        _result("users", problem="The warehouse has no table of users."),
    ]
    atlas = tmp_path / "atlas"
    run(atlas, messages(organisation()), verified=_report(tmp_path, *results))
    health = " ".join(Page((atlas / "health.html").read_bytes()).text.split())
    assert "3 rows of the warehouse that differ" in health
    assert "Of 3,600 in Zoho; the newest loaded is of 2026-03-01T07:00:00Z." in health
    assert "missing 2 tables like Zoho 1 stale 1 not compared 1" in health
    odd = Page((atlas / "odd.html").read_bytes())
    text = " ".join(odd.text.split())
    assert "Boats Boats 2 missing, 1 stale, of 1,200" in text
    assert "users The warehouse has no table of users." in text
    assert "modules/Boats.html" in odd.links


def test_an_equal_warehouse_is_said_to_be_one(tmp_path: Path) -> None:
    atlas = tmp_path / "atlas"
    run(atlas, messages(organisation()), verified=_report(tmp_path, _result("Boats")))
    text = (atlas / "health.html").read_text("utf-8")
    assert '<li class="health" id="card-warehouse">' in text
    assert "<b>0</b> <span>rows of the warehouse that differ</span>" in text


def test_without_a_report_nothing_is_claimed(tmp_path: Path) -> None:
    run(tmp_path / "atlas", messages(organisation()))
    for name in ("health.html", "odd.html"):
        assert "warehouse" not in (tmp_path / "atlas" / name).read_text("utf-8")


@pytest.mark.parametrize("text", [None, "[]", '{"equal": true}', "ready"])
def test_what_is_no_report_is_refused(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "verified.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(AtlasError, match="make one with --verify-format json"):
        run(tmp_path / "atlas", messages(organisation()), verified=str(path))
    assert not (tmp_path / "atlas").exists()
