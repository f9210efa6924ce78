"""A PostgreSQL server of the tests' own: started, asked, stopped."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

INSTALLED = Path("/usr/lib/postgresql")
USER = "postgres"
PASSWORD = "not-asked-for"


class PostgresServer:
    """A server on 127.0.0.1 and on a socket in its own folder, whose data nobody keeps."""

    def __init__(self, binaries: Path, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self._binaries = binaries

    def start(self) -> None:
        data = ["-D", str(self.folder / "data")]
        self._as_owner("initdb", *data, "-A", "trust", "-U", USER, "-E", "UTF8", "--no-sync")
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
            " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        )
        log = str(self.folder / "log")
        self._as_owner("pg_ctl", *data, "-w", "-t", "60", "-s", "-l", log, "-o", options, "start")

    def stop(self) -> None:
        data = str(self.folder / "data")
        self._as_owner("pg_ctl", "-D", data, "-w", "-m", "immediate", "-s", "stop")

    def create(self, database: str) -> None:
        self.query("postgres", f'CREATE DATABASE "{database}"')

    def query(self, database: str, sql: str) -> str:
        """Return what psql prints, without frills."""
        done = subprocess.run(
            [
                str(self._binaries / "psql"),
                *("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"),
                *("-h", "127.0.0.1", "-p", str(self.port), "-U", USER, "-d", database),
            ],
            input=sql,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
            env={**os.environ, "PGCLIENTENCODING": "UTF8", "PGTZ": "UTC"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, database: str, sql: str) -> list[dict[str, Any]]:
        """Return a query's rows, their values as PostgreSQL spells them in JSON."""
        text = self.query(database, f"SELECT to_jsonb(found) FROM ({sql}) AS found")
        return [json.loads(line) for line in text.split("\n") if line]

    def _as_owner(self, program: str, *arguments: str) -> None:
        words: Sequence[str] = [str(self._binaries / program), *arguments]
        if os.geteuid() == 0:  # PostgreSQL refuses to be run by root.
            words = ["runuser", "-u", USER, "--", *words]
        # To files, for the server inherits them and would keep a pipe open.
        with (self.folder / f"{program}.out").open("w+", encoding="utf-8") as output:
            done = subprocess.run(
                words,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=120,
                cwd=self.folder,
                check=False,
            )
            output.seek(0)
            assert done.returncode == 0, output.read()


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Start a server, install it first where there is none, and leave nothing behind."""
    binaries = server_binaries()
    # Not in pytest's own folder, which only its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, USER)
    server = PostgresServer(binaries, folder, free_port())
    try:
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def server_binaries() -> Path:
    """Return the folder of initdb and postgres; on Debian and its kin, install them if need be."""
    found = _found_binaries()
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", "postgresql"]):
            subprocess.run(
                ["apt-get", "-q", *words],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                timeout=400,
                check=True,
            )
        found = _found_binaries()
    assert found, "these tests need PostgreSQL's server programs: install postgresql"
    return found


def _found_binaries() -> Path | None:
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    versions = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return versions[-1].parent if versions else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
