# ruff: noqa: INP001 - a file to copy
"""A dlt source of Zoho CRM: modules whole at first, then what changed, deletions included.

    pipeline = dlt.pipeline("zoho_crm", destination="duckdb", dataset_name="crm")
    pipeline.run(zoho_crm(["Leads", "Contacts", "Deals"]), loader_file_format="parquet")

Settings come from the environment (TAP_ZOHOCRM_MODULES_CLIENT_ID ...) or from `config`. Needs
`pip install "tap-zohocrm-modules[arrow]" "dlt[duckdb]"`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dlt
import pyarrow as pa

import tap_zohocrm_modules as zoho

DELETED = "deleted"
# dlt removes the rows of which it is true.
_COLUMNS = {
    DELETED: {"data_type": "bool", "hard_delete": True},
}


@dlt.source(name="zoho_crm", max_table_nesting=0)
def zoho_crm(modules: Sequence[str], config: Mapping[str, Any] | None = None) -> Iterator[Any]:
    """Return a resource for each module, by its API name; it is merged by the records' ids."""
    for module in modules:
        resource = dlt.resource(
            records, name=module, primary_key="id", write_disposition="merge", columns=_COLUMNS
        )
        yield resource(module, config)


def records(module: str, config: Mapping[str, Any] | None = None) -> Iterator[pa.Table]:
    """Yield a module's records, those that changed since the last run, and what was deleted."""
    state = dlt.current.resource_state()
    since = state.get("cutoff")
    with zoho.read(module, since=since, config=config) as reader:
        schema = reader.schema.remove_metadata().append(pa.field(DELETED, pa.bool_()))
        cutoff = reader.schema.metadata[b"cutoff"].decode()
        for batch in reader:
            table = pa.Table.from_batches([batch.replace_schema_metadata(None)])
            yield _flat(table.append_column(DELETED, pa.nulls(len(table), pa.bool_())))
    if since is not None:
        gone = [{"id": one, DELETED: True} for one in _deleted(module, since, config)]
        yield _flat(pa.Table.from_pylist(gone, schema=schema))
    # Kept with what is loaded: a run that fails begins here again.
    state["cutoff"] = cutoff


def _deleted(module: str, since: str, config: Mapping[str, Any] | None) -> Iterator[str]:
    with zoho.read("deleted_records", fields=["id"], since=since, config=config) as reader:
        for row in reader.read_all().to_pylist():
            if row["module_api_name"] == module:
                yield row["id"]


def _flat(table: pa.Table) -> pa.Table:
    """Return a table whose lists of texts are JSON, which every destination takes."""
    for at, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            lists = table.column(at).to_pylist()
            texts = [None if one is None else json.dumps(one, ensure_ascii=False) for one in lists]
            table = table.set_column(at, field.name, pa.array(texts, pa.string()))
    return table
