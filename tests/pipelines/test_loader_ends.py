"""How the embedded destination ends: by a signal, a full disk, or what it cannot load."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from support.memory import measured

from pipelines.conftest import clean_environment
from pipelines.loader_messages import (
    SOURCE,
    message_of,
    record,
    schema,
    state,
    write,
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
ROWS = 20_000
DATE = {"type": ["string", "null"], "format": "date"}
LIMITED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def command(folder: Path, **settings: Any) -> list[str]:
    config = folder / "config.json"
    settings |= {"path": str(folder / "warehouse.duckdb")}
    config.write_text(json.dumps(settings), "utf-8")
    return [sys.executable, str(SOURCE), "--config", str(config)]


def lines(*messages: Mapping[str, Any]) -> str:
    return "".join(json.dumps(message) + "\n" for message in messages)


def load(words: Sequence[str], said: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        words,
        input=said,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )


def rows(folder: Path) -> int:
    with duckdb.connect(str(folder / "warehouse.duckdb")) as database:
        if not database.execute("FROM duckdb_tables()").fetchall():
            return 0
        [(count,)] = database.execute("SELECT count(*) FROM things").fetchall()
    return int(count)


def batch(file: Path, **more: Any) -> dict[str, Any]:
    return message_of(file, "arrow") | more


def written(folder: Path, **columns: Any) -> Path:
    file = folder / "rows.arrow"
    write(pa.table(columns), file, "arrow")
    return file


BAD: dict[str, tuple[Callable[[Path], dict[str, Any] | None], str]] = {
    "a file that is not there": (lambda folder: batch(folder / "no.arrow"), "no.arrow"),
    "a file of something else": (lambda _: batch(SOURCE / "pyproject.toml"), "Arrow"),
    "a message without a manifest": (
        lambda folder: {k: v for k, v in batch(folder).items() if k != "manifest"},
        "manifest",
    ),
    "an empty date": (lambda _: record(id="b", day=""), "''"),
    "an empty date in a file": (
        lambda folder: batch(written(folder, id=["b"], day=[""])),
        "invalid date",
    ),
    "a lone surrogate": (lambda _: record(id="b", label="\ud800"), "surrogates"),
    "a value of another type": (lambda _: record(id="b", label=5), "5 is not"),
    "an integer that is too large": (lambda _: record(id="b", size=2**70), "JSON transform error"),
    "a record without its key": (lambda _: record(label="b"), "key"),
    "a stream without a SCHEMA": (lambda _: {**record(id="b"), "stream": "others"}, "others"),
    "half a line": (lambda _: None, "JSON"),
}


FIRST = {"a file that is not there"}


@pytest.mark.parametrize(
    "name",
    [name if name in FIRST else pytest.param(name, marks=pytest.mark.thorough) for name in BAD],
)
def test_what_cannot_be_loaded_is_one_line_and_gives_no_state(tmp_path: Path, name: str) -> None:
    bad, reason = BAD[name]
    message = bad(tmp_path)
    columns = schema("id", day=DATE, size={"type": ["integer", "null"]})
    said = lines(columns, record(id="a"), state(at=1))
    said += lines(message, state(at=2)) if message else lines(record(id="b"))[:-20]
    done = load(command(tmp_path), said)

    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert reason in done.stderr.strip().splitlines()[-1]


@pytest.mark.thorough
@posix
def test_a_full_disk_is_one_line_and_gives_no_state(tmp_path: Path) -> None:
    words = [sys.executable, "-c", LIMITED, *command(tmp_path, batch_size_rows=500)[1:]]
    many = [
        record(id=str(at), label=f"{at}" + random.Random(at).randbytes(500).hex())
        for at in range(10_000)
    ]
    done = load(words, lines(schema("id"), *many, state(at=1)))

    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert "File too large" in done.stderr.strip().splitlines()[-1]


@pytest.mark.thorough
def test_a_second_writer_says_so(tmp_path: Path) -> None:
    words = command(tmp_path)
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env=clean_environment(), text=True
    ) as first:
        assert first.stdin
        first.stdin.write(lines(schema("id"), record(id="a")))
        first.stdin.flush()
        until = time.monotonic() + 120
        while not (tmp_path / "warehouse.duckdb").exists() and time.monotonic() < until:
            time.sleep(0.05)
        second = load(words, lines(schema("id"), record(id="b"), state(at=1)))
        first.stdin.close()

    assert first.returncode == 0
    assert (second.returncode, second.stdout) == (1, "")
    assert "cannot be opened for writing" in second.stderr.strip().splitlines()[-1]
    assert rows(tmp_path) == 1


@posix
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["term", "int"]
)
def test_a_signal_ends_it_with_its_code_and_no_state(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with subprocess.Popen(
        command(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environment(),
        text=True,
    ) as loader:
        assert loader.stdin
        assert loader.stderr
        loader.stdin.write(lines(schema("id"), record(id="a"), state(at=1)))
        loader.stdin.flush()
        until = time.monotonic() + 120
        while not (tmp_path / "warehouse.duckdb").exists() and time.monotonic() < until:
            time.sleep(0.05)
        loader.send_signal(number)
        said, log = loader.communicate(timeout=60)

    assert (loader.returncode, said) == (code, "")
    assert "Traceback" not in log
    assert rows(tmp_path) == 0


@posix
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize(
    "moments",
    [pytest.param(10, marks=pytest.mark.heavy), pytest.param(100, marks=pytest.mark.nightly)],
)
def test_a_pipeline_that_is_terminated_is_never_green_with_input_unread(
    tmp_path: Path, moments: int
) -> None:
    """However far it is: the input is larger than any pipe holds."""
    said, source = tmp_path / "said.jsonl", random.Random(24)
    many = (record(id=str(at), label="x" * 200) for at in range(ROWS))
    said.write_text(lines(schema("id"), *many, state(at=ROWS)), "utf-8")
    pipeline = f"set -o pipefail; cat {said} | {' '.join(command(tmp_path))}"
    begun = time.monotonic()
    assert load(["bash", "-c", pipeline], "").returncode == 0
    took = time.monotonic() - begun
    codes = []
    for _ in range(moments):
        (tmp_path / "warehouse.duckdb").unlink(missing_ok=True)
        with subprocess.Popen(
            ["bash", "-c", f"{pipeline}; echo $? >&2"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(),
            start_new_session=True,
            text=True,
        ) as running:
            time.sleep(source.uniform(0, 1.1 * took))
            loaders = subprocess.run(
                ["pgrep", "-P", str(running.pid), "-f", SOURCE.name],
                capture_output=True,
                text=True,
                check=False,
            )
            for pid in loaders.stdout.split():
                subprocess.run(["kill", "-TERM", pid], check=False)
            confirmed, log = running.communicate(timeout=120)
        code = int(log.strip().splitlines()[-1])
        codes.append(code)
        assert "Traceback" not in log
        # Green means that all is there and said so, and what is said is there: it may be
        # terminated when it has said all.
        assert code in {0, 143}
        assert confirmed == f'{{"at": {ROWS}}}\n' or (code, confirmed) == (143, "")
        if confirmed:
            assert rows(tmp_path) == ROWS
    assert codes.count(143) > moments / 4


@pytest.mark.heavy
@pytest.mark.parametrize("kind", ["arrow", "parquet"])
def test_a_row_of_60_mb_in_a_file_is_loaded(tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"rows.{kind}"
    write(pa.table({"id": ["a", "b", "c"], "label": ["x", "y" * 60_000_000, "z"]}), file, kind)
    said = tmp_path / "said.jsonl"
    said.write_text(lines(schema("id"), message_of(file, kind), state(at=1)), "utf-8")
    code, _, log, _ = measured(command(tmp_path), stdin=said)

    assert code == 0, log
    assert rows(tmp_path) == 3
