"""What an endpoint of metadata is: one call, or one for each module, layout or territory.

https://www.zoho.com/crm/developer/docs/api/v8/api-references.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Row: TypeAlias = Mapping[str, Any]

DOCS = "https://www.zoho.com/crm/developer/docs/api/v8/"


@dataclasses.dataclass(frozen=True, slots=True)
class ForEach:
    """The parents of a fan-out: the endpoint is called once for each of their rows."""

    endpoint: str  # the parents' endpoint
    # What the endpoint's rows take over from their parent, and under which names; the names may be
    # used as `{name}` in the endpoint's path and parameters.
    columns: Mapping[str, str]
    # The values that a parent's columns must have.
    where: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class DetailCall:
    """A further call for each row, whose answer completes it."""

    path: str  # below the API's version
    # Names that path and parameters may use, and where they stand in the row, with dots between
    # levels.
    columns: Mapping[str, str]
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)  # query parameters
    # A list of the row that has a call for each of its elements; the answer's row has the completed
    # element in the same list.
    each: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class CompletedBy:
    """Another endpoint's answers that have more of an object than the endpoint's own rows.

    Both have the same parents. They are asked for if a row has such an object and it lacks the
    property `lacks`; what the object lacks is then taken over.
    """

    endpoint: str
    elements: str  # where its rows have the elements, a list in each list, with dots between
    key: str  # the column that an element and a row have in common
    column: str  # the object, of rows and elements
    lacks: str
    is_reported: bool = True  # whether a stream of its own says what cannot be read of it

    def is_lacking(self, row: Row) -> bool:
        """Whether the row's object has not what it can have."""
        value = row.get(self.column)
        return isinstance(value, dict) and bool(value) and value.get(self.lacks) is None

    def elements_of(self, rows: Iterable[Row]) -> dict[str, Row]:
        """Return the objects of the elements of the other endpoint's rows, by their key."""
        found: list[Any] = [*rows]
        for name in self.elements.split("."):
            lists = (one.get(name) for one in found if isinstance(one, Mapping))
            found = [element for inner in lists if isinstance(inner, list) for element in inner]
        return {
            str(one.get(self.key)): one[self.column]
            for one in found
            if isinstance(one, Mapping) and isinstance(one.get(self.column), Mapping)
        }

    def complete(self, row: Row, objects: Mapping[str, Row]) -> dict[str, Any]:
        """Return the row with what its object lacks and the other one has."""
        more = objects.get(str(row.get(self.key)))
        if more is None or not self.is_lacking(row):
            return dict(row)
        own = {name: value for name, value in row[self.column].items() if value is not None}
        return {**row, self.column: {**more, **own}}


@dataclasses.dataclass(frozen=True, slots=True)
class Endpoint:
    """One definition's way to its rows, and one stream."""

    name: str  # the stream's name
    scope: str  # the least OAuth scope that the call needs; several with blanks between them
    page: str  # the page of Zoho's documentation, without `.html`
    # Below the API's version; empty if the rows are made of the parents' rows, without a call.
    path: str = ""
    # Where the answer, or without a path the parent's row, holds the rows; empty if the answer is
    # the one row itself.
    rows: str = ""
    bulk: bool = False  # whether `path` is one of the bulk APIs
    keys: tuple[str, ...] = ("id",)  # the columns that identify a row
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)  # query parameters
    # Further parameters; the endpoint is called once with each of these sets.
    variants: tuple[Mapping[str, str], ...] = ({},)
    # Distances from the present year; besides the call without `year` there is one for each of
    # these years.
    years: tuple[int, ...] = ()
    per_page: int = 0  # the most rows that a page may have; 0 if the call takes no `page`
    for_each: ForEach | None = None  # the parents, if there is a call for each of them
    detail: DetailCall | None = None  # a further call for each row
    # The function of `zoho.metadata.derived` that makes rows of a parent's row, if `rows` does not
    # say where they are.
    derive: str = ""
    # Another endpoint whose answers complete an object of the rows.
    completed_by: CompletedBy | None = None
    # Values of columns that a row does not have.
    defaults: Mapping[str, str] = dataclasses.field(default_factory=dict)
    # Columns that Zoho sometimes sends as a bare text, and the property of the documented object
    # that the text stands for.
    objects: Mapping[str, str] = dataclasses.field(default_factory=dict)
    # Columns made of others; the first path (dots between levels) that has a value wins. Keys that
    # begin with a dollar, which no column's name can, are not kept beside them.
    fill: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    modified: str | None = None  # the column that says when a row was last changed, if Zoho has one
    # Values of columns with which a row has no calls made for it as a parent.
    no_calls_for: Mapping[str, tuple[bool | str, ...]] = dataclasses.field(default_factory=dict)
    selected: bool = True  # whether it is read when nothing is chosen
    # What columns rest on that `page` does not show, with dots between levels; by the ground.
    rests_on: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)

    @property
    def source(self) -> str:
        """The address of the page that documents it."""
        return f"{DOCS}{self.page}.html"

    @property
    def others(self) -> frozenset[str]:
        """The endpoints that are read for it."""
        return frozenset(one.endpoint for one in (self.for_each, self.completed_by) if one)

    def is_parent(self, row: Row) -> bool:
        """Whether calls may be made for a row; Zoho refuses them for the others."""
        # A row that lacks the column is called for; what Zoho refuses is then reported.
        return all(row.get(name) not in values for name, values in self.no_calls_for.items())

    def adapt(self, row: Row) -> dict[str, Any]:
        """Return a row with its defaults, objects and filled columns."""
        adapted = {**self.defaults, **row}
        for column, inside in self.objects.items():
            if isinstance(text := row.get(column), str):
                adapted[column] = None if text == "null" else {inside: text}
        for column, paths in self.fill.items():
            values = (value_at(row, path) for path in paths)
            adapted[column] = next((value for value in values if value not in (None, "")), None)
            for path in paths:
                if path.startswith("$"):
                    adapted.pop(path, None)
        return adapted


def value_at(row: Row, path: str) -> Any:
    """Return the value at a path with dots between levels; None if a level is missing."""
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
