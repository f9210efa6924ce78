"""An organisation of one's own, out of a file: YAML, CSV, or the messages of a Singer run.

`docs/demo.md` shows each of them. Modules that the sample has are taken from it, without records.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from zohocrm_demo.organisation.records.kinds import COMPUTED, kind_of
from zohocrm_demo.organisation.records.spot import PHRASES
from zohocrm_demo.organisation.records.times import read_instant, seconds
from zohocrm_demo.organisation.references import Row
from zohocrm_demo.organisation.sample import Organisation, sample_organisation

_USUAL = "Name|Name|text:255|mandatory display\n+owned {label}"
_TOLD_APART = frozenset({"id", "Created_Time", "Modified_Time"})
_TEXTS = frozenset({"text", "rich_text"})
# Texts that say nothing of anybody, and that others refer to.
_NO_NAMES = frozenset({"picklist", "autonumber"})


def own_organisation(path: Path, *, anonymous: bool = False) -> Organisation:
    """The organisation that a file describes; OSError, ValueError: it can't be read.

    Args:
        path: The file; what it is follows from its name: `.yaml`, `.yml`, `.csv`, or else messages.
        anonymous: Whether texts are replaced by made-up ones, the same for the same text.
    """
    organisation = sample_organisation(sample="plain")
    for row in organisation.modules:
        organisation.records.resize(row["api_name"], 0)
    organisation.recycle_bin.clear()
    loader = _Loader(organisation, anonymous=anonymous)
    suffix = path.suffix.lower()
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            if suffix in {".yaml", ".yml"}:
                loader.take_document(yaml.safe_load(file))
            elif suffix == ".csv":
                loader.take_rows(path.stem, list(csv.DictReader(file)))
            else:
                loader.take_messages(json.loads(line) for line in file if line.strip())
        except (yaml.YAMLError, LookupError, ValueError, TypeError, AttributeError) as error:
            raise ValueError(f"{path.name}: {error}") from error
    return organisation


class _Loader:
    def __init__(self, organisation: Organisation, *, anonymous: bool) -> None:
        self._organisation = organisation
        self._anonymous = anonymous

    def take_document(self, content: Any) -> None:
        """`{company: {…}, modules: {Name: {label, fields, records}}}`."""
        self._organisation.company.update(content.get("company", {}))
        modules: Mapping[str, Mapping[str, Any]] = content.get("modules", {})
        for name, module in modules.items():
            label = str(module.get("label", name.replace("_", " ")))
            fields = module.get("fields")
            if self._organisation.module(name) is None:
                lines = _USUAL.format(label=label.partition("/")[0]) if fields is None else fields
                self._organisation.schema.add_module(name, label, lines)
            elif fields is not None:
                for line in fields.splitlines():
                    self._organisation.schema.add_field(name, line)
        for name, module in modules.items():
            self._keep(name, module.get("records", ()))

    def take_rows(self, module: str, rows: list[dict[str, Any]]) -> None:
        """The rows of a CSV; a module that isn't there gets a text field for each column."""
        if self._organisation.module(module) is None:
            names = [name for name in (rows[0] if rows else ()) if name != "id"]
            lines = [f"{name}|{name.replace('_', ' ')}|text:255" for name in names]
            lines[:1] = [f"{line}|mandatory display" for line in lines[:1]]
            label = module.replace("_", " ")
            self._organisation.schema.add_module(
                module, label, "\n".join([*lines, f"+owned {label}"])
            )
        self._keep(module, rows)

    def take_messages(self, messages: Iterable[Any]) -> None:
        """The messages of a run of `modules`, `fields` and the modules' records."""
        streams: dict[str, list[Row]] = {}
        for message in messages:
            if message["type"] == "RECORD":
                streams.setdefault(message["stream"], []).append(message["record"])
        fields: dict[str, list[Row]] = {}
        for row in streams.pop("fields", []):
            module = row.get("module") or row.get("module_api_name")
            name = module["api_name"] if isinstance(module, dict) else module
            fields.setdefault(str(name), []).append(row)
        for row in streams.pop("modules", []):
            self._describe(row, fields.get(row["api_name"], []))
        for name, rows in streams.items():
            if self._organisation.module(name) is not None:
                self._keep(name, rows)

    def _describe(self, module: Row, fields: list[Row]) -> None:
        name = module["api_name"]
        known = self._organisation.module(name)
        if known is None:
            label = f"{module['singular_label']}/{module['plural_label']}"
            known = self._organisation.schema.add_module(name, label, "")
        told = {key: value for key, value in module.items() if value is not None}
        known.update({key: value for key, value in told.items() if key in known})
        own = {field["api_name"] for field in self._organisation.fields.get(name, ())}
        for field in fields:
            if field["api_name"] not in own:
                self._organisation.schema.add_field(name, _line(field))
        made = {field["api_name"]: field for field in self._organisation.fields.get(name, ())}
        for field in fields:
            told = {key: value for key, value in field.items() if value is not None}
            made[field["api_name"]].update(
                {key: value for key, value in told.items() if key in made[field["api_name"]]}
            )

    def _keep(self, module: str, rows: Iterable[Mapping[str, Any]]) -> None:
        records = self._organisation.records
        known = records.fields(module)
        for row in rows:
            values = dict(self._values(known, row))
            at = [_instant(row.get(name)) for name in ("Created_Time", "Modified_Time")]
            records.put(module, values, row.get("id"), created=at[0], modified=at[1])

    def _values(
        self, known: Mapping[str, Row], row: Mapping[str, Any]
    ) -> Iterator[tuple[str, Any]]:
        for name, value in row.items():
            field = known.get(name)
            if field is None or value in (None, "") or name in _TOLD_APART:
                continue
            kind = kind_of(field)
            if kind in COMPUTED:
                continue
            if kind == "any_record":
                identity = value["id"] if isinstance(value, dict) else value
                yield name, (row.get(f"{name}_module"), identity)
            elif self._anonymous and kind in _TEXTS and field["data_type"] not in _NO_NAMES:
                yield name, made_up(field["data_type"], str(value))
            else:
                yield name, _of_text(kind, value)


def _instant(value: Any) -> int | None:
    return seconds(value) if isinstance(value, datetime) else read_instant(str(value))


def _of_text(kind: str, value: Any) -> Any:
    # CSV has nothing but texts.
    if isinstance(value, str):
        if kind == "boolean":
            return value.strip().lower() == "true"
        if kind == "integer":
            return int(value)
        if kind in {"choices", "tags"}:
            return value.split(";")
    return value


def _line(field: Row) -> str:
    target = ((field.get("lookup") or {}).get("module") or {}).get("api_name")
    kind = f"{field['data_type']}:{target}" if target else field["data_type"]
    return f"{field['api_name']}|{field.get('field_label') or field['api_name']}|{kind}"


def made_up(data_type: str, text: str) -> str:
    """A text in place of another, the same one every time, as long or shorter."""
    number = int.from_bytes(sha256(text.encode()).digest()[:8], "big")
    if data_type == "email":
        return f"person{number % 10**9}@made-up.example"
    if data_type == "phone":
        return f"+1 503 555 {number % 10_000:04d}"
    if data_type == "website":
        return f"https://made-up.example/{number % 10**6}"
    words = [*PHRASES["qualities"], *PHRASES["things"], *PHRASES["manners"]]
    made = " ".join(words[(number >> 7 * step) % len(words)] for step in range(1 + len(text) // 8))
    return made[: max(3, len(text))].strip()
