"""The shorthand for fields: one line a field, `API name | label | type:argument | traits`.

Types: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zohocrm_demo.organisation.data_files import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
        "object",  # json_type is jsonobject, likewise
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


def field_tables() -> Mapping[str, str]:
    """The fields in short of every module that has any, by the module's API name."""
    tables: Mapping[str, str] = read_file("fields.yaml")["modules"]
    return tables


def read_rows(table: str) -> tuple[FieldRow, ...]:
    """Read a table of fields; `+name word;word …` stands for the lines of a group.

    Raises:
        ValueError: If a line has an unknown trait or too few parts.
        KeyError: If there is no group of that name.
    """
    return tuple(_read_row(line) for line in _lines(table))


def _lines(table: str) -> Iterator[str]:
    for line in filter(None, map(str.strip, table.splitlines())):
        if not line.startswith("+"):
            yield line
            continue
        name, _, words = line[1:].partition(" ")
        group: str = read_file("fields.yaml")["groups"][name]
        for number, word in enumerate(words.split(";"), 1):
            group = group.replace(f"<{number}>", word)
        yield from _lines(group)


def _read_row(line: str) -> FieldRow:
    api_name, label, kind, *more = (part.strip() for part in line.split("|"))
    data_type, _, argument = kind.partition(":")
    traits = frozenset(more[0].split()) if more else frozenset()
    unknown = traits - TRAITS
    if unknown:
        raise ValueError(f"Unknown traits {sorted(unknown)} in {line!r}")
    return FieldRow(api_name, label, data_type, argument, traits)
