# ruff: noqa: INP001 - a module of the DAGs folder
"""Runs the tap, and `tap | target`, in a process of their own each.

In Airflow's environment, ZOHO_CRM_TAP and ZOHO_CRM_TARGET name the executables, as
zoho_crm_workers.py says.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from airflow.exceptions import AirflowException
from zoho_crm_alerts import LINES
from zoho_crm_connections import TAP, credentials, warehouse
from zoho_crm_state import whole_state

GRACE = 60
"""Seconds that the tap and the loader have to end."""


class Pipeline:
    """`tap | target`, whose loader confirms STATE line by line.

    Args:
        folder: Where the loader's settings are written, to be removed afterwards.
        options: The tap's options.
        environment: What the tap's environment has beside credentials.
        keep: Takes each STATE at once: whoever is killed later has lost none.

    Attributes:
        spent: How many credits the tap says that it has spent, once it has ended.
        rows: How many records of each stream the tap says that it has emitted.
        is_out_of_credits: Whether it ended since its budget or the day's reserve was spent.
    """

    def __init__(
        self,
        folder: Path,
        options: list[str],
        environment: Mapping[str, str],
        keep: Callable[[dict[str, Any]], None],
    ) -> None:
        self.spent: int | None = None
        self.rows: dict[str, int] = {}
        self.is_out_of_credits = False
        self._folder, self._options, self._keep = folder, options, keep
        self._environment = tap_environment(environment)
        self._processes: list[subprocess.Popen[str]] = []
        self._last: collections.deque[str] = collections.deque(maxlen=LINES)

    def run(self) -> str:
        """Run both to their end; return which failed, and how."""
        target = self._folder / "target.json"
        target.touch(mode=0o600)
        target.write_text(json.dumps({"default_target_schema": "zoho_crm", **warehouse()}))
        reader = self._start([program("TAP", "tap-zohocrm-modules"), *self._options])
        loader = self._start(
            [program("TARGET", "target-postgres"), "--config", str(target)], stdin=reader.stdout
        )
        assert reader.stdout is not None  # noqa: S101 - as it was asked for
        reader.stdout.close()  # It is the loader's: if that ends, the tap shall know.
        logs = [
            threading.Thread(target=self._show, args=(process.stderr,))
            for process in (reader, loader)
        ]
        for log in logs:
            log.start()
        try:
            self._take(loader)
        except BaseException:
            # Its time is up, perhaps: what the loader confirms in its last moments counts too.
            self.end()
            self._take(loader)
            raise
        finally:
            codes = {"the loader": loader.wait(), "the tap": reader.wait()}
            for log in logs:
                log.join()
        ended = [f"{name} ended with exit code {code}" for name, code in codes.items() if code]
        return " and ".join(ended)

    @property
    def ending(self) -> str:
        """The last lines that the tap and the loader have logged."""
        return "\n".join(self._last)

    def end(self) -> None:
        """End both: by force, if they take too long."""
        self._signal(signal.SIGTERM)
        too_late = threading.Timer(GRACE, self._signal, [signal.SIGKILL])
        too_late.daemon = True
        too_late.start()

    def _start(self, words: list[str], stdin: IO[str] | None = None) -> subprocess.Popen[str]:
        process = subprocess.Popen(  # noqa: S603 - the tap and the loader
            words,
            env=self._environment,
            stdin=stdin if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self._processes.append(process)
        return process

    def _signal(self, number: signal.Signals) -> None:
        for process in self._processes:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, number)

    def _take(self, loader: subprocess.Popen[str]) -> None:
        assert loader.stdout is not None  # noqa: S101 - as it was asked for
        for line in loader.stdout:
            if (state := whole_state(line)) is not None:
                self._keep(state)

    def _show(self, lines: IO[str]) -> None:
        """Pass the log of either on, and see what the tap says of credits."""
        for line in lines:
            sys.stderr.write(line)
            self._last.append(line.rstrip())
            if found := re.search(r"API calls: [\d,]+, credits: ([\d,]+)", line):
                self.spent = int(found[1].replace(",", ""))
            self.rows |= emitted(line)
            self.is_out_of_credits |= bool(re.search(r"credit_(budget|reserve) is [\d,]+, ", line))


def emitted(line: str) -> dict[str, int]:
    """Return how many records of which streams a line of the tap's log says were emitted."""
    found = re.findall(r"\| (\S+): ([\d,]+) records? by [\d,]+ calls? for ", line)
    # Quick ones share their lines.
    if quick := re.search(r"\| Read (\S+ \([\d,]+\)(?:, \S+ \([\d,]+\))*)\.$", line.rstrip()):
        found = re.findall(r"(\S+) \(([\d,]+)\)", quick[1])
    return {stream: int(count.replace(",", "")) for stream, count in found}


def files(folder: Path, catalog: Mapping[str, Any], state: Mapping[str, Any]) -> list[str]:
    """Write catalog and STATE, and return the tap's options that name them."""
    options = ["--config=ENV"]
    for name, value in {"catalog": catalog, "state": state}.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(value))
        options += [f"--{name}", str(path)]
    return options


def tap(options: list[str], environment: Mapping[str, str]) -> str:
    """Run the tap and return what it writes.

    Raises:
        AirflowException: it failed; the log says why.
    """
    done = subprocess.run(  # noqa: S603 - the tap itself
        [program("TAP", "tap-zohocrm-modules"), "--config=ENV", *options],
        env=tap_environment(environment),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AirflowException(f"The tap ended with exit code {done.returncode}, see above")
    return done.stdout


def tap_environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the tap: credentials, the shared token, and more."""
    cache = os.environ.get("ZOHO_CRM_TOKEN_CACHE")
    shared = {f"{TAP}TOKEN_CACHE_DIR": cache} if cache else {}
    return {**os.environ, **credentials(), **shared, **more}


def program(name: str, default: str) -> str:
    """Return an executable's path."""
    return os.environ.get(f"ZOHO_CRM_{name}", default)
