"""Record streams against the demo organisation: catalogs, runs, and the truth to compare with."""

from __future__ import annotations

import copy
import functools
import itertools
import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from typing_extensions import override

from support.demo import config_for
from support.run import FAST, Run, run_tap
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from zohocrm_demo import DemoOrganisation

Record = dict[str, Any]


@functools.cache
def _discovered() -> dict[str, dict[str, Any]]:
    run = run_tap("--discover", config={"environment": "demo"})
    assert run.code == 0, run.stderr
    return {entry["tap_stream_id"]: entry for entry in json.loads(run.stdout)["streams"]}


def records_catalog(*streams: str, without: Collection[str] = (), **entry: Any) -> dict[str, Any]:
    """The sample organisation's catalog with these streams chosen, and no others in it.

    Args:
        streams: Their names.
        without: Columns that are not chosen.
        entry: What each stream's entry has besides.
    """
    found = [{**copy.deepcopy(_discovered()[name]), **entry} for name in streams]
    for item in itertools.chain.from_iterable(one["metadata"] for one in found):
        if not item["breadcrumb"]:
            item["metadata"]["selected"] = True
        elif item["breadcrumb"][-1] in without:
            item["metadata"]["selected"] = False
    return {"streams": found}


@functools.cache
def shared_catalog(*streams: str) -> dict[str, Any]:
    """That catalog, made once, and not to be changed."""
    return records_catalog(*streams)


def read_records(
    demo: DemoOrganisation,
    *streams: str,
    state: Any = None,
    catalog: dict[str, Any] | None = None,
    policy: RetryPolicy = FAST,
    env: Mapping[str, str] | None = None,
    **more: Any,
) -> Run:
    """Read these streams, or those of a catalog; `more` are settings."""
    # Ten downloads a minute are enough for a run, but not for all of a test's.
    demo.organisation.records.bulk_jobs._downloads.clear()
    return run_tap(
        config=config_for(demo, **more),
        catalog=catalog or shared_catalog(*streams),
        state=state,
        env=env,
        policy=policy,
    )


def read_whole(demo: DemoOrganisation, *streams: str, **more: Any) -> Run:
    """Read them as `read_records` does, by a run that succeeds."""
    run = read_records(demo, *streams, **more)
    assert run.code == 0, run.logged("ERROR")
    return run


def bookmarked(stream: str, time: datetime | str) -> dict[str, Any]:
    """The STATE from which the next run reads what has changed in a stream since then."""
    if isinstance(time, datetime):
        time = time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    bookmark = {"replication_key": "Modified_Time", "replication_key_value": time}
    return {"bookmarks": {stream: bookmark}}


def cuts(run: Run, word: str = "") -> list[tuple[bytes, dict[str, Any]]]:
    """The output up to each STATE in which the word is, and that STATE."""
    lines = run.stdout.splitlines(keepends=True)
    return [
        (b"".join(lines[: number + 1]), json.loads(line)["value"])
        for number, line in enumerate(lines)
        if b'"type":"STATE"' in line and word.encode() in line
    ]


def discovered_now(demo: DemoOrganisation, *modules: str) -> dict[str, Any]:
    """The catalog as discovery makes it now, everything in it selected."""
    run = run_tap("--discover", config=config_for(demo, record_modules=list(modules)))
    catalog: dict[str, Any] = json.loads(run.stdout)
    catalog["streams"] = [one for one in catalog["streams"] if one["stream"] in modules]
    for item in (item for one in catalog["streams"] for item in one["metadata"]):
        if not item["breadcrumb"]:
            item["metadata"]["selected"] = True
    return catalog


def discovered_streams() -> set[str]:
    """The names of all streams of the sample organisation."""
    return {*_discovered()}


def readable_streams() -> set[str]:
    """The names of the streams of records that Zoho lets the sample organisation read."""
    # It lists these as readable, and refuses their records.
    refused = {"CTI_Entry", "Emails", "Locking_Information__s"}
    others = ENDPOINTS.keys() | {"audit_log", "deleted_records", "sync_report"}
    return discovered_streams() - others - refused


@functools.lru_cache(maxsize=1)
def decoded(stdout: bytes) -> list[dict[str, Any]]:
    """The messages with exact numbers; not to be changed."""
    # Not splitlines(), which also splits at line separators inside texts.
    return [json.loads(line, parse_float=Decimal) for line in stdout.split(b"\n") if line]


def emitted(stdout: bytes, stream: str) -> dict[str, Record]:
    """What a destination holds of a stream after these messages, deletions applied."""
    return applied({}, stdout, stream)


def applied(table: dict[str, Record], stdout: bytes, stream: str) -> dict[str, Record]:
    """A destination's table after these messages: later rows win, tombstones remove."""
    for message in decoded(stdout):
        if message["type"] == "RECORD" and message["stream"] == stream:
            record = message["record"]
            if record.get("_sdc_deleted_at"):
                table.pop(record["id"], None)
            else:
                table[record["id"]] = record
    return table


def table(stream: str, *outputs: bytes) -> dict[str, Record]:
    """What a destination holds of a stream after the messages of several runs."""
    rows: dict[str, Record] = {}
    for output in outputs:
        applied(rows, output, stream)
    return rows


def existing(run: Run) -> dict[str, str]:
    """The times of the records that a run has emitted, by id, without deletions."""
    return {r["id"]: r["Modified_Time"] for r in run.rows if not r.get("_sdc_deleted_at")}


def truth(demo: DemoOrganisation, module: str, columns: Iterable[str]) -> dict[str, Record]:
    """Every record of a module as the tap ought to give it, in these columns."""
    store = demo.organisation.records
    known = store.fields(module)
    wanted = [column for column in columns if column in known]
    return {
        row["id"]: {name: _canonical(known[name], row[name]) for name in wanted}
        for row in store.read(module, *wanted)
    }


def _canonical(field: dict[str, Any], value: Any) -> Any:  # noqa: PLR0911 - a rule a line
    if value is None or value in ([], "", ()):
        return None
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, tuple):
        # A record of any module: the module and the id.
        return value[1]
    if isinstance(value, dict):
        return value["id"]
    if isinstance(value, list) and isinstance(value[0], dict):
        return Json(value)
    if field["data_type"] in {"bigint", "long"} and isinstance(value, int):
        return str(value)
    return value


class Json:
    """Equal to any JSON text of a value."""

    def __init__(self, value: Any) -> None:
        self.value = value

    @override
    def __repr__(self) -> str:
        return f"Json({self.value!r})"

    @override
    def __hash__(self) -> int:
        return hash(repr(self.value))

    @override
    def __eq__(self, other: object) -> bool:
        text = other if isinstance(other, str) else "null"
        return bool(json.loads(text, parse_float=Decimal) == self.value)
