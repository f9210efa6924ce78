# ruff: noqa: INP001 - a module of the DAGs folder
"""Tells somebody when a task has failed, with the last lines of what it ran.

ZOHO_CRM_ALERT_URL    takes `{"text": "..."}` by POST, as the webhooks of Slack, Mattermost and
                      Google Chat do; without it the text is in Airflow's log alone
"""

from __future__ import annotations

import collections
import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

LOG = logging.getLogger(__name__)
LINES = 10
"""How many of the last lines an alert has."""
GRACE = 60
"""Seconds that a program has to end."""


class Shown:
    """A program whose output is in the task's log.

    Attributes:
        last: The last lines of what it has said.
    """

    def __init__(self) -> None:
        self.last: collections.deque[str] = collections.deque(maxlen=LINES)
        self._process: subprocess.Popen[str] | None = None

    def run(
        self, words: Sequence[str], environment: Mapping[str, str], folder: str | None = None
    ) -> int:
        """Run a command to its end; return its exit code."""
        with subprocess.Popen(  # noqa: S603 - Meltano, or the tap
            words,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        ) as self._process:
            try:
                for line in self._process.stdout or ():
                    sys.stdout.write(line)
                    self.last.append(line.rstrip())
            except BaseException:
                self.end()  # The task's time is up: Airflow must not wait for the program's end.
                raise
        return self._process.returncode

    def end(self) -> None:
        """End it, and what it has started: by force, if it takes too long."""
        self._signal(signal.SIGTERM)
        too_late = threading.Timer(GRACE, self._signal, [signal.SIGKILL])
        too_late.daemon = True
        too_late.start()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    @property
    def ending(self) -> str:
        """The last lines, as one text."""
        return "\n".join(self.last)


def alert(context: Mapping[str, Any]) -> None:
    """Say which task failed, and why: the callback of a DAG's tasks."""
    this, error = context.get("task_instance"), context.get("exception")
    where = f"{this.dag_id}.{this.task_id}, run {this.run_id}" if this else "a task"
    text = f"Zoho CRM: {where} failed: {error}"
    LOG.error("%s", text)
    if url := os.environ.get("ZOHO_CRM_ALERT_URL"):
        request = urllib.request.Request(  # noqa: S310 - the address of the user's own
            url,
            data=json.dumps({"text": text}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30):  # noqa: S310
            pass
