"""Plugins of others, each pinned and in an environment of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipelines.conftest import ROOT, clean_environment, uv

MELTANO = "meltano==4.4.1"
TARGET_POSTGRES = "meltanolabs-target-postgres==0.8.1"
PIPELINEWISE_TARGET_POSTGRES = "pipelinewise-target-postgres==2.1.2"
TARGET_DUCKDB_FILE = str(ROOT / "examples" / "target-duckdb-file")
TARGET_JSONL = "target-jsonl==0.1.4"
TARGET_DUCKDB = "target-duckdb==0.8.0"
TARGET_SNOWFLAKE = "meltanolabs-target-snowflake==0.20.4"
FAKESNOW = "fakesnow[server]==0.12.1"
TARGET_BIGQUERY = "z3-target-bigquery==0.7.2"
GOOGLE_BIGQUERY = "google-cloud-bigquery==3.47.0"
AIRFLOW = "apache-airflow==3.3.2"
AIRFLOW_OPENLINEAGE = "apache-airflow-providers-openlineage==2.20.3"

# The tap runs on later ones too; plugins of others may not.
OTHERS_PYTHON = ">=3.10,<3.13"


def install(folder: Path, *requirements: str) -> Path:
    """Make an environment in `folder` and return where its programs are."""
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    python = sys.executable if TARGET_DUCKDB_FILE in requirements else OTHERS_PYTHON
    run([uv(), "venv", "--quiet", "--python", python, str(folder)])
    run(
        [uv(), "pip", "install", "--quiet", "--python", str(programs / "python"), *requirements],
        timeout=400,
    )
    return programs


def run(
    command: Sequence[str | Path],
    *,
    folder: Path | None = None,
    stdin: Path | None = None,
    variables: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run a command that has to succeed, with no settings of this project in its environment."""
    done = attempt(command, folder=folder, stdin=stdin, variables=variables, timeout=timeout)
    assert done.returncode == 0, f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-6000:]}"
    return done


def attempt(
    command: Sequence[str | Path],
    *,
    folder: Path | None = None,
    stdin: Path | None = None,
    variables: Mapping[str, str] | None = None,
    timeout: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run a command; when its time is up, end it and all that it has started."""
    words = [str(word) for word in command]
    with (
        (stdin or Path(os.devnull)).open("rb") as source,
        subprocess.Popen(
            words,
            cwd=folder,
            env=clean_environment() | dict(variables or {}),
            stdin=source,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        ) as process,
    ):
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(words, process.returncode, stdout, stderr)
