"""Each benchmark runs, on a small scale, and prints its ratio; what that is, is not for a test."""

from __future__ import annotations

import re

import pytest

from benchmarks import catalogue, emission, memory, pages

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]


def test_emission(capfd: pytest.CaptureFixture[str]) -> None:
    emission.main(200)
    *rates, ratios = capfd.readouterr().out.splitlines()
    assert len(rates) == 4
    assert len(re.findall(r": \d+\.\d x singer-sdk|, \d+\.\d x singer-python", ratios)) == 3


def test_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    catalogue.main(modules=1, latency=0.01)
    line = capsys.readouterr().out
    assert re.search(r"^\d+ calls \(0 of them twice\): .* ratio \d+\.\d\d$", line.strip())


def test_pages(capsys: pytest.CaptureFixture[str]) -> None:
    pages.main(records=1_000, latency=0.01)
    assert re.search(r"1,000 records.*; ratio \d+\.\d$", capsys.readouterr().out)


def test_memory(capsys: pytest.CaptureFixture[str]) -> None:
    memory.main("coql", 5_000)
    tenth, whole, ratio = capsys.readouterr().out.splitlines()
    assert tenth.startswith("500 records by coql: ")
    assert whole.startswith("5,000 records by coql: ")
    assert re.search(r"ratio to a tenth of the records \d+\.\d\d$", ratio)
