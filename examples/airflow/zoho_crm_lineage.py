# ruff: noqa: INP001 - a module of the DAGs folder
"""What a worker has read and loaded, as OpenLineage has it: a module of Zoho's into a table each.

Airflow asks for it where apache-airflow-providers-openlineage is installed, and nobody else does.

    ZOHO_CRM_ORG       what datasets call the organisation, such as its id; `crm` by default
    ZOHO_CRM_TABLES    the namespace of the tables and, after a blank, what their names begin with,
                       as "snowflake://account CRM.ZOHO."; from the connection, if it has a host
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openlineage.client.event_v2 import InputDataset, OutputDataset


def datasets(
    streams: Iterable[Mapping[str, Any]], rows: Mapping[str, int], warehouse: Mapping[str, Any]
) -> tuple[list[InputDataset], list[OutputDataset]]:
    """Return what was read, and what was loaded.

    Args:
        streams: The streams, as the catalog has them.
        rows: How many records of each were emitted, deletions apart.
        warehouse: The loader's settings, as its connection has them.
    """
    # Airflow reads this file where it has no such package, too.
    from openlineage.client import event_v2, facet_v2  # noqa: PLC0415

    schemas, statistics = facet_v2.schema_dataset, facet_v2.output_statistics_output_dataset
    organisation = f"zoho-crm://{os.environ.get('ZOHO_CRM_ORG', 'crm')}"
    place = _place(warehouse)
    inputs, outputs = [], []
    for stream in streams:
        name = stream["tap_stream_id"]
        fields = [schemas.SchemaDatasetFacetFields(*column) for column in _columns(stream)]
        facets = {"schema": schemas.SchemaDatasetFacet(fields=fields)}
        inputs.append(event_v2.InputDataset(organisation, name, facets=facets))
        counted = statistics.OutputStatisticsOutputDatasetFacet(rowCount=rows.get(name))
        if place is not None:
            namespace, prefix = place
            loaded = {"outputStatistics": counted}
            outputs.append(
                event_v2.OutputDataset(namespace, f"{prefix}{name}", loaded, facets=facets)
            )
    return inputs, outputs


def _place(warehouse: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the namespace of the tables and what their names begin with, if that is known."""
    if said := os.environ.get("ZOHO_CRM_TABLES"):
        namespace, _, prefix = said.partition(" ")
        return namespace, prefix
    if "host" not in warehouse:
        return None
    schema = warehouse.get("default_target_schema", "zoho_crm")
    namespace = f"postgres://{warehouse['host']}:{warehouse.get('port', 5432)}"
    return namespace, f"{warehouse.get('database')}.{schema}."


def _columns(stream: Mapping[str, Any]) -> Iterator[tuple[str, str, str | None]]:
    """Yield name, type and description of the columns that are selected."""
    left_out = {
        entry["breadcrumb"][-1]
        for entry in stream["metadata"]
        if entry["breadcrumb"] and not _is_selected(entry["metadata"])
    }
    for name, column in stream["schema"]["properties"].items():
        if name not in left_out:
            yield name, _kind(column), column.get("description")


def _is_selected(metadata: Mapping[str, Any]) -> bool:
    if metadata.get("inclusion") == "automatic":
        return True
    default = metadata.get("selected-by-default", True)
    return bool(metadata.get("selected", default)) and metadata.get("inclusion") != "unsupported"


def _kind(column: Mapping[str, Any]) -> str:
    types = column.get("type", "object")
    kinds = [types] if isinstance(types, str) else [kind for kind in types if kind != "null"]
    return str(column.get("format", " or ".join(kinds)))
