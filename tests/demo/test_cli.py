"""`zohocrm-demo` as a user runs it."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

pytestmark = pytest.mark.thorough

_COMMAND = [sys.executable, "-m", "zohocrm_demo"]


@contextmanager
def _running(*options: str) -> Iterator[dict[str, str]]:
    """The command at work; yields what it prints, by label."""
    command = [*_COMMAND, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as it:
        assert it.stdout is not None
        assert it.stderr is not None
        watchdog = threading.Timer(60, it.kill)
        watchdog.start()
        printed: dict[str, str] = {}
        for line in it.stdout:
            label, _, value = line.partition(": ")
            printed[label] = value.strip()
            if label == "refresh token":
                break
        try:
            yield printed
        finally:
            it.send_signal(signal.SIGINT)
            printed["stderr"] = it.stderr.read()
            printed["code"] = str(it.wait(10))
            watchdog.cancel()


def _token(printed: dict[str, str]) -> requests.Response:
    form = {
        "grant_type": "refresh_token",
        "client_id": printed["client id"],
        "client_secret": printed["client secret"],
        "refresh_token": printed["refresh token"],
    }
    return requests.post(f"{printed['accounts URL']}/oauth/v2/token", data=form, timeout=60)


def _get(printed: dict[str, str], path: str) -> requests.Response:
    headers = {"Authorization": f"Zoho-oauthtoken {_token(printed).json()['access_token']}"}
    return requests.get(f"{printed['API URL']}{path}", headers=headers, timeout=60)


def test_the_command_serves_what_its_options_say_until_ctrl_c() -> None:
    scopes = (
        "ZohoCRM.modules.READ",
        "ZohoCRM.org.READ",
        "ZohoSearch.securesearch.READ",
        "ZohoCRM.settings.layouts.READ",
    )
    options = (
        "--edition=free",
        "--records=Contacts=100000",
        "--seed=7",
        f"--scopes={','.join(scopes)}",
        "--fault=503,path=/crm/v8/org",
    )
    with _running(*options) as printed:
        assert _token(printed).json()["scope"] == " ".join(scopes)
        assert _get(printed, "/crm/v8/Contacts/actions/count").json() == {"count": 100_000}
        assert _get(printed, "/crm/v8/org").status_code == 503
        licence = _get(printed, "/crm/v8/org").json()["org"][0]["license_details"]
        assert (licence["paid"], licence["paid_type"]) == (False, "free")
    assert (printed["code"], printed["stderr"]) == ("0", "")
    with _running("--seed=7") as again:
        assert again["refresh token"] == printed["refresh token"]


def test_a_host_that_is_not_loopback_is_a_warning() -> None:
    with _running("--host=0.0.0.0") as printed:
        assert printed["API URL"].startswith("http://127.0.0.1:")
        printed["accounts URL"] = printed["accounts URL"].replace("127.0.0.1", "localhost")
        assert _token(printed).json()["api_domain"].startswith("http://localhost:")
    assert re.fullmatch(r"zohocrm-demo: warning: 0\.0\.0\.0 .*\n", printed["stderr"])


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--port=eight"], "'eight'"),
        (["--port=65532"], "65531"),
        (["--latency=-1"], "'-1'"),
        (["--edition=gold"], "'gold'"),
        (["--scopes=leads"], "'leads'"),
        (["--records=Leads"], "''"),
        (["--records=Leeds=3"], "no module Leeds"),
        (["--fault=fire"], "'fire'"),
        (["--fault=500,path=/crm/*,often=2"], "'often=2'"),
        (["--host=nowhere.invalid"], "nowhere.invalid"),
        (["--nothing"], "--nothing"),
    ],
)
def test_a_wrong_option_is_one_line_and_exit_code_2(options: list[str], named: str) -> None:
    assert named in _refused(*options)


def test_a_busy_port_is_one_line_and_exit_code_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert str(taken.getsockname()[1]) in _refused(f"--port={taken.getsockname()[1]}")


def _refused(*options: str) -> str:
    done = subprocess.run(
        [*_COMMAND, *options], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"zohocrm-demo: error: .*\n", done.stderr)
    return done.stderr


def test_a_run_of_the_tap_without_the_demo_loads_nothing_of_it() -> None:
    run = "from tap_zohocrm_modules.tap import TapZohoCRMModules as tap; tap.cli(['--version'])"
    command = [sys.executable, "-X", "importtime", "-c", run]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "tap_zohocrm_modules.tap" in loaded
    assert not [name for name in loaded if name.startswith(("zohocrm_demo", "http.server"))]
