"""A small organisation as Singer messages, and a run of the target on them."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from zohocrm_atlas import TargetZohoCRMAtlas

Rows = dict[str, list[dict[str, Any]]]

_DAY = "2026-03-01T08:00:00Z"
_ADMIN = {"id": "p1", "name": "Administrator", "permission_type": "read_write"}


def organisation() -> Rows:
    """Two modules with a lookup between them, a picklist, a layout and a profile."""
    return copy.deepcopy(
        {
            "org": [{"id": "o1", "company_name": "Tidewater"}],
            "modules": [
                _module("m1", "Boats", "Boats"),
                _module("m2", "Crews", "Crews", generated_type="custom"),
            ],
            "fields": [
                _field("f1", "Boats", "Name", "Boat name", "text", length=80),
                _field("f2", "Boats", "State", "State", "picklist"),
                _field("f3", "Crews", "Boat", "Boat", "lookup", lookup=_reference("Boats")),
            ],
            "picklist_values": [
                _value("v1", "f2", "State", "Afloat", colour_code="#658ba8"),
                _value("v2", "f2", "State", "Sunk", type="unused"),
            ],
            "relationships": [
                {
                    "from_module": "Crews",
                    "field_id": "f3",
                    "to_module": "Boats",
                    "field_api_name": "Boat",
                    "kind": "lookup",
                }
            ],
            "layouts": [
                {
                    "id": "l1",
                    "module_api_name": "Boats",
                    "name": "Standard",
                    "sections": [
                        {"display_label": "Main", "fields": [{"id": "f1", "required": True}]}
                    ],
                }
            ],
            "profiles": [
                {
                    "id": "p1",
                    "name": "Administrator",
                    "permissions_details": [
                        {
                            "display_label": "View",
                            "enabled": True,
                            "module": {"api_name": "Boats"},
                        }
                    ],
                }
            ],
        }
    )


def record_schema(*columns: str, **more: Any) -> dict[str, Any]:
    """The schema of a stream of records: texts, and what the tap adds to each."""
    kinds = {**{name: {"type": ["string", "null"]} for name in columns}, **more}
    deleted = {"type": ["string", "null"], "format": "date-time"}
    properties = {"id": {"type": "string"}, **kinds, "_sdc_deleted_at": deleted}
    return {"type": "object", "properties": properties}


def messages(
    rows: Rows,
    *,
    read_at: str = _DAY,
    whole: Iterable[str] | None = None,
    loaded: Mapping[str, dict[str, Any]] | None = None,
) -> list[str]:
    """The lines that a tap writes for these rows.

    Args:
        rows: Rows by stream.
        read_at: When the tap read them.
        whole: Streams that end with ACTIVATE_VERSION; None: all of them.
        loaded: Schemas of streams of records.
    """
    lines: list[Any] = [
        {"type": "SCHEMA", "stream": stream, "schema": schema, "key_properties": ["id"]}
        for stream, schema in (loaded or {}).items()
    ]
    for stream, several in rows.items():
        schema = {"type": "object", "properties": {"id": {"type": ["string", "null"]}}}
        lines.append({"type": "SCHEMA", "stream": stream, "schema": schema, "key_properties": []})
        lines += [
            {"type": "RECORD", "stream": stream, "record": row, "time_extracted": read_at}
            for row in several
        ]
        if whole is None or stream in whole:
            lines.append({"type": "ACTIVATE_VERSION", "stream": stream, "version": 1})
    lines.append({"type": "STATE", "value": {"bookmarks": {stream: {} for stream in rows}}})
    return [json.dumps(line, ensure_ascii=False) for line in lines]


def run(path: Path, lines: Iterable[str], **config: Any) -> None:
    """Runs the target on these lines, in this process."""
    text = io.BytesIO("".join(f"{line}\n" for line in lines).encode())
    target = TargetZohoCRMAtlas(config={"output_path": str(path), **config})
    target.listen(text)  # type: ignore[arg-type] # as the command's --input: its buffer is bytes


def files(path: Path) -> Mapping[str, bytes]:
    """Every file below the path, and what is in it."""
    return {
        each.relative_to(path).as_posix(): each.read_bytes()
        for each in path.rglob("*")
        if each.is_file()
    }


def _module(id_: str, api_name: str, label: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "api_name": api_name,
        "plural_label": label,
        "generated_type": "default",
        "status": "visible",
        "api_supported": True,
        **more,
    }


def _field(
    id_: str, module: str, api_name: str, label: str, data_type: str, **more: Any
) -> dict[str, Any]:
    return {
        "id": id_,
        "module_api_name": module,
        "api_name": api_name,
        "display_label": label,
        "data_type": data_type,
        "profiles": [dict(_ADMIN)],
        **more,
    }


def _value(id_: str, field_id: str, field: str, label: str, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "field_id": field_id,
        "field_api_name": field,
        "module_api_name": "Boats",
        "display_value": label,
        "actual_value": label,
        "type": "used",
        **more,
    }


def _reference(api_name: str) -> dict[str, Any]:
    return {"module": {"api_name": api_name}}
