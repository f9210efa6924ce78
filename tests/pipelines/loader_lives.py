"""Lives of two tables, by seed: what a tap emits in some runs, and how each run ends.

The rows that a run emits are RECORD messages or, where files carry them, BATCH messages: the same
rows either way. What a destination has to hold in the end, `simulation.destination` says.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from simulation.destination import Destination

Message = dict[str, Any]

STREAMS, IDS = ("Leads", "Deals"), "abcdef"
VALUES: dict[str, tuple[Any, ...]] = {
    "integer": (0, -7, 2**53),
    "number": (1234.99, -0.01, 100, 0.5),
    "boolean": (True, False),
    "date": ("2026-02-28", "1969-12-31"),
    "date-time": ("2026-02-28T23:30:00Z", "9999-12-31T00:00:00Z"),
    "string": ("", "x", "007", "納品書 \"'\\"),
    "object": ({"id": "5"}, {"n": [1, None, "ß"]}),
    "array": ([], ["x", 1]),
}
WIDER = {
    "integer": ("number", "string"),
    "number": ("string",),
    "boolean": ("string",),
    "date": ("date-time", "string"),
    "date-time": ("string",),
    "object": ("string",),
    "array": ("string",),
}
DELETED = "_sdc_deleted_at"


@dataclasses.dataclass(frozen=True)
class Life:
    """What is emitted, run by run; each run's last message is a STATE.

    Attributes:
        runs: The messages of each run, were it not ended early.
        types: The types of each stream's columns at the end.
    """

    runs: list[list[Message]]
    types: dict[str, dict[str, str]]


def live(random: Random) -> Life:
    """Return a life."""
    types: dict[str, dict[str, str]] = {stream: {} for stream in STREAMS}
    shown: dict[str, list[str]] = {stream: [] for stream in STREAMS}
    runs = []
    for number in range(random.randint(1, 4)):
        said: list[Message] = []
        for stream in random.sample(STREAMS, random.randint(1, 2)):
            version = number + 1 if random.random() < 0.4 else None
            said += _read(random, stream, types[stream], shown[stream], version)
        said.append({"type": "STATE"})
        for at, message in enumerate(said):
            if message["type"] == "STATE":
                message["value"] = {"run": number, "read": at + 1}
        runs.append(said)
    sent: dict[str, dict[str, str]] = {stream: {} for stream in STREAMS}
    for message in (message for said in runs for message in said if "kinds" in message):
        sent[message["stream"]] |= message["kinds"]
    return Life(runs, sent)


def _read(
    random: Random, stream: str, types: dict[str, str], shown: list[str], version: int | None
) -> Iterator[Message]:
    """Yield what a run says of a stream, which has other columns than in the last one."""
    for part in range(random.randint(1, 3)):
        # A tap discovers before it runs.
        _change(random, types, shown, may_widen=part == 0)
        columns = {name: types[name] for name in shown}
        yield _schema(stream, columns)
        for _ in range(random.randint(0, 8)):
            yield _record(random, stream, columns, version)
            if random.random() < 0.2:
                yield {"type": "STATE"}
    if version is not None:
        yield {"type": "ACTIVATE_VERSION", "stream": stream, "version": version}
        yield {"type": "STATE"}


def _change(random: Random, types: dict[str, str], shown: list[str], *, may_widen: bool) -> None:
    """Add a column, leave one out, show it again, or widen one."""
    for _ in range(random.randint(1, 3) if types else 4):
        name = f"c{random.randrange(6)}"
        if name not in types:
            types[name] = random.choice([*VALUES])
        elif name in shown and may_widen and random.random() < 0.4:
            types[name] = random.choice(WIDER.get(types[name], ("string",)))
        elif name in shown:
            shown.remove(name)
            continue
        if name not in shown:
            shown.append(name)


def _schema(stream: str, columns: Mapping[str, str]) -> Message:
    properties: dict[str, Any] = {"id": {"type": ["string"]}}
    for name, kind in [*columns.items(), (DELETED, "date-time")]:
        is_time = kind.startswith("date")
        properties[name] = {"type": ["string" if is_time else kind, "null"]}
        properties[name] |= {"format": kind} if is_time else {}
    schema = {"type": "object", "properties": properties}
    return {
        "type": "SCHEMA",
        "stream": stream,
        "key_properties": ["id"],
        "schema": schema,
        "kinds": dict(columns),
    }


def _record(
    random: Random, stream: str, columns: Mapping[str, str], version: int | None
) -> Message:
    record: dict[str, Any] = {"id": random.choice(IDS)}
    if random.random() < 0.2:
        record[DELETED] = "2026-01-01T00:00:00Z"
    else:
        has = [*columns] if random.random() < 0.6 else random.sample([*columns], len(columns) // 2)
        record |= {name: random.choice((None, *VALUES[columns[name]])) for name in has}
    found = {"type": "RECORD", "stream": stream, "record": record}
    return found if version is None else {**found, "version": version}


def expected(life: Life) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the rows by id that each stream's table has in the end, by the specification."""
    destination = Destination()
    held: dict[str, dict[str, str]] = {stream: {} for stream in STREAMS}
    for message in (message for run in life.runs for message in run):
        if message["type"] == "SCHEMA":
            stream = message["stream"]
            for name, kind in message["kinds"].items():
                before = held[stream].get(name, kind)
                held[stream][name] = kind
                for row in destination.tables.get(stream, {}).values():
                    if before != kind and row.get(name) is not None:
                        row[name] = _widened(row[name], kind)
        assert destination.apply([message]) == []
    return {
        stream: {
            key: {name: row.get(name) for name in life.types[stream]}
            for key, row in destination.tables.get(stream, {}).items()
        }
        for stream in STREAMS
    }


def _widened(value: Any, kind: str) -> Any:
    if kind == "date-time":
        return f"{value}T00:00:00Z"
    if kind == "string" and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return value
