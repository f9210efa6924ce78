"""The truth of the organisation, and how a destination may differ from it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from simulation.destination import Table
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.organisation.records.kinds import COMPUTED, SILENT_TYPES, kind_of

# Which part of a composite value a destination gets is the tap's own choice; its tests show it.
_COMPARED = frozenset(
    {"text", "rich_text", "integer", "bigint", "decimal", "boolean"}
    | {"date", "datetime", "choices", "record", "user"}
)
_MOST_SHOWN = 3
_LONGEST = 60


def compared_columns(
    demo: DemoOrganisation, module: str, selected: Collection[str]
) -> dict[str, Mapping[str, Any]]:
    """Return the selected fields that hold plain values, which change with the record alone."""
    fields = demo.organisation.records.fields(module)
    return {
        name: field
        for name, field in fields.items()
        if name in selected
        and kind_of(field) in _COMPARED
        and kind_of(field) not in COMPUTED
        and field["data_type"] not in SILENT_TYPES
        and not field.get("virtual_field")
    }


def truth(demo: DemoOrganisation, module: str, selected: Collection[str]) -> Table:
    """Return every record of a module, in the values that a destination gets."""
    fields = compared_columns(demo, module, selected)
    store = demo.organisation.records
    return {
        row["id"]: {name: canonical(field, row[name]) for name, field in fields.items()}
        for row in store.read(module, *fields)
    }


@dataclasses.dataclass(frozen=True)
class Allowance:
    """How a table may differ from the truth.

    Attributes:
        may_have_more: Deletions are not known, or not wanted.
        too_old: Records that were last changed before what is wanted: they need not be there.
        may_be_old: Nor need those that are there be as they are now.
        may_lack: Records that need not be there.
        may_keep: Records that need not be gone.
        may_differ: Records whose values need not be right.
        columns: The columns of fields that are called otherwise.
    """

    may_have_more: bool = False
    too_old: Collection[str] = ()
    may_be_old: bool = False
    may_lack: Collection[str] = ()
    may_keep: Collection[str] = ()
    may_differ: Collection[str] = ()
    columns: Callable[[str], str] = str


def differences(stream: str, table: Table, expected: Table, allowed: Allowance) -> Iterator[str]:
    """Yield how a table of a stream differs from the truth."""
    wanted = expected.keys() - {*allowed.too_old}
    if missing := sorted(wanted - table.keys() - {*allowed.may_lack}):
        yield f"{stream}: {len(missing)} missing: {missing[:_MOST_SHOWN]}"
    surplus = sorted(table.keys() - expected.keys() - {*allowed.may_keep})
    if surplus and not allowed.may_have_more:
        yield f"{stream}: {len(surplus)} too many: {surplus[:_MOST_SHOWN]}"
    compared = wanted if allowed.may_be_old else expected.keys()
    for key in sorted((compared & table.keys()) - {*allowed.may_differ}):
        row, right = table[key], expected[key]
        columns = {name: allowed.columns(name) for name in right}
        wrong = [
            name
            for name, column in columns.items()
            if column not in row or not same(row[column], right[name])
        ]
        if wrong:
            name = wrong[0]
            held = row.get(columns[name], "absent")
            shown = f"{name} is {held!r:.{_LONGEST}}, should be {right[name]!r:.{_LONGEST}}"
            yield f"{stream} {key}: {shown} ({len(wrong)} wrong)"
            return


def same(held: Any, right: Any) -> bool:
    """Whether a held value is the right one; numbers by their worth."""
    if isinstance(right, bool) or isinstance(held, bool):
        return held is right
    if isinstance(right, (int, float, Decimal)) and isinstance(held, (int, float, Decimal)):
        return Decimal(str(held)) == Decimal(str(right))
    return bool(held == right)


def canonical(field: Mapping[str, Any], value: Any) -> Any:
    """Return a kept value as a destination gets it."""
    if value is None or value in ([], "", ()):
        return None
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, tuple):
        return list(value)
    if field["data_type"] in {"bigint", "long"} and isinstance(value, int):
        return str(value)
    return value
