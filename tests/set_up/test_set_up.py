"""`--set-up`: from a client and a code to a filled-in `.env`, at a terminal and without one."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from dotenv import dotenv_values
from support.cases import sample
from support.demo import small_demo
from support.run import Run, run_tap

from tap_zohocrm_modules.config.choices import DATA_CENTERS
from tap_zohocrm_modules.set_up.scopes import scope_text
from zohocrm_demo import DemoOrganisation

PREFIX = "TAP_ZOHOCRM_MODULES_"


@pytest.fixture(scope="module")
def centers() -> Iterator[dict[str, DemoOrganisation]]:
    """Ten data centres, each with an organisation and clients of its own; all list all."""
    locations: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        found = {
            name: stack.enter_context(small_demo(locations=locations)) for name in DATA_CENTERS
        }
        locations |= {name: demo.accounts_url for name, demo in found.items()}
        yield found


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def at_terminal(folder: Path, answers: Sequence[str], env: Mapping[str, str]) -> tuple[int, str]:
    """Type these answers, one at each colon; returns the exit code and what the screen showed."""
    keyboard, terminal = pty.openpty()
    words = [sys.executable, "-m", "tap_zohocrm_modules", "--set-up"]
    env = {**os.environ, "HOME": str(folder), **env}
    with subprocess.Popen(
        words,
        cwd=folder,
        env=env,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    ) as process:
        os.close(terminal)
        shown, left = b"", list(answers)
        # The system reports a terminal whose program has ended as an error.
        with contextlib.suppress(OSError):
            while chunk := os.read(keyboard, 4096):
                shown += chunk
                if left and shown.endswith(b": "):
                    os.write(keyboard, left.pop(0).encode() + b"\n")
                    shown += b"<answered>"
        code = process.wait(timeout=30)
    os.close(keyboard)
    return code, shown.decode().replace("\r\n", "\n")


def env_of(demo: DemoOrganisation) -> dict[str, str]:
    return {f"{PREFIX}ACCOUNTS_URL": demo.accounts_url}


def answers_of(demo: DemoOrganisation, code: str) -> list[str]:
    return ["n", "", demo.client_id, demo.client_secret, code]


@pytest.mark.parametrize(
    "name",
    sample(DATA_CENTERS, "ae"),
)
def test_the_data_centre_that_knows_the_client_is_found(
    centers: Mapping[str, DemoOrganisation], name: str, tmp_path: Path
) -> None:
    demo = centers[name]
    answers = answers_of(demo, demo.make_code())
    code, screen = at_terminal(tmp_path, answers, env_of(centers["us"]))
    assert code == 0, screen
    assert f"data centre {name}" in screen
    assert "modules  ok" in screen
    file = tmp_path / ".env"
    values = dotenv_values(file)
    assert values[f"{PREFIX}REFRESH_TOKEN"] == demo.refresh_token
    assert values[f"{PREFIX}DATA_CENTER"] == name
    assert values[f"{PREFIX}ACCOUNTS_URL"] == demo.accounts_url
    assert file.stat().st_mode & 0o777 == 0o600
    for secret in (*answers[2:], demo.refresh_token):
        assert secret not in screen


WRONG: dict[str, tuple[Callable[[DemoOrganisation, DemoOrganisation], list[str]], str]] = {
    "a code that was used": (
        lambda demo, _: answers_of(demo, used(demo)),
        "the code has been used",
    ),
    "a code that is too old": (
        lambda demo, _: answers_of(demo, demo.make_code(seconds=0)),
        "older than the minutes chosen for it",
    ),
    "another client's code": (
        lambda demo, _: answers_of(demo, demo.make_code(client_id="1000.OTHER")),
        "with another client",
    ),
    "another data centre's code": (
        lambda demo, other: answers_of(demo, other.make_code()),
        "in another data centre",
    ),
    "a code of a client with a redirect": (
        lambda demo, _: answers_of(demo, demo.make_code(redirect_uri="https://example.com")),
        "not a Self Client",
    ),
    "a code for online access": (
        lambda demo, _: answers_of(demo, demo.make_code(offline=False)),
        "no refresh token",
    ),
    "an unknown client": (
        lambda demo, _: [*answers_of(demo, demo.make_code())[:2], "1000.NO", "x1", "1000.a.b"],
        "client_id is not known there",
    ),
    "another client's secret": (
        lambda demo, other: [
            "n",
            "",
            demo.client_id,
            other.client_secret,
            demo.make_code(),
        ],
        "client_secret does not belong to client_id",
    ),
    "a code with a blank in it": (
        lambda demo, _: answers_of(demo, "1000.a b"),
        "the code is empty or has blanks",
    ),
    "the client id for its secret": (
        lambda demo, _: ["n", "", demo.client_id, demo.client_id, demo.make_code()],
        "the client secret is the client ID again",
    ),
}


def used(demo: DemoOrganisation) -> str:
    code = demo.make_code()
    run = without_terminal(demo, code)
    assert run.code == 0, run.stderr
    return code


@pytest.mark.parametrize(
    "kind",
    [one if "used" in one else pytest.param(one, marks=pytest.mark.thorough) for one in WRONG],
)
def test_what_is_wrong_is_one_line_and_changes_no_file(kind: str, tmp_path: Path) -> None:
    answers_for, words = WRONG[kind]
    with small_demo() as demo, small_demo() as other:
        answers = answers_for(demo, other)
        (tmp_path / ".env").write_text("KEPT=1\n")
        code, screen = at_terminal(tmp_path, answers, env_of(demo))
    assert code == 1, screen
    (line,) = [line for line in screen.splitlines() if "ERROR" in line or words in line]
    assert words in line
    assert (tmp_path / ".env").read_text() == "KEPT=1\n"
    assert not [secret for secret in answers[2:] if secret in screen]


def without_terminal(demo: DemoOrganisation, code: str, **more: str) -> Run:
    env = {
        f"{PREFIX}CLIENT_ID": demo.client_id,
        f"{PREFIX}CLIENT_SECRET": demo.client_secret,
        f"{PREFIX}CODE": code,
        **env_of(demo),
        **more,
    }
    return run_tap("--set-up", env={name: text for name, text in env.items() if text})


def test_without_a_terminal_the_environment_answers(demo: DemoOrganisation) -> None:
    run = without_terminal(demo, demo.make_code())
    assert run.code == 0, run.stderr
    first, second, *checks = run.stdout.decode().splitlines()
    assert first.startswith("account  ok")
    assert second.startswith("file     ok")
    assert [line.split()[0] for line in checks] == ["token", "API", "modules"]
    assert "no setting" not in run.stderr


@pytest.mark.parametrize("missing", ["CLIENT_ID", "CLIENT_SECRET", "CODE"])
def test_an_answer_that_the_environment_lacks_is_named(
    demo: DemoOrganisation, missing: str
) -> None:
    run = without_terminal(demo, demo.make_code(), **{f"{PREFIX}{missing}": ""})
    assert run.error.startswith(f"{PREFIX}{missing} is not set")
    assert demo.calls == ()


def test_other_lines_of_the_file_stay_as_they_are(demo: DemoOrganisation, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"# mine\nOTHER='a b'\n#{PREFIX}START_DATE=2024-01-01\n{PREFIX}CODE_X=1")
    file.chmod(0o644)
    run = without_terminal(demo, demo.make_code())
    assert run.code == 0, run.stderr
    lines = file.read_text().splitlines()
    assert lines[:4] == [
        "# mine",
        "OTHER='a b'",
        f"#{PREFIX}START_DATE=2024-01-01",
        f"{PREFIX}CODE_X=1",
    ]
    assert file.stat().st_mode & 0o777 == 0o600
    assert "2 other variables kept" in run.stdout.decode()
    assert sorted(tmp_path.iterdir()) == [file]


def test_a_second_set_up_replaces_what_the_first_wrote(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    without_terminal(demo, demo.make_code())
    before = (tmp_path / ".env").read_text()
    assert without_terminal(demo, demo.make_code()).code == 0
    assert (tmp_path / ".env").read_text() == before


def test_a_variable_that_would_win_over_the_file_is_named(demo: DemoOrganisation) -> None:
    run = without_terminal(demo, demo.make_code(), **{f"{PREFIX}REFRESH_TOKEN": "1000.old.old"})
    assert run.code == 0, run.stderr
    (warning,) = run.logged("WARNING")
    assert f"{PREFIX}REFRESH_TOKEN in the environment wins over .env" in warning


def test_a_file_that_cannot_be_written_is_named(demo: DemoOrganisation, tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert str(tmp_path / ".env") in without_terminal(demo, demo.make_code()).error


def test_the_client_secret_goes_to_no_host_that_is_not_trusted() -> None:
    with small_demo() as decoy:
        elsewhere = decoy.accounts_url.replace("127.0.0.1", "127.0.0.2")
        with small_demo(locations={"eu": elsewhere, "in": "https://accounts.zoho.in"}) as demo:
            run = without_terminal(demo, demo.make_code())
        assert run.code == 0, run.stderr
        assert decoy.calls == ()


def test_the_scopes_are_the_fewest_that_the_choice_needs() -> None:
    assert scope_text(["modules"], records=False) == "ZohoCRM.settings.modules.READ"
    records = set(scope_text([], records=True).split(","))
    assert records == {
        "ZohoCRM.modules.READ",
        "ZohoCRM.bulk.READ",
        "ZohoCRM.coql.READ",
        "ZohoCRM.settings.fields.READ",
        "ZohoCRM.settings.modules.READ",
    }
