"""A PostgreSQL server of the tests' own: started, asked, stopped."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

if sys.platform != "win32":
    import fcntl

INSTALLED = Path("/usr/lib/postgresql")
INSTALLATION_LOCK = Path(tempfile.gettempdir(), "postgresql-installation.lock")
USER = "postgres"
PASSWORD = "not-asked-for"


# Standard input is a pipe whose other end only this process holds: it ends when the process asks
# for it and however the process dies, and the server goes with it.
GUARD = """
set -e
binaries=$1 folder=$2 port=$3
stop() {
    "$binaries/pg_ctl" -D "$folder/data" -w -m immediate -s stop || true
    cd / && rm -rf "$folder"
}
trap stop EXIT
{
    "$binaries/initdb" -D "$folder/data" -A trust -U postgres -E UTF8 --no-sync
    "$binaries/pg_ctl" -D "$folder/data" -w -t 60 -s -l "$folder/log" -o "-p $port \\
        -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder \\
        -c fsync=off -c synchronous_commit=off -c full_page_writes=off" start
} </dev/null >"$folder/out" 2>&1 || { cat "$folder/out" "$folder/log"; exit 1; }
echo started
cat >/dev/null
"""


class PostgresServer:
    """A server on 127.0.0.1 and on a socket in its own folder, whose data nobody keeps."""

    def __init__(self, binaries: Path, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self._binaries = binaries
        words = ["sh", "-c", GUARD, "guard", str(binaries), str(folder), str(port)]
        if os.geteuid() == 0:  # PostgreSQL refuses to be run by root.
            words = ["runuser", "-u", USER, "--", *words]
        # A session of its own: what ends this process and its group must not end the guard.
        self._guard = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            encoding="utf-8",
            start_new_session=True,
        )
        assert self._guard.stdout
        said = self._guard.stdout.readline()
        assert said == "started\n", said + self._guard.communicate(timeout=60)[0]

    def stop(self) -> None:
        said, _ = self._guard.communicate(timeout=60)
        assert self._guard.returncode == 0, said

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
        """Return a query's rows, their values as PostgreSQL spells them in JSON, exact."""
        text = self.query(database, f"SELECT to_jsonb(found) FROM ({sql}) AS found")
        return [json.loads(line, parse_float=Decimal) for line in text.split("\n") if line]


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
        yield server
    finally:
        server.stop()


def server_binaries() -> Path:
    """Return the folder of initdb and postgres; on Debian and its kin, install them if need be."""
    found = _found_binaries()
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        # Tests run in several processes, and apt-get is for one.
        with INSTALLATION_LOCK.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            found = _found_binaries() or _installed_binaries()
    assert found, "these tests need PostgreSQL's server programs: install postgresql"
    return found


def _installed_binaries() -> Path | None:
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
    return _found_binaries()


def _found_binaries() -> Path | None:
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    versions = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return versions[-1].parent if versions else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
