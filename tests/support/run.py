"""Runs the tap in this process through its command line, as a user would."""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import functools
import io
import json
import logging
import os
import re
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tap_zohocrm_modules.sync.run_options import RunOptions
from tap_zohocrm_modules.tap import TapZohoCRMModules
from tap_zohocrm_modules.zoho.transport.machine import Machine
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy

Message = dict[str, Any]

FAST = RetryPolicy(max_tries=4, max_time=5, first_wait=0.001, longest_wait=0.002)
"""As many tries as show what is retried, and no waiting."""

# How the tap works in the tests of a context.
_OPTIONS: contextvars.ContextVar[RunOptions] = contextvars.ContextVar("_OPTIONS")

_LINE = re.compile(r"(\S+ \S+) +\| (?P<level>\w+) +\| (?P<logger>\S+) +\| (?P<text>.*)")
_OURS = ("TAP_ZOHOCRM_MODULES_", "LOGLEVEL", "SINGER_SDK_LOG_CONFIG")


@dataclasses.dataclass(frozen=True)
class LogLine:
    """One line of the log; what does not look like one has no level."""

    level: str
    logger: str
    text: str


@dataclasses.dataclass(frozen=True)
class Run:
    """What a run of the tap left behind."""

    code: int
    stdout: bytes
    stderr: str

    @functools.cached_property
    def messages(self) -> list[Message]:
        return [json.loads(line) for line in self.stdout.split(b"\n") if line]

    def of_type(self, kind: str) -> list[Message]:
        return [message for message in self.messages if message["type"] == kind]

    @property
    def types(self) -> list[str]:
        """The types of the messages in order, each run of equal ones once."""
        kinds = [message["type"] for message in self.messages]
        return [kind for kind, last in zip(kinds, [None, *kinds], strict=False) if kind != last]

    @property
    def rows(self) -> list[Message]:
        return [message["record"] for message in self.of_type("RECORD")]

    def bookmark(self, stream: str) -> Any:
        """The bookmark of a stream in the last STATE, None if it has none."""
        return self.state["bookmarks"][stream].get("replication_key_value")

    def rows_of(self, stream: str) -> list[Message]:
        """The rows of a stream."""
        return [row["record"] for row in self.of_type("RECORD") if row["stream"] == stream]

    def ids_in(self, stream: str) -> list[str]:
        """The ids of the rows of a stream, in order."""
        return sorted(row["id"] for row in self.rows_of(stream))

    @property
    def credits(self) -> int:
        """What the run has spent, as its log says."""
        (found,) = re.findall(r"API calls: \d+, credits: (\d+), ", self.stderr)
        return int(found)

    @property
    def state(self) -> Any:
        """The STATE from which the next run resumes: the value of the last message."""
        return self.of_type("STATE")[-1]["value"]

    @functools.cached_property
    def log(self) -> list[LogLine]:
        lines = []
        # Not splitlines(), which also splits at line separators inside texts.
        for line in filter(None, self.stderr.split("\n")):
            match = _LINE.fullmatch(line)
            lines.append(
                LogLine(match["level"], match["logger"], match["text"])
                if match
                else LogLine("", "", line)
            )
        return lines

    def logged(self, level: str) -> list[str]:
        return [line.text for line in self.log if line.level == level]

    @property
    def error(self) -> str:
        """The one line that says why the run failed."""
        assert self.code == 1, self.stderr
        errors = self.logged("ERROR") + self.logged("CRITICAL")
        assert len(errors) == 1, errors
        return errors[0]


def run_tap(
    *options: str,
    config: Mapping[str, Any] | None = None,
    catalog: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    policy: RetryPolicy = FAST,
) -> Run:
    """Run the tap with these files and options, in a clean environment plus `env`.

    It works as the options of `with_options` say.

    Each run has a token cache of its own, unless `config` says where it is.

    `--test` has its own policy, of which the number of tries stays as it is.
    """
    files = {"--config": config, "--catalog": catalog, "--state": state}
    with tempfile.TemporaryDirectory() as folder:
        words = [*options]
        for option, value in files.items():
            if value is not None:
                if option == "--config":
                    value = {"token_cache_dir": folder, **value}  # noqa: PLW2901
                path = Path(folder, f"{option[2:]}.json")
                path.write_text(json.dumps(value), "utf-8")
                words += [option, str(path)]
        with _process(env or {}) as (stdout, stderr):
            code = _main(_tap_with(policy), words)
            sys.stdout.flush()
            sys.stderr.flush()
    run = Run(code, stdout.getvalue(), stderr.getvalue().decode("utf-8"))
    # For whoever reads of a test that fails.
    print(run.stderr, file=sys.stderr)  # noqa: T201
    return run


@contextlib.contextmanager
def with_options(**changes: Any) -> Iterator[None]:
    """Let the tap work in these ways: see `RunOptions`."""
    kept = _OPTIONS.set(dataclasses.replace(_OPTIONS.get(RunOptions()), **changes))
    try:
        yield
    finally:
        _OPTIONS.reset(kept)


def machine_of_tests() -> Machine:
    """The machine that the tap has in the tests of this context."""
    return _OPTIONS.get(RunOptions()).machine


def _tap_with(policy: RetryPolicy) -> type[TapZohoCRMModules]:
    options = _OPTIONS.get(RunOptions())
    tries = min(policy.max_tries, options.quick.policy.max_tries)
    quick = dataclasses.replace(options.quick, policy=dataclasses.replace(policy, max_tries=tries))

    class Tap(TapZohoCRMModules):
        __doc__ = TapZohoCRMModules.__doc__

    Tap.options = dataclasses.replace(options, policy=policy, quick=quick)
    return Tap


def _main(tap: type[TapZohoCRMModules], words: list[str]) -> int:
    with pytest.raises(SystemExit) as end:
        tap.cli.main(words)
    code = end.value.code
    assert code is None or isinstance(code, int), code
    return code or 0


@contextlib.contextmanager
def _process(env: Mapping[str, str]) -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    """Give what the tap changes in its process: streams, environment, logging, signals."""
    stdout, stderr = io.BytesIO(), io.BytesIO()
    out = io.TextIOWrapper(stdout, "utf-8", write_through=True)
    # As Python opens the real one: what it cannot encode it escapes.
    err = io.TextIOWrapper(stderr, "utf-8", errors="backslashreplace")
    clean = {name: text for name, text in os.environ.items() if not name.startswith(_OURS)}
    root = logging.getLogger()
    handlers, level, hook = root.handlers[:], root.level, sys.excepthook
    # pytest's own live as long as the session, and would keep what each run adds to them.
    root.handlers[:] = []
    signals = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    with (
        mock.patch.dict(os.environ, {**clean, **env}, clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        try:
            yield stdout, stderr
        finally:
            logging.captureWarnings(capture=False)
            root.handlers[:] = handlers
            root.setLevel(level)
            sys.excepthook = hook
            for number, handler in signals.items():
                signal.signal(number, handler)
            # Neither may be closed with its wrapper: the caller reads them.
            out.detach()
            err.detach()
