"""Many processes on one organisation: one token, few refusals, and nobody held up by the dead."""

from __future__ import annotations

import collections
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support.demo import ONLY_MODULES, TOKEN, calls_of, config_for, small_demo
from support.run import run_tap

from tap_zohocrm_modules.zoho.transport.connection import Credentials
from tap_zohocrm_modules.zoho.transport.token_cache import TokenCache
from zohocrm_demo import DemoOrganisation

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(600)]

RUN = "from tap_zohocrm_modules.tap import TapZohoCRMModules as Tap; Tap.cli()"
CALL_MANY = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.connection import Connection
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.connection import (Credentials)
task = json.loads(sys.argv[1])
cache = Path(task["folder"])
access = Connection(Credentials(**task["credentials"]), concurrency=5, token_cache=cache)
with ZohoClient(access) as client, ThreadPoolExecutor(5) as pool:
    call = Call("/settings/modules", "ZohoCRM.settings.modules.READ")
    list(pool.map(lambda _: client.call(call), range(task["calls"])))
    print(client.credits.spent)
"""
HOLD = """
import sys, time
from pathlib import Path
import filelock
with filelock.FileLock(sys.argv[1], mode=0o600):
    print("held", flush=True)
    time.sleep(600)
"""


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def written(path: Path, value: Any) -> str:
    path.write_text(json.dumps(value), "utf-8")
    return str(path)


def credentials_of(demo: DemoOrganisation) -> dict[str, str]:
    config = config_for(demo)
    return {key: config[key] for key in ("accounts_url", *sorted(config)) if key in config}


def test_fifty_processes_at_once_take_at_most_two_tokens(tmp_path: Path) -> None:
    with small_demo() as demo:
        config = config_for(demo, token_cache_dir=str(tmp_path / "cache"))
        options = (
            "--config",
            written(tmp_path / "config.json", config),
            "--catalog",
            written(tmp_path / "catalog.json", ONLY_MODULES),
        )
        fleet = [start(RUN, *options) for _ in range(50)]
        ends = [process.communicate(timeout=400) for process in fleet]
        failed = [
            end[1][-500:]
            for process, end in zip(fleet, ends, strict=True)
            if process.returncode != 0
        ]
        assert failed == []
        assert 1 <= calls_of(demo, TOKEN) <= 2


def test_the_death_of_the_process_that_holds_the_lock_holds_nobody_up(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    with small_demo() as demo:
        cache = TokenCache(folder, Credentials(**credentials_of(demo)))
        with cache.locked(1):
            pass
        holder = start(HOLD, str(cache._lock_path))
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        waiter = start(
            RUN,
            "--config",
            written(tmp_path / "config.json", config_for(demo, token_cache_dir=str(folder))),
            "--catalog",
            written(tmp_path / "catalog.json", ONLY_MODULES),
        )
        with pytest.raises(subprocess.TimeoutExpired):
            waiter.wait(8)
        assert calls_of(demo, TOKEN) == 0
        before = time.monotonic()
        os.kill(holder.pid, signal.SIGKILL)
        waiter.communicate(timeout=60)
        assert waiter.returncode == 0
        assert time.monotonic() - before < 10
        holder.communicate()


def test_eight_processes_on_a_limit_of_ten_lose_few_calls_to_refusals(tmp_path: Path) -> None:
    with small_demo(concurrency=10, latency=0.1) as demo:
        task = {
            "credentials": credentials_of(demo),
            "folder": str(tmp_path / "cache"),
            "calls": 150,
        }
        fleet = [start(CALL_MANY, json.dumps(task)) for _ in range(8)]
        ends = [process.communicate(timeout=400) for process in fleet]
        assert [
            end[1][-500:] for end, process in zip(ends, fleet, strict=True) if process.returncode
        ] == []
        statuses = collections.Counter(
            call.status for call in demo.calls if call.path.endswith("/settings/modules")
        )
        assert statuses[200] == 8 * 150
        assert statuses[429] < 0.05 * statuses.total(), statuses
        # What was refused costs nothing.
        assert [int(end[0]) for end in ends] == [150] * 8


def test_a_run_after_the_fleet_finds_its_token(tmp_path: Path) -> None:
    with small_demo() as demo:
        config = config_for(demo, token_cache_dir=str(tmp_path / "cache"))
        path = written(tmp_path / "config.json", config)
        first = start(RUN, "--config", path, "--catalog", written(tmp_path / "c", ONLY_MODULES))
        first.communicate(timeout=100)
        assert run_tap(config=config, catalog=ONLY_MODULES).code == 0
        assert calls_of(demo, TOKEN) == 1
