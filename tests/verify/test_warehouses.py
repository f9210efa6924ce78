"""Tables and columns are found as loaders make them, and queries suit each database."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.cases import sample
from support.demo import config_for
from support.records import records_catalog
from support.run import Run, run_tap
from support.sample import awkward_sample
from typing_extensions import override

from tap_zohocrm_modules.verify.errors import WarehouseError
from tap_zohocrm_modules.verify.instants import stamp_of
from tap_zohocrm_modules.verify.loaded_table import LoadedTable
from tap_zohocrm_modules.verify.sorted_runs import SortedRuns
from tap_zohocrm_modules.verify.warehouse.files import FolderWarehouse
from tap_zohocrm_modules.verify.warehouse.names import matches
from tap_zohocrm_modules.verify.warehouse.opening import open_warehouse
from tap_zohocrm_modules.verify.warehouse.table import Rows, Table
from verify.loaders import DuckDBLoader
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.clock import Clock

STREAMS = ("Leads", "Leads_History", "Sales_Orders", "modules", "Modules_records")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["Leads", "Leads_History"], {"Leads": "Leads", "Leads_History": "Leads_History"}),
        (["LEADS", "sales_orders"], {"Leads": "LEADS", "Sales_Orders": "sales_orders"}),
        (
            ["zoho_leads", "zoho_leads_history", "zoho_salesmen"],
            {"Leads": "zoho_leads", "Leads_History": "zoho_leads_history"},
        ),
        (["leads_v1", "sales_orders_v1"], {"Leads": "leads_v1", "Sales_Orders": "sales_orders_v1"}),
        (["salesorders"], {"Sales_Orders": "salesorders"}),
        (["leads_history"], {"Leads_History": "leads_history"}),
        (["misleads", "leadsheets"], {}),
        (["leads", "leads_old"], {"Leads": "leads"}),
    ],
)
def test_tables_are_found_by_their_names(found: list[str], expected: dict[str, str]) -> None:
    assert matches(STREAMS, found) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            ["ID", "ISBLUEPRINTSUPPORTED"],
            {"id": "ID", "isBlueprintSupported": "ISBLUEPRINTSUPPORTED"},
        ),
        (
            ["id", "is_blueprint_supported"],
            {"id": "id", "isBlueprintSupported": "is_blueprint_supported"},
        ),
        (
            ["c_id", "c_modified_time", "c_remind_participants"],
            {
                "id": "c_id",
                "Modified_Time": "c_modified_time",
                "Remind Participants": "c_remind_participants",
            },
        ),
        (["id", "Account_Id"], {"id": "id"}),
    ],
)
def test_columns_are_found_by_their_names(found: list[str], expected: dict[str, str]) -> None:
    wanted = ["id", "Modified_Time", "isBlueprintSupported", "Remind Participants"]
    assert matches(wanted, found) == expected


def test_tables_are_found_in_the_only_schema_that_has_them(tmp_path: Path) -> None:
    file = tmp_path / "w.duckdb"
    with duckdb.connect(str(file)) as database:
        database.execute("CREATE SCHEMA zoho; CREATE TABLE zoho.leads (id TEXT)")
        database.execute("CREATE SCHEMA other; CREATE TABLE other.leads (id TEXT)")
        database.execute("CREATE TABLE other.sales_orders (id TEXT)")
    warehouse = open_warehouse(str(file))
    assert warehouse.table("Sales_Orders", STREAMS).name == "other.sales_orders"
    with pytest.raises(WarehouseError, match="in each of the schemas other, zoho"):
        warehouse.table("Leads", STREAMS)
    warehouse.close()
    warehouse = open_warehouse(str(file), "zoho")
    assert warehouse.table("Leads", STREAMS).name == "zoho.leads"
    warehouse.close()


def row(number: int, at: str | None, deleted: str | None = None) -> dict[str, Any]:
    return {"id": str(number), "Modified_Time": at, "_sdc_deleted_at": deleted}


def test_of_rows_with_one_key_the_one_extracted_last_counts(tmp_path: Path) -> None:
    extracted = datetime(2026, 1, 1, tzinfo=timezone.utc)
    old, new = "2025-01-01T00:00:00Z", "2025-06-01T00:00:00Z"
    loads = [
        # The file that was written last holds what was extracted first.
        (2, [row(1, old), row(2, old), row(3, old)]),
        (1, [row(1, new), row(2, None, new)]),
    ]
    for order, (number, rows) in enumerate(loads):
        at = extracted + timedelta(hours=order)
        columns = {name: [one[name] for one in rows] for name in rows[0]}
        table = pa.table({**columns, "_sdc_extracted_at": [at] * len(rows)})
        path = tmp_path / f"Leads-{number}.parquet"
        pq.write_table(table, path)
        os.utime(path, (number, number))
    pq.write_table(pa.table({"id": ["9"]}), tmp_path / "Leads_History-1.parquet")
    table = FolderWarehouse(tmp_path).table("Leads", STREAMS)
    loaded = LoadedTable.from_table(table, ["id", "Modified_Time", "_sdc_deleted_at"], ["id"])
    with SortedRuns(loaded.width) as runs:
        entries = [pair for block in loaded.entries(runs) for pair in zip(*block, strict=True)]
    assert entries == [(1, stamp_of(new)), (3, stamp_of(old))]
    assert {
        one: rows[0]["Modified_Time"]
        for one, rows in loaded.rows_of(["1", "2"], ["Modified_Time"]).items()
    } == {"1": new}


class ByRows(Table):
    """A table whose columns are made of its rows, as where pyarrow is missing."""

    def __init__(self, table: Table) -> None:
        self.name, self.columns = table.name, table.columns
        self._table = table

    @override
    def rows(self, columns: Sequence[str]) -> Iterator[Rows]:
        return self._table.rows(columns)

    @override
    def rows_of(self, key: str, values: Collection[str], columns: Sequence[str]) -> Iterator[Rows]:
        return self._table.rows_of(key, values, columns)


@pytest.mark.parametrize("time", ["TIMESTAMP", "TIMESTAMPTZ", "VARCHAR", "DATE"])
@pytest.mark.parametrize("key", ["VARCHAR", "BIGINT", "DECIMAL(38, 0)"])
def test_a_duckdb_file_is_read_alike_by_columns_and_by_rows(
    tmp_path: Path, key: str, time: str
) -> None:
    file = tmp_path / "w.duckdb"
    with duckdb.connect(str(file)) as database:
        database.execute("SET TimeZone = 'Asia/Kolkata'")
        database.execute(
            f"CREATE TABLE Leads (id {key}, Modified_Time {time}, _sdc_deleted_at TEXT)"
        )
        at = "2025-06-01 05:30:00" + ("+05:30" if time == "TIMESTAMPTZ" else "")
        database.execute(f"INSERT INTO Leads VALUES ('2', '{at}', NULL), ('1', NULL, NULL)")
        database.execute(
            f"INSERT INTO Leads VALUES ('3', '{at}', '2026-01-01'), (NULL, '{at}', NULL)"
        )

    def read(shown: Callable[[Table], Table]) -> tuple[list[list[int]], set[str]]:
        with contextlib.closing(open_warehouse(str(file))) as warehouse, SortedRuns(2) as runs:
            columns = ["id", "Modified_Time", "_sdc_deleted_at"]
            table = shown(warehouse.table("Leads", STREAMS))
            loaded = LoadedTable.from_table(table, columns, ["id"])
            blocks = [*loaded.entries(runs)]
            return [[*itertools.chain(*some)] for some in zip(*blocks, strict=True)], loaded.odd

    by_columns = read(lambda table: table)
    assert read(ByRows) == by_columns
    midnight = {"DATE": "2025-06-01", "TIMESTAMPTZ": "2025-06-01T00:00:00Z"}
    stamp = stamp_of(midnight.get(time, "2025-06-01T05:30:00Z"))
    assert by_columns == ([[1, 2], [0, stamp]], {"null"})


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample) as organisation:
        yield organisation


@pytest.mark.parametrize("kind", sample(["arrow", "parquet"], "arrow"))
def test_a_folder_of_batch_files(demo: DemoOrganisation, tmp_path: Path, kind: str) -> None:
    catalog = records_catalog("Events", "Products", "modules")
    folder = tmp_path / "files"
    storage = {"root": f"file://{folder}", "prefix": "zoho-"}
    config = config_for(demo, batch_config={"encoding": {"format": kind}, "storage": storage})
    assert run_tap(config=config, catalog=catalog).code == 0
    run = run_tap("--verify", str(folder), "--verify-sample=1000", config=config, catalog=catalog)
    assert run.code == 0, run.stderr
    assert run.stdout.splitlines()[-1].startswith(b"verified: 396 of 396 records equal, ")


@pytest.mark.thorough
def test_what_is_later_than_the_bookmark_is_pending(tmp_path: Path) -> None:
    catalog = records_catalog("Events")
    clock = Clock(datetime.now(timezone.utc))
    with DemoOrganisation(awkward_sample, clock=clock) as demo:
        config = config_for(demo, token_cache_dir=str(tmp_path), cutoff_lag=0)
        load = run_tap(config=config, catalog=catalog)
        loader = DuckDBLoader(tmp_path)
        loader.load(load.stdout)
        store = demo.organisation.records
        changed, gone, *_ = (
            one["id"] for one in load.rows_of("Events") if not one["_sdc_deleted_at"]
        )
        store.update("Events", changed, {"Event_Title": "later"})
        store.delete("Events", gone)
        new = str(store.insert("Events", {"Event_Title": "new"}))

        def verified(state: Any) -> Run:
            # What changes in the second in which the comparison begins is not judged.
            clock.advance(5)
            return run_tap(
                "--verify",
                loader.url,
                "--verify-format=json",
                config=config,
                catalog=catalog,
                state=state,
            )

        late, told = verified(None), verified(load.state)
    assert late.code == 1
    for record_id, kind in ((changed, "stale"), (gone, "surplus"), (new, "missing")):
        assert f'"id": "{record_id}",\n          "kind": "{kind}"'.encode() in late.stdout
    assert told.code == 0, told.stdout
    assert b'"pending": 3' in told.stdout
