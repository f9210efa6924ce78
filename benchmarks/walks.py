"""The way of one value through the tap: which files it comes into, and comes back to.

Usage: python -m benchmarks.walks [coql | rest | bulk | arrow | bookmark ...]

Every call of a function of the tap that receives the value is counted, in a run on the sample
organisation: a record from Zoho's answer to its line or its file, a bookmark from STATE to the
query. A function receives it as an argument, or inside of one that is data: containers, frozen
dataclasses, structs, pages of records. What an object keeps that is not data is not looked into,
nor is what a closure holds, nor what a function returns.

Consecutive calls of one file and thread are a stay. A return is a stay in a file in which the value
has been before, in the same thread.

A walk that was once counted by hand is the measure of this rule. The tap of 2026-12-01 (fc5a507)
was traced so before this file was written; by this rule the same tap has, stays and returns:

    way                      by hand    by this rule
    coql, to a line          33, 10     27, 6
    bulk, to an Arrow file   65, 28     58, 22
    bookmark, to the call    17, 3      18, 3
"""

from __future__ import annotations

import contextlib
import dataclasses
import dis
import inspect
import io
import itertools
import json
import sys
import tempfile
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from tap_zohocrm_modules.tap import TapZohoCRMModules
from tap_zohocrm_modules.zoho.records.records import Records
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339
from zohocrm_demo import DemoOrganisation, Organisation, sample_organisation

MODULE, RECORDS = "Deals", 12
LOOKBACK = timedelta(seconds=300)
TRIPS = ("coql", "rest", "bulk", "arrow", "bookmark")
_HOUSE = Path(sys.modules["tap_zohocrm_modules"].__file__ or "").parent
_DEEPEST = 8


@dataclasses.dataclass(frozen=True)
class Call:
    """A call that received the value."""

    thread: str
    file: str
    function: str


@dataclasses.dataclass(frozen=True)
class Stay:
    """Consecutive calls of one file."""

    thread: str
    file: str
    functions: tuple[str, ...]
    is_return: bool


class Walk:
    """Notes the calls that receive a value, in all threads that begin meanwhile.

    Args:
        is_value: Whether this text, number or instant is the value, or has it inside.
        ends: A function, as `file::name`, at which the walk is over.
    """

    def __init__(self, is_value: Callable[[Any], bool], ends: str = "") -> None:
        self.calls: list[Call] = []
        self._is_value, self._ends, self._is_over = is_value, ends, False

    @contextlib.contextmanager
    def noting(self) -> Iterator[None]:
        """Note calls within the context."""
        threading.setprofile(self._called)
        sys.setprofile(self._called)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def note(self, thread: str, file: str, function: str) -> None:
        """Note a call that received the value."""
        self.calls.append(Call(thread, file, function))

    def _called(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event != "call" or self._is_over or not code.co_filename.startswith(str(_HOUSE)):
            return
        # A generator that goes on receives nothing.
        if code.co_flags & inspect.CO_GENERATOR and frame.f_lasti > _begins(code):
            return
        file = Path(code.co_filename).relative_to(_HOUSE).as_posix()
        if self._receives(frame):
            thread = threading.current_thread().name
            self.note(thread, file, getattr(code, "co_qualname", code.co_name))
            self._is_over = f"{file}::{code.co_name}" == self._ends

    def _receives(self, frame: FrameType) -> bool:
        sys.setprofile(None)
        try:
            arguments = inspect.getargvalues(frame)
            names = [*arguments.args, *filter(None, (arguments.varargs, arguments.keywords))]
            return any(self._holds(arguments.locals.get(name), 0) for name in names)
        finally:
            sys.setprofile(self._called)

    def _holds(self, value: Any, depth: int) -> bool:
        if depth > _DEEPEST or value is None:
            return False
        if self._is_value(value):
            return True
        return any(self._holds(part, depth + 1) for part in _parts(value))

    def stays(self) -> list[Stay]:
        """Return the stays, one thread after the other."""
        by_thread: dict[str, list[tuple[str, list[str]]]] = {}
        for call in self.calls:
            stays = by_thread.setdefault(call.thread, [])
            if not stays or stays[-1][0] != call.file:
                stays.append((call.file, []))
            if call.function not in stays[-1][1]:
                stays[-1][1].append(call.function)
        found = []
        for thread, stays in by_thread.items():
            been: set[str] = set()
            for file, functions in stays:
                found.append(Stay(thread, file, tuple(functions), file in been))
                been.add(file)
        return found


def returns(stays: Iterable[Stay]) -> int:
    """Return how many of the stays are returns."""
    return sum(stay.is_return for stay in stays)


def _begins(code: CodeType) -> int:
    """Return the last place in a generator's code before it is asked for anything."""
    # CPython 3.11 and later make the generator by an instruction of its own.
    places = (one.offset for one in dis.get_instructions(code) if one.opname == "RESUME")
    return next(places, -1)


def _parts(value: Any) -> Iterable[Any]:
    """Return what a value consists of, if it is data."""
    kind: Any = type(value)
    if isinstance(value, Mapping):
        return itertools.chain(value, value.values())
    if isinstance(value, type):
        return ()
    if isinstance(value, list | tuple | set | frozenset | array):
        return value
    if isinstance(value, Records):
        return vars(value).values()
    if kind.__module__.startswith("pyarrow") and hasattr(value, "to_pylist"):
        return [value.to_pylist()]
    names = getattr(kind, "__struct_fields__", ())
    if getattr(getattr(kind, "__dataclass_params__", None), "frozen", False):
        names = tuple(field.name for field in dataclasses.fields(value))
    # One that is being made has not all of its fields yet.
    return (getattr(value, name, None) for name in names)


def run(settings: Mapping[str, Any], walk: Walk | None, state: Any = None) -> list[dict[str, Any]]:
    """Read the module once, and return the messages."""
    config = {**settings, "record_modules": [MODULE], "lookback": LOOKBACK.seconds}
    with TapZohoCRMModules(config=config) as tap:
        catalog = tap.catalog_dict
    for entry in catalog["streams"]:
        for each in entry["metadata"]:
            each["metadata"]["selected"] = entry["tap_stream_id"] == MODULE
    lines = io.BytesIO()
    text = io.TextIOWrapper(lines, "utf-8", write_through=True)
    with (
        contextlib.redirect_stdout(text),
        TapZohoCRMModules(config=config, catalog=catalog, state=state) as tap,
        walk.noting() if walk else contextlib.nullcontext(),
    ):
        tap.sync_all()
    messages = [json.loads(line) for line in lines.getvalue().splitlines()]
    states = [message["value"] for message in messages if message["type"] == "STATE"]
    part = states[-1]["bookmarks"][MODULE]
    if "position" in part or "replication_key_value" not in part:
        raise RuntimeError("The run did not come to its end, so that the walk is cut short.")
    return messages


def main(trips: Sequence[str]) -> None:
    """Print the walks."""
    for trip in trips or TRIPS:
        walk = follow(trip)
        stays = walk.stays()
        files = {stay.file for stay in stays}
        sys.stdout.write(
            f"{trip}: {len(walk.calls)} calls, {len(stays)} stays, {len(files)} files,"
            f" {returns(stays)} returns\n"
        )
        for stay in stays:
            mark = "<-" if stay.is_return else "  "
            names = ", ".join(stay.functions)
            sys.stdout.write(f"  {mark} {stay.thread[:14]:14} {stay.file}: {names}\n")


def follow(trip: str) -> Walk:
    """Return the walk of a trip."""
    with (
        DemoOrganisation(_small()) as demo,
        tempfile.TemporaryDirectory() as folder,
    ):
        settings = {
            "client_id": demo.client_id,
            "client_secret": demo.client_secret,
            "refresh_token": demo.refresh_token,
            "accounts_url": demo.accounts_url,
            "token_cache_dir": folder,
        }
        first = run({**settings, "read_path": "coql"}, None)
        if trip == "bookmark":
            state = [message["value"] for message in first if message["type"] == "STATE"][-1]
            part = state["bookmarks"][MODULE]
            # Earlier than the run, whose instant other keys of STATE have as well.
            bookmark = parse(part["replication_key_value"]) - timedelta(hours=1)
            part["replication_key_value"] = rfc3339(bookmark)
            walk = Walk(
                same_instant(bookmark, bookmark - LOOKBACK), ends="zoho/transport/client.py::call"
            )
            run({**settings, "read_path": "coql"}, walk, state)
            return walk
        ids = [message["record"]["id"] for message in first if message["type"] == "RECORD"]
        walk = Walk(same_id(ids[len(ids) // 2]))
        if trip == "arrow":
            settings |= {
                "batch_config": {
                    "encoding": {"format": "arrow"},
                    "storage": {"root": Path(folder).as_uri()},
                }
            }
        run({**settings, "read_path": "bulk" if trip == "arrow" else trip}, walk)
        return walk


def _small() -> Organisation:
    organisation = sample_organisation(sample="awkward")
    organisation.records.resize(MODULE, RECORDS)
    return organisation


def same_id(record_id: str) -> Callable[[Any], bool]:
    """Return whether something is this id, or a text that has it inside."""

    def is_it(value: Any) -> bool:
        if isinstance(value, str):
            return record_id in value
        if isinstance(value, bytes | bytearray | memoryview):
            return record_id.encode() in bytes(value)
        return isinstance(value, int) and value == int(record_id)

    return is_it


def same_instant(*instants: datetime) -> Callable[[Any], bool]:
    """Return whether something is one of these instants, or a text that has it inside."""
    seconds = [instant.isoformat()[:19] for instant in instants]

    def is_it(value: Any) -> bool:
        if isinstance(value, str):
            return any(second in value for second in seconds)
        return isinstance(value, datetime) and value.isoformat()[:19] in seconds

    return is_it


if __name__ == "__main__":
    main(sys.argv[1:])
