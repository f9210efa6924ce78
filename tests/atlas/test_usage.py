"""How full the fields are: by RECORD and by files, over two runs, as the warehouse has it."""

from __future__ import annotations

import csv
import gzip
import json
import random
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pyarrow as pa
import pytest
import yaml

from atlas.messages import Rows, files, messages, organisation, run
from zohocrm_atlas.errors import AtlasError
from zohocrm_atlas.usage.memory import Memory

_TEXT = {"type": ["string", "null"]}
_TIME = {"type": ["string", "null"], "format": "date-time"}
SCHEMA: dict[str, dict[str, dict[str, Any]]] = {
    "properties": {
        "id": {"type": "string"},
        "Name": _TEXT,
        "State": {**_TEXT, "description": "State (picklist field)."},
        "Boat": {**_TEXT, "description": "Boat (lookup field, id in Boats)."},
        "Secret": _TEXT,
        "Length": {"type": ["number", "null"]},
        "Modified_Time": _TIME,
        **{f"More_{number}": _TEXT for number in range(70)},
        "_sdc_deleted_at": _TIME,
    }
}
COLUMNS = [name for name in SCHEMA["properties"] if name not in {"id", "_sdc_deleted_at"}]


def _record(chance: random.Random, number: int, day: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "Name": f"unforgettable{number}",
        "State": chance.choice(["Afloat", "Sunk", "Flying"]),
        "Boat": str(5_000_000_000_000_000_000 + chance.randrange(50)),
        "Secret": "classified",
        "Length": number / 2,
        **{f"More_{each}": f"more{each}" for each in range(70)},
    }
    kept = {key: None if chance.random() < 0.3 else value for key, value in made.items()}
    identity = str(5_000_000_000_000_000_000 + number)
    return {"id": identity, **kept, "Modified_Time": f"2026-02-{day:02d}T00:00:00Z"}


def _lines(stream: str, records: Iterable[Mapping[str, Any]], folder: Path | None) -> list[str]:
    if folder is None:
        lines = [{"type": "RECORD", "stream": stream, "record": each} for each in records]
        return [json.dumps(line) for line in lines]
    names = SCHEMA["properties"]
    types = {"number": pa.float64(), "string": pa.string()}
    schema = pa.schema(
        [
            pa.field(
                name,
                pa.timestamp("us", "UTC") if "format" in kind else types[str(kind["type"][0])],
            )
            if name != "id"
            else pa.field("id", pa.string())
            for name, kind in names.items()
        ]
    )
    table = pa.Table.from_pylist([{n: each.get(n) for n in names} for each in records], None)
    path = folder / f"{stream}-{len(list(folder.iterdir()))}.arrow"
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        columns = [
            table[field.name].cast(pa.string()).combine_chunks()
            if pa.types.is_string(field.type)
            else _typed(table[field.name], field.type)
            for field in schema
        ]
        writer.write_batch(pa.record_batch(columns, schema=schema))
    message = {"type": "BATCH", "stream": stream, "encoding": {"format": "arrow"}}
    return [json.dumps({**message, "manifest": [path.as_uri()]})]


def _typed(column: Any, kind: Any) -> Any:
    values = column.to_pylist()
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.string()).cast(kind)
    return pa.array(values, kind)


def _private() -> Rows:
    rows = organisation()
    first = rows["fields"][0]
    secret = {**first, "id": "s", "module_api_name": "Crews", "api_name": "Secret"}
    rows["fields"].append({**secret, "private": {"type": "High"}})
    state = {**first, "id": "st", "module_api_name": "Crews", "api_name": "State"}
    rows["fields"].append({**state, "data_type": "picklist"})
    value = {**rows["picklist_values"][0], "field_id": "st", "module_api_name": "Crews"}
    rows["picklist_values"] += [value, {**value, "id": "v9", "display_value": "Sunk"}]
    return rows


def _run(atlas: Path, lines: list[str], *, day: int, whole: bool) -> None:
    ends = [json.dumps({"type": "ACTIVATE_VERSION", "stream": "Crews", "version": 1})]
    read_at = f"2026-03-{day:02d}T08:00:00Z"
    begin, *rest = messages(_private(), read_at=read_at, loaded={"Crews": SCHEMA})
    run(atlas, [begin, *lines, *(ends if whole else []), *rest])


def _usage(atlas: Path) -> dict[str, dict[str, str]]:
    with (atlas / "data" / "field_usage.csv").open(encoding="utf-8-sig") as file:
        return {
            row["column_name"]: row for row in csv.DictReader(file) if row["table_name"] == "Crews"
        }


@pytest.mark.thorough
@pytest.mark.parametrize("by_files", [False, True])
def test_shares_are_those_of_the_warehouse_over_two_runs(tmp_path: Path, *, by_files: bool) -> None:
    chance, atlas = random.Random(5), tmp_path / "atlas"
    folder = tmp_path / "files" if by_files else None
    if folder:
        folder.mkdir()
    first = [_record(chance, number, 1 + number % 20) for number in range(400)]
    _run(atlas, _lines("Crews", first, folder), day=1, whole=True)
    found = _usage(atlas)
    assert {int(row["records"]) for row in found.values()} == {400}
    flying = sum(each["State"] == "Flying" for each in first)
    assert int(found["State"]["outside_picklist"]) == flying > 0
    contract = yaml.safe_load((atlas / "contract.yaml").read_text("utf-8"))
    (crews,) = contract["schema"]
    assert crews["quality"][0]["mustBeGreaterOrEqualTo"] == 200
    columns = {each["name"]: each for each in crews["properties"]}
    assert columns["State"]["quality"][0]["mustBeLessOrEqualTo"] == flying
    assert columns["State"]["quality"][0]["arguments"]["validValues"] == ["Afloat", "Sunk"]
    assert columns["Secret"]["classification"] == "restricted"
    assert columns["id"] | {"primaryKey": True, "required": True} == columns["id"]
    (freshness,) = contract["slaProperties"]
    assert (freshness["element"], freshness["value"]) == ("Crews.Modified_Time", 9 + 14)
    assert "Values beyond the picklist" in (atlas / "odd.html").read_text("utf-8")
    changed = [_record(chance, number, 25) for number in [*range(0, 90, 3), *range(400, 450)]]
    gone = [{"id": first[n]["id"], "_sdc_deleted_at": "2026-02-26T00:00:00Z"} for n in (5, 6, 9)]
    _run(atlas, _lines("Crews", [*changed, *gone], folder), day=2, whole=False)
    table = {each["id"]: each for each in first}
    table |= {each["id"]: each for each in changed}
    for each in gone:
        table.pop(each["id"])
    with duckdb.connect() as database:
        database.execute(f"CREATE TABLE crews ({', '.join(f'{c} VARCHAR' for c in COLUMNS)})")
        marks = ", ".join("?" for _ in COLUMNS)
        rows = [[each.get(name) for name in COLUMNS] for each in table.values()]
        database.executemany(f"INSERT INTO crews VALUES ({marks})", rows)
        counts = ", ".join(f"count({name}) / count(*)" for name in COLUMNS)
        shares = database.execute(f"SELECT count(*), {counts} FROM crews").fetchone() or ()
    found = _usage(atlas)
    assert {int(row["records"]) for row in found.values()} == {shares[0]}
    for name, share in zip(COLUMNS, shares[1:], strict=True):
        assert float(found[name]["filled_percent"]) == pytest.approx(100 * share, abs=0.1), name
    assert found["Name"]["newest"] == "2026-02-25T00:00:00Z"
    assert (found["Secret"]["distinct_values"], found["Secret"]["newest"]) == ("", "")
    assert found["More_3"]["distinct_values"] == "1"
    assert "changes only" in (atlas / "modules" / "Crews.html").read_text("utf-8")


def test_no_value_is_kept(tmp_path: Path) -> None:
    atlas = tmp_path / "atlas"
    chance = random.Random(6)
    records = [_record(chance, number, 1) for number in range(50)]
    _run(atlas, _lines("Crews", records, None), day=1, whole=True)
    for name, content in files(atlas).items():
        found = gzip.decompress(content) if name.endswith(".gz") else content
        if "data/usage/" in name:
            kept = msgspec.msgpack.decode(content, type=Memory)
            found += b"".join(map(zlib.decompress, filter(None, kept.bits)))
        for value in (b"unforgettable", b"classified", b"more12", records[3]["id"].encode()):
            assert value not in found, name


def test_files_that_are_gone_and_columns_that_never_come_are_a_line_each(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    atlas = tmp_path / "atlas"
    chance = random.Random(7)
    records = [_record(chance, number, 1) for number in range(20)]
    for each in records:
        del each["More_69"]
    _run(atlas, _lines("Crews", records, None), day=1, whole=True)
    assert "names 1 columns that never came" in caplog.text
    gone = {"type": "BATCH", "stream": "Crews", "encoding": {"format": "arrow"}}
    line = json.dumps({**gone, "manifest": [(tmp_path / "gone.arrow").as_uri()]})
    _run(atlas, [line], day=2, whole=True)
    problems = [one for one in caplog.messages if "are not counted in this run" in one]
    assert len(problems) == 1
    assert {int(row["records"]) for row in _usage(atlas).values()} == {20}


OWN, OTHER = "5937104", "8800123"


def _real() -> Rows:
    """The organisation with ids as Zoho has them."""
    text = json.dumps(organisation())
    for name in ("m1", "m2", "f1", "f2", "f3", "l1", "p1", "v1", "v2"):
        text = text.replace(f'"{name}"', f'"{OWN}000000{ord(name[0])}00{name[1]}"')
    made: Rows = json.loads(text)
    return made


def _crews(prefix: str, count: int) -> list[dict[str, Any]]:
    chance = random.Random(8)
    several = [_record(chance, number, 3) for number in range(count)]
    return [{**each, "id": f"{prefix}{10**11 + n}"} for n, each in enumerate(several)]


def _end(stream: str) -> str:
    return json.dumps({"type": "ACTIVATE_VERSION", "stream": stream, "version": 1})


def _begin(stream: str) -> str:
    schema = {"type": "SCHEMA", "stream": stream, "schema": SCHEMA, "key_properties": ["id"]}
    return json.dumps(schema)


@pytest.mark.thorough
@pytest.mark.parametrize("by_files", [False, True])
def test_records_of_another_organisation_are_a_line_and_the_rest_stands(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, by_files: bool
) -> None:
    atlas, folder = tmp_path / "atlas", tmp_path / "files" if by_files else None
    if folder:
        folder.mkdir()
    lines = [_begin("Crews"), *_lines("Crews", _crews(OWN, 20), folder), _end("Crews")]
    theirs = [_begin("Crews"), *_lines("Crews", _crews(OTHER, 30), folder), _end("Crews")]
    alien = [_begin("Ships"), *_lines("Ships", _crews(OTHER, 4), folder), _end("Ships")]
    run(atlas, [*lines, *messages(_real()), *theirs, *alien])
    (line,) = [each for each in caplog.messages if "another organisation" in each]
    assert "Crews (30), Ships (4)" in line
    assert OWN in line
    assert OTHER in line
    assert {int(row["records"]) for row in _usage(atlas).values()} == {20}
    assert "Ships" not in (atlas / "model.dbml").read_text("utf-8")


@pytest.mark.thorough
def test_records_alone_are_counted_where_the_atlas_knows_their_organisation(tmp_path: Path) -> None:
    atlas = tmp_path / "atlas"
    alone = [_begin("Crews"), *_lines("Crews", _crews(OWN, 20), None)]
    with pytest.raises(AtlasError, match=r"no atlas in .* yet"):
        run(atlas, alone)
    run(atlas, [*alone, _end("Crews"), *messages(_real())])
    whole = (atlas / "modules" / "Crews.html").read_text("utf-8")
    run(atlas, [*alone[:1], *_lines("Crews", _crews(OWN, 25), None)])
    assert {int(row["records"]) for row in _usage(atlas).values()} == {25}
    page = (atlas / "modules" / "Crews.html").read_text("utf-8")
    assert len(page) >= len(whole)
    before = files(atlas)
    for strange in (_crews(OTHER, 3), [{"id": "17", "Name": "Order"}]):
        with pytest.raises(AtlasError, match="another organisation's") as failed:
            run(atlas, [_begin("Crews"), *_lines("Crews", strange, None)])
        assert "\n" not in str(failed.value)
        assert files(atlas) == before
