"""What the DAGs report of a failure: which task, and the last lines of what it ran."""

from __future__ import annotations

import http.server
import json
import signal
import sys
import threading
import types
from collections.abc import Iterator
from typing import Any

import pytest
from support.airflow import example
from typing_extensions import override

ALERTS = example("zoho_crm_alerts")
LOUD = "import sys\nfor at in range(30): print('line', at, flush=True)\nsys.exit('why')"


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, Any]]]:
    """What is posted to the address of alerts."""
    found: list[dict[str, Any]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        @override
        def log_message(self, format: str, *args: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("ZOHO_CRM_ALERT_URL", f"http://127.0.0.1:{server.server_port}/hook")
        yield found
        server.shutdown()
        thread.join()


def test_the_last_ten_lines_of_a_failure_are_sent(
    posted: list[dict[str, Any]], capfd: pytest.CaptureFixture[str]
) -> None:
    shown = ALERTS.Shown()
    assert shown.run([sys.executable, "-c", LOUD], {}) == 1
    this = types.SimpleNamespace(dag_id="zoho_crm_records", task_id="load", run_id="r1")
    ALERTS.alert({"task_instance": this, "exception": ValueError(f"ended\n{shown.ending}")})

    assert capfd.readouterr().out.count("line ") == 30
    [told] = posted
    assert told["text"].startswith("Zoho CRM: zoho_crm_records.load, run r1 failed: ended\nline 21")
    assert told["text"].endswith("line 29\nwhy")


def test_without_an_address_it_is_in_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ZOHO_CRM_ALERT_URL", raising=False)
    ALERTS.alert({"exception": ValueError("why")})

    assert "Zoho CRM: a task failed: why" in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="Airflow does not run there")
def test_a_task_whose_time_is_up_ends_what_it_runs_and_does_not_wait() -> None:
    """Airflow raises an error in the task, wherever it is."""

    class TimeIsUpError(Exception):
        pass

    def ring(*_: Any) -> None:
        raise TimeIsUpError

    before = signal.signal(signal.SIGALRM, ring)
    shown = ALERTS.Shown()
    signal.setitimer(signal.ITIMER_REAL, 3)
    try:
        with pytest.raises(TimeIsUpError):
            shown.run([sys.executable, "-c", "import time\ntime.sleep(600)"], {})
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.skipif(sys.platform == "win32", reason="Airflow does not run there")
def test_a_task_that_is_stopped_ends_what_it_runs() -> None:
    shown = ALERTS.Shown()
    ended: list[int] = []
    words = [sys.executable, "-c", "print('up', flush=True)\nimport time\ntime.sleep(600)"]
    running = threading.Thread(target=lambda: ended.append(shown.run(words, {})))
    running.start()
    while not shown.last:
        running.join(0.05)
    shown.end()
    running.join(60)

    assert ended == [-15]
