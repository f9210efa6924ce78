"""The log of a run as people read it: in a file, on a terminal, and when it is stopped."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from support.cases import sample
from support.demo import config_for, metadata_catalog, module_ids
from support.process import tap_command
from support.records import records_catalog
from support.run import FAST, Run, run_tap
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation, Fault

STOPPED = "Stopped; run again to continue from the last STATE."


@pytest.fixture(scope="module")
def default_demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample) as demo:
        yield demo


@pytest.fixture(scope="module")
def default_run(default_demo: DemoOrganisation) -> Run:
    return run_tap(config=config_for(default_demo), policy=FAST)


@pytest.mark.thorough
def test_without_a_catalog_every_module_is_read(
    default_demo: DemoOrganisation, default_run: Run
) -> None:
    assert [row["id"] for row in default_run.rows_of("modules")] == module_ids(default_demo)


@pytest.mark.thorough
def test_a_run_of_everything_that_is_on_by_default_has_at_most_sixty_lines(
    default_run: Run,
) -> None:
    text = default_run.stderr
    assert default_run.code == 0
    assert len(text.splitlines()) <= 60
    for noise in ("METRIC", "Beginning sync", "Skipping", "\x1b"):
        assert noise not in text
    for stream in {message["stream"] for message in default_run.of_type("SCHEMA")}:
        assert re.search(rf"\b{stream} \(|{stream}: ", text), stream


@pytest.mark.thorough
def test_a_warning_is_one_and_is_named_again_where_the_run_ends(default_run: Run) -> None:
    (warning,) = [
        text
        for text in default_run.logged("WARNING")
        if "of profiles" in text or "profiles of a module" in text
    ]
    texts = [line.text for line in default_run.log]
    count = len(default_run.logged("WARNING"))
    heading = texts.index(f"Problems: {count} warning{'s' if count > 1 else ''}")
    assert f"Warning: {warning}" in texts[heading:]


@pytest.mark.thorough
def test_names_that_only_zoho_uses_are_said_without_a_warning(default_run: Run) -> None:
    said = "Zoho's internal names kept in additional_properties: $current_shift"
    assert any(said in text for text in default_run.logged("INFO"))
    assert not any("$" in text for text in default_run.logged("WARNING"))


def test_the_table_has_the_figures_of_each_stream() -> None:
    with DemoOrganisation(awkward_sample) as demo:
        demo.organisation.records.resize("Tasks", 1_234)
        run = run_tap(config=config_for(demo), catalog=records_catalog("Tasks", "Calls"))
    texts = [line.text for line in run.log]
    head = next(place for place, text in enumerate(texts) if text.startswith("Stream "))
    rows = [text.split() for text in texts[head : head + 4]]
    assert [row[0] for row in rows] == ["Stream", "Calls", "Tasks", "All"]
    assert rows[0][1:5] == ["Records", "Deleted", "Calls", "Credits"]
    assert rows[2][1] == "1,234"
    sums = [sum(int(row[cell].replace(",", "")) for row in rows[1:3]) for cell in (1, 2, 3, 4)]
    assert [int(cell.replace(",", "")) for cell in rows[3][1:5]] == sums
    ends = {
        text.index(cells[4]) + len(cells[4])
        for text, cells in zip(texts[head:], rows, strict=False)
    }
    assert len(ends) == 1, "the columns are not aligned"


def test_failures_follow_the_warnings_at_the_very_end() -> None:
    with DemoOrganisation(awkward_sample) as demo:
        demo.inject("/crm/v8/settings/roles*", Fault.error(500, "INTERNAL_ERROR"), times=None)
        run = run_tap(
            config=config_for(demo), catalog=metadata_catalog(modules={}, roles={}), policy=FAST
        )
    assert run.log[-1].level == "ERROR"
    assert run.error.startswith("roles: ")
    texts = [line.text for line in run.log]
    heading = next(place for place, text in enumerate(texts) if text.startswith("Problems: "))
    assert texts[heading].startswith("Problems: 1 failure, ")
    assert all(text.startswith("Warning: ") for text in texts[heading + 1 : -1])
    assert not any(line.text.startswith("roles: 0 records") for line in run.log)


@contextlib.contextmanager
def on_terminal(folder: Path, demo: DemoOrganisation, **variables: str) -> Iterator[Any]:
    """Run the tap with its log on a terminal and its messages in a pipe."""
    catalog = records_catalog("Tasks", "Calls")
    words = tap_command(folder, config=config_for(demo), catalog=catalog)
    near, far = pty.openpty()
    environment: Mapping[str, str] = {
        **{name: text for name, text in os.environ.items() if name not in {"NO_COLOR", "LOGLEVEL"}},
        "TERM": "xterm",
        "COLUMNS": "100",
        **variables,
    }
    tap = subprocess.Popen(
        words, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=far
    )
    os.close(far)
    with tap:
        yield tap, near
    os.close(near)


def shown(near: int) -> str:
    """Return what a terminal is sent until the program ends."""
    said = b""
    # Linux reports the end of the other side as an error.
    with contextlib.suppress(OSError):
        while piece := os.read(near, 100_000):
            said += piece
    return said.decode().replace("\r\n", "\n")


@pytest.fixture
def slow_demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample, latency=0.7) as demo:
        yield demo


@pytest.mark.parametrize(
    ("variables", "is_live", "has_colours"),
    sample([({}, True, True), ({"NO_COLOR": "1"}, True, False), ({"TERM": "dumb"}, False, False)]),
)
def test_on_a_terminal_there_are_a_live_line_and_colours_if_they_are_wanted(
    slow_demo: DemoOrganisation,
    tmp_path: Path,
    variables: dict[str, str],
    *,
    is_live: bool,
    has_colours: bool,
) -> None:
    slow_demo.inject("/crm/v8/Calls/deleted", Fault.error(403, "NO_PERMISSION"), times=None)
    with on_terminal(tmp_path, slow_demo, **variables) as (tap, near):
        messages = tap.stdout.read()
        said = shown(near)
    assert tap.returncode == 0, said
    assert all(json.loads(line) for line in messages.splitlines())
    live = re.findall(r"\r(?!\s)([^\r\n]+)", said)
    assert bool(live) == is_live
    assert ("\x1b[" in said) == has_colours
    lines = [line.rpartition("\r")[2] for line in said.splitlines()]
    assert sum("Tasks: 430 records by" in line for line in lines) == 1, said
    assert "METRIC" not in said
    for secret in (slow_demo.client_secret, slow_demo.refresh_token):
        assert secret not in said


@pytest.mark.parametrize(
    ("number", "code"), sample([(signal.SIGTERM, 143), (signal.SIGINT, 130)], (signal.SIGINT, 130))
)
def test_who_stops_a_run_learns_how_to_continue(
    slow_demo: DemoOrganisation, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with on_terminal(tmp_path, slow_demo) as (tap, near):
        until = time.monotonic() + 60
        while not slow_demo.calls and time.monotonic() < until:
            time.sleep(0.05)
        tap.send_signal(number)
        said = shown(near)
        assert tap.wait(20) == code
    assert STOPPED in said.splitlines()[-1]
    assert "Traceback" not in said
