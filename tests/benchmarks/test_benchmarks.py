"""Each benchmark runs, on a small scale, and prints its ratio; what that is, is not for a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from destinations.postgres_server import PASSWORD, USER, running_server

from benchmarks import (
    counting,
    emission,
    end_to_end,
    first_read,
    first_sight,
    growth,
    memory,
    metadata,
    pages,
    private,
    sample_organisation,
    start_up,
)

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]


def test_emission(capfd: pytest.CaptureFixture[str]) -> None:
    emission.main(200)
    *rates, ratios = capfd.readouterr().out.splitlines()
    assert len(rates) == 6
    assert len(re.findall(r": \d+\.\d x singer-sdk|, \d+\.\d x singer-python", ratios)) == 3
    assert re.search(r"Arrow: \d+\.\d x RECORD, from Bulk CSV \d+\.\d x$", ratios)


def test_metadata(capsys: pytest.CaptureFixture[str]) -> None:
    metadata.main(modules=1, latency=0.01)
    line = capsys.readouterr().out
    # Pages of a list are read once more, until two reads agree.
    assert re.search(r"^\d+ calls \(\d+ of them twice\): .* ratio \d+\.\d\d$", line.strip())


def test_pages(capsys: pytest.CaptureFixture[str]) -> None:
    pages.main(records=1_000, latency=0.01)
    assert re.search(r"1,000 records.*; ratio \d+\.\d$", capsys.readouterr().out)


def test_start_up(capsys: pytest.CaptureFixture[str]) -> None:
    start_up.main(repeats=1)
    *programs, difference = capsys.readouterr().out.splitlines()
    *alone, reads = [line.partition(":")[0] for line in programs]
    assert alone == [*start_up.PROGRAMS]
    assert reads == "what read() imports"
    assert re.search(r"^start-up: -?\d+\.\d\d CPU s more than import singer_sdk$", difference)


def test_first_read(capsys: pytest.CaptureFixture[str]) -> None:
    first_read.main(["coql"], records=20, rounds=1, baseline=str(Path(__file__).parents[2]))
    line = capsys.readouterr().out
    assert re.search(r" at baseline: ratio \d+\.\d\d; the same 20 records in \d+ columns$", line)
    changed = {"1": {"id": "1", "Name": "a"}}
    with pytest.raises(SystemExit, match="Not the same in both: Name"):
        first_read.compared(changed, {"1": {"id": "1", "Name": "b"}})
    with pytest.raises(SystemExit, match="1 records are not in both"):
        first_read.compared(changed, {})


def test_sample_organisation(capsys: pytest.CaptureFixture[str]) -> None:
    sample_organisation.main(records=2_000, calls=20)
    start, call, memory_ = capsys.readouterr().out.splitlines()
    assert re.search(r"^2,000 records: \d+\.\d\d CPU s to start$", start)
    assert re.search(r"^a call after 20 calls: .* ratio to the first ones \d+\.\d\d$", call)
    (megabytes,) = re.findall(r"^memory: (\d+) MB at most$", memory_)
    assert int(megabytes) <= 150


def test_memory(capsys: pytest.CaptureFixture[str]) -> None:
    memory.main("coql", 5_000)
    tenth, whole, ratio = capsys.readouterr().out.splitlines()
    assert tenth.startswith("500 records by coql: ")
    assert whole.startswith("5,000 records by coql: ")
    assert re.search(r"ratio to a tenth of the records \d+\.\d\d$", ratio)


def test_end_to_end(capsys: pytest.CaptureFixture[str]) -> None:
    with running_server() as server:
        url = f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{server.port}/postgres"
        end_to_end.main(300, 0, "rest", ("dlt", "read"), url)
    what, *ways, ratio, read, other, read_too, half = capsys.readouterr().out.splitlines()
    assert what == "300 records, rest, 0 ms a call"
    scripts = [f"{way}{into}" for way in ("dlt", "read") for into in ("", " into PostgreSQL")]
    loaded = [f"{way} into PostgreSQL" for way in ("record", "parquet")]
    assert [way.partition(":")[0] for way in ways] == ["record", "arrow", *scripts, *loaded]
    assert re.search(r"^arrow: \d+\.\d\d x the wall time and .* CPU time of dlt$", ratio)
    assert re.search(r"^read: \d+\.\d\d x the wall time and .* CPU time of dlt$", read)
    assert re.search(r"^parquet into PostgreSQL: .* of dlt into PostgreSQL$", other)
    assert re.search(r"^read into PostgreSQL: .* of dlt into PostgreSQL$", read_too)
    assert re.search(r"^read into PostgreSQL: \d+\.\d\d x .* of record into it$", half)


def test_private(capsys: pytest.CaptureFixture[str]) -> None:
    private.main(200, "rest", "arrow")
    line = capsys.readouterr().out
    assert re.search(r"^200 Contacts by rest to arrow: kept .*; ratio \d+\.\d\d$", line.strip())


def test_growth(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    growth.main([300, 600], "coql", tmp_path / "growth.svg")
    first, second, ratio = capsys.readouterr().out.splitlines()
    assert first.startswith("300 records by coql: ")
    assert re.search(r"^600 records by coql: .* MB the loader, \d+ credits$", second)
    assert re.search(r"ratio \d+\.\d\d$", ratio)
    assert (tmp_path / "growth.svg").read_text("utf-8").count("<polyline") == 5


def test_counting(capsys: pytest.CaptureFixture[str]) -> None:
    counting.main(300)
    line = capsys.readouterr().out
    assert re.search(
        r"^300 Accounts of 43 columns: load .* MB without\); ratio -?\d+\.\d{3}$", line.strip()
    )


def test_first_sight(capsys: pytest.CaptureFixture[str]) -> None:
    first_sight.main(modules=None, fields=None, every=50)
    pages, text, ratio = capsys.readouterr().out.splitlines()
    assert re.search(r"^15 pages: seen after \d+ ms .*\.html: [\d,]+ bytes\), \d+ after a", pages)
    assert re.search(r"^text of as many bytes: \d+ ms, .*; one word: \d+ ms$", text)
    assert re.search(r"^ratio to text \d+\.\d at the median, \d+\.\d of the slowest page$", ratio)
