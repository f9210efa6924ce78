"""The tap, the loader and the atlas do without the POSIX calls and signals that Windows lacks."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.conftest import ROOT, run

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(600)]

# Other packages have their own ways on Windows, which they choose when they are imported.
PRELUDE = """
import multiprocessing.util, pathlib, shutil, socketserver, subprocess, sys, tempfile
import duckdb, filelock, jinja2, platformdirs, pyarrow.parquet, requests, singer_sdk.tap_base
import singer_sdk.target_base, tqdm
import os, signal
for name in ("fcntl", "grp", "posix", "pty", "pwd", "resource", "termios", "tty"):
    sys.modules[name] = None
lacking = {
    os: "O_DIRECTORY O_NOFOLLOW chown fork forkpty getegid geteuid getgid getloadavg"
    " getpgid getuid killpg mkfifo nice setsid sysconf uname wait wait3 wait4",
    signal: "SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGUSR1 SIGUSR2 alarm"
    " pthread_sigmask setitimer sigwait",
}
for module, names in lacking.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
"""
TAP = "from tap_zohocrm_modules.__main__ import main; sys.exit(main())"
LOADER = "from target_duckdb_file import TargetDuckDBFile as T; T.cli()"
ATLAS = "from zohocrm_atlas.target import TargetZohoCRMAtlas as T; T.cli()"


def program(code: str, *options: str) -> list[str]:
    paths = [str(ROOT / "examples" / "target-duckdb-file"), str(ROOT)]
    return [sys.executable, "-c", f"{PRELUDE}\nsys.path[:0] = {paths!r}\n{code}", *options]


def test_records_reach_the_file_by_lines_and_by_files(tmp_path: Path) -> None:
    settings = {"environment": "demo", "record_modules": ["Campaigns"]}
    for batch in ({}, {"batch_config": {"encoding": {"format": "arrow"}}}):
        storage = {"storage": {"root": (tmp_path / "batches").as_uri()}}
        more = {"batch_config": batch["batch_config"] | storage} if batch else {}
        (tmp_path / "config.json").write_text(json.dumps(settings | more), "utf-8")
        found = run(program(TAP, "--config", "config.json", "--discover"), folder=tmp_path)
        assert found.returncode == 0, found.stderr
        catalog = json.loads(found.stdout)
        for stream in catalog["streams"]:
            wanted = stream["tap_stream_id"] in {"Campaigns", "modules"}
            for item in stream["metadata"]:
                if not item["breadcrumb"]:
                    item["metadata"]["selected"] = wanted
        (tmp_path / "catalog.json").write_text(json.dumps(catalog), "utf-8")
        options = ("--config", "config.json", "--catalog", "catalog.json")
        said = run(program(TAP, *options), folder=tmp_path)
        assert said.returncode == 0, said.stderr
        (tmp_path / "target.json").write_text(json.dumps({"path": f"{len(batch)}.duckdb"}), "utf-8")
        loaded = run(program(LOADER, "--config", "target.json"), folder=tmp_path, stdin=said.stdout)
        assert loaded.returncode == 0, loaded.stderr
        with duckdb.connect(str(tmp_path / f"{len(batch)}.duckdb")) as database:
            [(count,)] = database.execute("SELECT count(*) FROM Campaigns").fetchall()
        assert count > 10


def test_the_atlas_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"environment": "demo", "record_modules": []}', "utf-8")
    said = run(program(TAP, "--config", "config.json"), folder=tmp_path)
    assert said.returncode == 0, said.stderr
    (tmp_path / "target.json").write_text(json.dumps({"output_path": "atlas"}), "utf-8")
    drawn = run(program(ATLAS, "--config", "target.json"), folder=tmp_path, stdin=said.stdout)

    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "atlas" / "index.html").exists()
