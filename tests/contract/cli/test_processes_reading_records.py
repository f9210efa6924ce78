"""The tap as a process of its own, ended in the middle of reading records."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.batches import as_records, files
from support.cases import thorough
from support.demo import config_for
from support.process import tap_command
from support.records import applied, records_catalog, truth
from support.run import run_tap
from support.sample import awkward_sample
from typing_extensions import Self

from zohocrm_demo import DemoOrganisation, Fault

pytestmark = pytest.mark.thorough

COUNT = 5_000
# The real process waits as users do, so that it has to end while it waits.
PATIENCE = 10


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample) as organisation:
        yield organisation


class Process:
    """The tap, and what it has written."""

    def __init__(
        self,
        demo: DemoOrganisation,
        folder: Path,
        module: str,
        path: str,
        *others: str,
        stdout: int = subprocess.PIPE,
        **more: Any,
    ) -> None:
        self.more = more
        config = config_for(demo, read_path=path, **more)
        words = tap_command(folder, config=config, catalog=records_catalog(module, *others))
        self.log = folder / "log"
        with self.log.open("wb") as log:
            self.popen = subprocess.Popen(words, stdout=stdout, stderr=log)
        self.pipe = self.popen.stdout.fileno() if self.popen.stdout else stdout
        self.output = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.popen.kill()
        self.popen.wait()
        if self.popen.stdout:
            self.popen.stdout.close()

    def read_until(self, words: bytes) -> None:
        deadline = time.monotonic() + 60
        while words not in self.output and time.monotonic() < deadline:
            if select.select([self.pipe], [], [], 0.1)[0]:
                part = os.read(self.pipe, 1 << 16)
                assert part, self.log.read_text()
                self.output += part
        assert words in self.output

    def read_until_it_waits(self) -> None:
        while select.select([self.pipe], [], [], 0.5)[0]:
            part = os.read(self.pipe, 1 << 16)
            assert part, self.log.read_text()
            self.output += part

    def end(self, number: int) -> int:
        self.popen.send_signal(number)
        rest, _ = self.popen.communicate(timeout=PATIENCE)
        self.output += rest
        return self.popen.returncode

    def state(self) -> dict[str, Any]:
        states = [line for line in self.output.splitlines() if b'"type":"STATE"' in line]
        value: dict[str, Any] = json.loads(states[-1])["value"]
        return value


@pytest.fixture
def begun(demo: DemoOrganisation, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """The tap in the middle of reading, by one of the ways."""
    path, module, *in_files = request.param
    more: dict[str, Any] = {"batch_config": batch_config(tmp_path, 1_000)} if in_files else {}
    store = demo.organisation.records
    if path == "bulk":
        store.resize(module, 300)
        store.bulk_jobs.plan("IN PROGRESS")
        words = b"bulk_jobs"
    elif path == "coql":
        store.resize(module, COUNT)
        demo.inject("/crm/v8/coql", Fault.stall(), nth=3, times=None)
        words = b'"after"'
    else:
        # Ten pages have to be emitted before STATE is; sixteen are asked for ahead of them.
        store.resize(module, 7_000)
        demo.inject(f"/crm/v8/{module}", Fault.stall(), nth=32, times=None)
        words = b"replication_key_value"
    with Process(demo, tmp_path, module, path, **more) as process:
        process.read_until(words)
        # A tap that waits for its target to read could write no last STATE.
        process.read_until_it_waits()
        yield process


def batch_config(folder: Path, size: int) -> dict[str, Any]:
    storage = {"root": (folder / "batches").as_uri()}
    return {"encoding": {"format": "arrow"}, "storage": storage, "batch_size": size}


WAYS = [
    ("rest", "Tasks"),
    ("coql", "Tasks"),
    ("bulk", "Tasks"),
    ("rest", "Tasks", "files"),
    ("coql", "Tasks", "files"),
    ("bulk", "Tasks", "files"),
]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize(
    "begun",
    [pytest.param(way, marks=() if way == WAYS[1] else thorough, id="-".join(way)) for way in WAYS],
    indirect=True,
)
def test_a_read_that_is_killed_is_completed_by_the_next_run(
    demo: DemoOrganisation, begun: Process, number: signal.Signals
) -> None:
    code = begun.end(number)
    assert code == (143 if number is signal.SIGTERM else -signal.SIGKILL), begun.log.read_text()
    if number is signal.SIGTERM:
        assert begun.output.endswith(b"\n")
        assert json.loads(begun.output.splitlines()[-1])["type"] == "STATE"
        assert "Traceback" not in begun.log.read_text()
    whole_lines = begun.output[: begun.output.rfind(b"\n") + 1]
    table = applied({}, as_records(whole_lines), "Tasks")
    demo._house.faults._rules.clear()
    for job in demo.organisation.records.bulk_jobs.all:
        job.course = ("COMPLETED",)
    path = "bulk" if b"bulk_jobs" in begun.output else "auto"
    rest = run_tap(
        config=config_for(demo, read_path=path, **begun.more),
        catalog=records_catalog("Tasks"),
        state=begun.state(),
    )
    assert rest.code == 0, rest.logged("ERROR")
    found = applied(table, as_records(rest.stdout), "Tasks")
    assert found.keys() == truth(demo, "Tasks", ["Subject"]).keys()
    named = {file for run in (whole_lines, rest.stdout) for file in files_of(run)}
    assert {*begun.log.parent.glob("batches/*")} == named
    created = [call for call in demo.calls if call.path == "/crm/bulk/v8/read"]
    assert len(created) == (1 if path == "bulk" else 0)


def files_of(output: bytes) -> Iterator[Path]:
    for line in output.splitlines():
        if (message := json.loads(line))["type"] == "BATCH":
            yield from files(message)


def test_a_signal_while_the_target_does_not_read_ends_the_process(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    demo.organisation.records.resize("Tasks", COUNT)
    with Process(demo, tmp_path, "Tasks", "coql") as process:
        process.read_until(b'"RECORD"')
        # The pipe fills, and the tap waits for somebody to read from it.
        wait_until_blocked(process.popen.pid)
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(PATIENCE) == 143
    assert "Traceback" not in process.log.read_text()


@pytest.mark.thorough
def test_a_signal_ends_the_process_though_not_even_state_can_be_written(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    demo.inject("/oauth/v2/token", Fault.stall(), times=None)
    reading, writing = os.pipe()
    with open(reading, "rb"), open(writing, "wb", buffering=0) as full:  # noqa: PTH123
        os.set_blocking(writing, False)
        while full.write(bytes(1 << 12)):
            pass
        os.set_blocking(writing, True)
        with Process(demo, tmp_path, "Tasks", "coql", stdout=writing) as process:
            while not demo.calls:
                time.sleep(0.05)
            process.popen.send_signal(signal.SIGTERM)
            assert process.popen.wait(PATIENCE) == 143


def wait_until_blocked(pid: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if "pipe" in Path(f"/proc/{pid}/wchan").read_text():
            return
        time.sleep(0.05)
    time.sleep(2)


@pytest.mark.thorough
def test_a_target_that_hangs_up_ends_the_process_though_calls_are_under_way(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    demo.organisation.records.resize("Tasks", COUNT)
    # Read ahead, in slices of its fields: several threads wait for answers that never come.
    demo.inject("/crm/v8/Water_Samples", Fault.stall(), times=None)
    with Process(demo, tmp_path, "Tasks", "rest", "Water_Samples") as process:
        process.read_until(b'"RECORD"')
        while not any(call.path == "/crm/v8/Water_Samples" for call in demo.calls):
            time.sleep(0.05)
        assert process.popen.stdout
        process.popen.stdout.close()
        assert process.popen.wait(PATIENCE) == 1
    log = process.log.read_text()
    assert "Traceback" not in log
    assert "The target closed the pipe" in log


@pytest.mark.thorough
def test_a_signal_while_modules_are_described_ends_the_process(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    fields = "/crm/v8/settings/fields"
    demo.inject(fields, Fault.stall(), times=None)
    with Process(demo, tmp_path, "Tasks", "coql") as process:
        while not any(call.path == fields for call in demo.calls):
            time.sleep(0.05)
        process.popen.send_signal(signal.SIGTERM)
        assert process.popen.wait(PATIENCE) == 143
    assert "Traceback" not in process.log.read_text()
