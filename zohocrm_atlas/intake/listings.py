"""The streams that the atlas shows as lists: which columns, and on which page (`listings.json`).

A path leads to a value of the row: `module.api_name`, or through lists: `profiles[].name`. Where
a path has alternatives (`name|id`), the first with a value counts. Values that may be secrets
(tokens, variables' values, headers, the queries of URLs) are not read at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec

from zohocrm_atlas.beside import read_beside

_ALL = 100_000


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
        limit: How many rows are kept; a list may be as long as records are.
        repeats: Whether a row's id is that of something that another stream has.
    """

    page: str
    stream: str
    title: str
    columns: dict[str, str] = {}
    key: tuple[str, ...] = ("id",)
    name: str = "name|display_label|api_name|id"
    module: str = "module.api_name|module_api_name|resource_name"
    permissions: frozenset[str] = frozenset()
    volatile: frozenset[str] = frozenset()
    tracked: bool = True
    limit: int = _ALL
    repeats: bool = False

    @property
    def is_limited(self) -> bool:
        """Whether only the first rows are kept."""
        return self.limit < _ALL


def listing_of(stream: str, keys: Iterable[str] = ()) -> Listing:
    """How a stream becomes a list; one that is not described shows its rows' simple values."""
    title = stream.replace("_", " ").capitalize()
    known = BY_STREAM.get(stream)
    return known or Listing(OTHERS, stream, title, key=tuple(keys) or ("id",), limit=500)


OTHERS = "settings"
"""The page of streams that are not described."""
LISTINGS = read_beside(__file__, tuple[Listing, ...])
BY_STREAM: Mapping[str, Listing] = MappingProxyType({each.stream: each for each in LISTINGS})
