"""What a kind of child is: rows that Zoho serves only by the record that they belong to.

https://www.zoho.com/crm/developer/docs/api/v8/get-related-records.html
"""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from tap_zohocrm_modules.definitions.endpoint import DOCS, Row, value_at

PARENT_ID = "parent_id"
RELATED_LIST = "related_list"

Paging: TypeAlias = Literal["", "page", "page_token", "index"]


@dataclasses.dataclass(frozen=True, slots=True)
class Detail:
    """What a call for each row adds, by the path of the list and the row's key."""

    keeps: tuple[str, ...]  # columns that it has; of the list's row only the key is kept
    # Query parameters, and where the list's row has their values, with dots between levels.
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)
    refusals: tuple[str, ...] = ()  # Zoho's codes for rows that it shows to nobody but their owners
    refusal: str = ""  # the column that such a code goes into


@dataclasses.dataclass(frozen=True, slots=True)
class ChildKind:
    """One definition's way from a record to its children."""

    name: (
        str  # as `child_lists` spells it, or `related_list` for all that have no file of their own
    )
    page: str  # the page of Zoho's documentation, without `.html`
    path: str  # below the API's version, with `{module}`, `{id}` and perhaps `{list}`
    rows: str  # where the answer holds the rows, or the one row
    # The scopes that the call needs, with blanks between; `{part}` is the module's word in scopes.
    scope: str
    misses: str  # what the triggers do not show, as a sentence of the stream's page
    keys: tuple[str, ...] = (PARENT_ID, "id")
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)  # query parameters
    paging: Paging = ""  # what leads from a page to the next one; empty if all is in one
    per_page: int = 0  # rows of a page at the most, where the call takes the number
    sized_once: bool = False  # only the first page's call takes the number
    # Fields of the parent that say when its children may have changed.
    triggers: tuple[str, ...] = ()
    modules: tuple[
        str, ...
    ] = ()  # standard modules that have it, beside all custom ones; () for all
    # Column of the time of rows that stay as they are, where answers begin with the newest: what is
    # older than the last run is not asked for again.
    newest_first: str = ""
    latest: str = ""  # of two rows with the same key, the one that is later by this column counts
    fill: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    # Values of columns that no row has: a key, where there is one row at the most.
    constants: Mapping[str, str] = dataclasses.field(default_factory=dict)
    # Texts that may repeat private values of records, with dots between levels.
    people: tuple[str, ...] = ()
    history: str = ""  # column with the old and new values of fields
    detail: Detail | None = None  # of rows that a call each makes whole, and that stay as they are
    is_counted: bool = False  # Zoho counts its rows, as those of a related list
    only_by_name: bool = False  # no pattern stands for it: it is expensive
    none: tuple[str, ...] = ()  # Zoho's codes for a record that has none
    # Names and columns of what a relation itself has, by `Module.List` or a pattern of it.
    own: Mapping[str, Mapping[str, Any]] = dataclasses.field(default_factory=dict)

    @property
    def source(self) -> str:
        """The address of the page that documents it."""
        return f"{DOCS}{self.page}.html"

    def own_columns(self, entry: str) -> Mapping[str, Any]:
        """Return what the relation itself has, as JSON Schemas by name, for a `Module.List`."""
        found: dict[str, Any] = {}
        for pattern, columns in self.own.items():
            if fnmatch.fnmatchcase(entry, pattern):
                found |= columns
        return found

    def is_meant_by(self, pattern: str) -> bool:
        """Whether a name in `child_lists`, which may be a pattern, stands for it."""
        if self.only_by_name:
            return self.name == pattern
        return self.name != RELATED_LIST and fnmatch.fnmatchcase(self.name, pattern)

    def offered_by(self, module: Row) -> bool:
        """Whether a module, by its row of `modules`, has such children."""
        is_custom = module.get("generated_type") == "custom"
        return not self.modules or is_custom or module.get("api_name") in self.modules

    def adapt(self, row: Row, parent_id: str) -> dict[str, Any]:
        """Return a row with its parent's id, and with filled columns."""
        adapted = {**self.constants, **row, PARENT_ID: parent_id}
        for column, paths in self.fill.items():
            values = (value_at(row, path) for path in paths)
            adapted[column] = next((value for value in values if value not in (None, "")), None)
        return adapted
