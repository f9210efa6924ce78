"""The shorthand for fields: one line a field, `API name | label | type:argument | traits`.

Types: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

from dataclasses import dataclass

TRAITS = frozenset(
    {
        "mandatory",
        "readonly",
        "virtual",
        "unused",  # removed from every layout
        "hidden",  # on no page, and yet it has values
        "custom",  # made by the organisation, though the module is Zoho's
        "display",  # the record's name
        "tracked",  # its history has a module of its own
        "unique",
        "encrypted",
        "hipaa",
        "external",
        "nojson",  # json_type is missing
        "nulljson",  # json_type is null
        "nolength",  # length is missing
        "array",  # json_type is jsonarray, whatever the data_type says
    }
)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field in short.

    Attributes:
        api_name: API name; may hold a space.
        label: Field label.
        data_type: Zoho's `data_type`.
        argument: What the type needs to know: a length, values, a module.
        traits: Of `TRAITS`.
    """

    api_name: str
    label: str
    data_type: str
    argument: str = ""
    traits: frozenset[str] = frozenset()


def read_rows(table: str) -> tuple[FieldRow, ...]:
    """Read a table of fields; empty lines don't count.

    Raises:
        ValueError: If a line has an unknown trait or too few parts.
    """
    return tuple(_read_row(line) for line in table.splitlines() if line.strip())


def _read_row(line: str) -> FieldRow:
    api_name, label, kind, *more = (part.strip() for part in line.split("|"))
    data_type, _, argument = kind.partition(":")
    traits = frozenset(more[0].split()) if more else frozenset()
    unknown = traits - TRAITS
    if unknown:
        raise ValueError(f"Unknown traits {sorted(unknown)} in {line!r}")
    return FieldRow(api_name, label, data_type, argument, traits)
