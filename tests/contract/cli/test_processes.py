"""The tap as a process of its own: killed, cut off from its target, and simply run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.cases import sample
from support.demo import MODULES, ONLY_MODULES, calls_of, config_for, module_ids, small_demo
from support.process import tap_command

from zohocrm_demo import DemoOrganisation, Fault


@pytest.fixture
def command(demo: DemoOrganisation, tmp_path: Path) -> list[str]:
    return tap_command(tmp_path, config=config_for(demo), catalog=ONLY_MODULES)


@pytest.fixture
def slow_tap(demo: DemoOrganisation, command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """The tap, waiting for an answer that does not come."""
    demo.inject(MODULES, Fault.stall(), times=None)
    tap = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 30
    while not calls_of(demo, MODULES) and tap.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    yield tap
    tap.kill()
    tap.communicate()


def messages(stdout: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stdout.splitlines()]


def test_the_executable_reads_the_organisation(demo: DemoOrganisation, command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    ids = [m["record"]["id"] for m in messages(done.stdout) if m["type"] == "RECORD"]
    assert ids == module_ids(demo)
    assert "Traceback" not in done.stderr


def test_a_discovery_that_is_stopped_writes_no_state(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    demo.inject(MODULES, Fault.stall(), times=None)
    words = [*tap_command(tmp_path, config=config_for(demo)), "--discover"]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as discovery:
        deadline = time.monotonic() + 30
        while not calls_of(demo, MODULES) and time.monotonic() < deadline:
            time.sleep(0.01)
        discovery.send_signal(signal.SIGTERM)
        stdout, stderr = discovery.communicate(timeout=10)
    assert (discovery.returncode, stdout) == (143, ""), stderr


@pytest.mark.parametrize(
    ("number", "code"), sample([(signal.SIGTERM, 143), (signal.SIGINT, 130)], (signal.SIGTERM, 143))
)
def test_a_killed_run_ends_with_the_signals_code_a_state_and_no_traceback(
    slow_tap: subprocess.Popen[str], number: signal.Signals, code: int
) -> None:
    slow_tap.send_signal(number)
    stdout, stderr = slow_tap.communicate(timeout=10)
    assert slow_tap.returncode == code, stderr
    assert "Traceback" not in stderr
    assert " ERROR " not in stderr
    assert messages(stdout)[-1]["type"] == "STATE"


@pytest.mark.thorough
def test_the_state_of_a_killed_run_can_be_gone_on_from(
    tmp_path: Path, slow_tap: subprocess.Popen[str]
) -> None:
    slow_tap.terminate()
    stdout, _ = slow_tap.communicate(timeout=10)
    state = messages(stdout)[-1]["value"]
    with small_demo() as healthy:
        command = tap_command(
            tmp_path, config=config_for(healthy), catalog=ONLY_MODULES, state=state
        )
        done = subprocess.run(command, capture_output=True, check=True, timeout=60)
        assert done.stdout.count(b'"RECORD"') == len(module_ids(healthy))


def test_a_target_that_hangs_up_fails_the_run_with_one_line(command: list[str]) -> None:
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tap:
        assert tap.stdout
        assert tap.stderr
        first = tap.stdout.readline()
        tap.stdout.close()
        stderr = tap.stderr.read().decode()
        assert tap.wait(30) == 1
    assert json.loads(first)["type"] == "SCHEMA"
    assert "Traceback" not in stderr
    errors = [line for line in stderr.splitlines() if " ERROR " in line]
    assert len(errors) == 1
    assert "target" in errors[0]
    assert "BrokenPipeError" not in stderr


def test_output_is_utf8_whatever_the_locale(command: list[str]) -> None:
    env = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, check=True, timeout=60, env=env)
    assert "納品書一覧".encode() in done.stdout


@pytest.mark.thorough
def test_nothing_follows_the_error_that_ends_a_discovery(tmp_path: Path) -> None:
    config = {"environment": "demo", "record_modules": ["Leeds"]}
    words = [*tap_command(tmp_path, config=config, state={}), "--discover"]
    # As Meltano does.
    env = {**os.environ, "PYTHONWARNINGS": "once"}
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, env=env)
    assert done.returncode == 1
    assert "did you mean Leads?" in done.stderr.splitlines()[-1]


@pytest.mark.thorough
def test_an_unknown_log_level_does_not_end_in_a_traceback(command: list[str]) -> None:
    env = {**os.environ, "LOGLEVEL": "VERBOSE"}
    done = subprocess.run(command, capture_output=True, check=False, timeout=60, env=env)
    assert b"Traceback" not in done.stderr
