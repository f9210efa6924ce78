"""The streams that the atlas shows as lists: which columns, and on which page (`listings.json`).

A path leads to a value of the row: `module.api_name`, or through lists: `profiles[].name`. Where
a path has alternatives (`name|id`), the first with a value counts. Values that may be secrets
(tokens, variables' values, headers, the queries of URLs) are not read at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec


class Listing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one stream becomes a list.

    Attributes:
        page: The page that shows the list.
        stream: The stream's name.
        title: The heading for people.
        columns: Column title and path.
        key: Columns that make up the key.
        name: Path of the name.
        module: Path of the API name of the module that a row belongs to; empty: it has none.
        permissions: Titles of the columns that say who may do what.
        volatile: Titles of the columns that change by themselves.
        tracked: Whether changes of its rows are changes of the organisation.
    """

    page: str
    stream: str
    title: str
    columns: dict[str, str]
    key: tuple[str, ...] = ("id",)
    name: str = "name|display_label|api_name|id"
    module: str = "module.api_name|module_api_name|resource_name"
    permissions: frozenset[str] = frozenset()
    volatile: frozenset[str] = frozenset()
    tracked: bool = True


LISTINGS: tuple[Listing, ...] = msgspec.json.decode(
    Path(__file__).with_suffix(".json").read_bytes(), type=tuple[Listing, ...]
)
BY_STREAM: Mapping[str, Listing] = MappingProxyType({each.stream: each for each in LISTINGS})
