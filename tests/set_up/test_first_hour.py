"""docs/meltano.md, "In a project of your own", typed from an empty folder and an empty home."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from destinations.postgres_server import PASSWORD, PostgresServer
from pipelines.conftest import COPIED, ROOT, clean_environment
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.timeout(1_800),
    pytest.mark.skipif(sys.platform == "win32", reason="types into a POSIX shell"),
]

PAGE = (ROOT / "docs" / "meltano.md").read_text("utf-8")
CHAPTER = PAGE.partition("## In a project of your own")[2].partition("\n### ")[0]
BLOCK = re.compile(r"^( *)```(\w+)\n(.+?)\n *```$", re.MULTILINE | re.DOTALL)
PROMPT = "typed> "
PATIENCE = 900
"""Seconds for one line, on a machine that others use too."""


def blocks(text: str, language: str) -> list[str]:
    """The blocks of a language as a reader copies them, without the list's indentation."""
    return [
        re.sub(rf"^{found[1]}", "", found[3], flags=re.MULTILINE)
        for found in BLOCK.finditer(text)
        if found[2] == language
    ]


class Terminal:
    """A shell at a terminal; `transcript` has what was typed and what it showed."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.transcript = ""
        self.typed: list[str] = []
        self._keyboard, terminal = pty.openpty()
        self._shell = subprocess.Popen(
            ["bash", "--norc", "--noprofile", "-i"],
            cwd=folder,
            env={**environment, "PS1": PROMPT, "TERM": "dumb"},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
        os.close(terminal)
        self._shows((PROMPT,))

    def type(self, line: str, *answers: str) -> str:
        """Type a line, and an answer at each colon; return what was shown until the next prompt."""
        begun, shown = time.monotonic(), ""
        left = [line, *answers]
        while left:
            os.write(self._keyboard, f"{left[0]}\n".encode())
            self.typed.append(left.pop(0))
            shown += self._shows((PROMPT, ": ") if left else (PROMPT,))
        self.transcript += f"[{time.monotonic() - begun:.0f} s]\n"
        code = self._ask("echo $?")
        assert code == "0", self.transcript[-6_000:]
        return shown

    def close(self) -> None:
        self._shell.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._shell.wait(20)
        self._shell.kill()
        self._shell.wait(20)
        os.close(self._keyboard)

    def _ask(self, line: str) -> str:
        os.write(self._keyboard, f"{line}\n".encode())
        shown, kept = self._shows((PROMPT,)), self.transcript
        self.transcript = kept[: len(kept) - len(shown)]
        return shown.splitlines()[-2].strip()

    def _shows(self, ends: tuple[str, ...]) -> str:
        shown, until = b"", time.monotonic() + PATIENCE
        while not shown.decode(errors="replace").endswith(ends):
            assert time.monotonic() < until, self.transcript + shown.decode(errors="replace")
            shown += os.read(self._keyboard, 65_536)
        text = shown.decode().replace("\r\n", "\n")
        self.transcript += text
        return text


@pytest.fixture
def database(postgres: PostgresServer) -> str:
    postgres.query("postgres", f"CREATE ROLE loader SUPERUSER LOGIN PASSWORD '{PASSWORD}'")
    postgres.create("warehouse")
    return "warehouse"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    for name in COPIED:
        ignored = shutil.ignore_patterns("__pycache__", ".meltano", "state")
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def terminal(tmp_path: Path, postgres: PostgresServer) -> Iterator[Terminal]:
    """In an empty folder, with an empty home; what was downloaded before is in uv's cache."""
    home, folder = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    cache = subprocess.run(["uv", "cache", "dir"], capture_output=True, text=True, check=True)
    environment = clean_environment() | {
        "HOME": str(home),
        "PATH": os.pathsep.join([str(home / ".local" / "bin"), os.environ["PATH"]]),
        "UV_CACHE_DIR": cache.stdout.strip(),
        "PGPORT": str(postgres.port),
        "PGPASSWORD": PASSWORD,
        "PAGER": "cat",
    }
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        environment.pop(name, None)
    opened = Terminal(folder, environment)
    yield opened
    opened.close()


def test_from_an_empty_folder_to_rows(
    terminal: Terminal, checkout: Path, postgres: PostgresServer, database: str, tmp_path: Path
) -> None:
    install = next(line for line in blocks(PAGE, "sh") if line.startswith("uv tool install"))
    make, set_up, load, look = blocks(CHAPTER, "sh")
    [project] = (text for text in blocks(CHAPTER, "yaml") if "include_paths" in text)
    [lines] = blocks(PAGE, "text")
    values = {
        "HOST": "127.0.0.1",
        "PORT": postgres.port,
        "USER": "loader",
        "PASSWORD": PASSWORD,
        "DATABASE": database,
    }
    assert all(f"TARGET_POSTGRES_{name}=" in lines for name in values)

    with DemoOrganisation(awkward_sample) as zoho:
        terminal.type(install)
        for line in make.splitlines():
            terminal.type(line.replace("/path/to/tap-zohocrm-modules", str(checkout)))
        folder = tmp_path / "work" / "zoho-crm"
        (folder / "meltano.yml").write_text(project, "utf-8")
        env = [f"TARGET_POSTGRES_{name}={value}" for name, value in values.items()]
        env += [f"TAP_ZOHOCRM_MODULES_ACCOUNTS_URL={zoho.accounts_url}"]
        (folder / ".env").write_text("\n".join([*env, ""]), "utf-8")

        before = len(terminal.typed)
        code = zoho.make_code()
        terminal.type(set_up, "n", "", zoho.client_id, zoho.client_secret, code)
        said = {line: terminal.type(line) for line in load.splitlines()}
        shown = terminal.type(look)

    # For people who run it with -s.
    print(terminal.transcript)  # noqa: T201
    assert len(terminal.typed) - before <= 12
    [plan] = (text for line, text in said.items() if "--plan" in line)
    assert re.search(r"^modules +\d", plan, re.MULTILINE)
    assert not re.search(r"^layouts ", plan, re.MULTILINE)
    assert "api_name" in shown
    assert "Leads" in shown
    (found,) = postgres.rows(database, "SELECT count(*) AS n FROM zoho_crm.modules")
    assert found["n"] == len(zoho.organisation.modules)
    tables = postgres.rows(
        database, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'zoho_crm'"
    )
    assert len(tables) == 8
    for secret in (zoho.client_secret, code, zoho.refresh_token):
        assert secret not in terminal.transcript
