"""What an endpoint of metadata is: one call, or one for each module, layout or territory.

https://www.zoho.com/crm/developer/docs/api/v8/api-references.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.transport.calls import CRM

Row: TypeAlias = Mapping[str, Any]

DOCS = "https://www.zoho.com/crm/developer/docs/api/v8/"


def every(row: Row) -> bool:
    """Choose each parent."""
    del row
    return True


@dataclasses.dataclass(frozen=True, slots=True)
class ForEach:
    """The parents of a fan-out: the endpoint is called once for each of their rows.

    Attributes:
        endpoint: The parents' endpoint.
        columns: What the endpoint's rows take over from their parent, and under which names; the
            names may be used as `{name}` in the endpoint's path and parameters.
        where: Which parents to call for.
    """

    endpoint: str
    columns: Mapping[str, str]
    where: Callable[[Row], bool] = every


def unchanged(row: Row) -> Row:
    """Take a row as it comes."""
    return row


@dataclasses.dataclass(frozen=True, slots=True)
class DetailCall:
    """A further call for each row, whose answer completes it.

    Attributes:
        path: Below the endpoint's base.
        columns: Names that path and parameters may use, and where they stand in the row, with dots
            between levels.
        params: Query parameters.
    """

    path: str
    columns: Mapping[str, str]
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Endpoint:
    """One row of the table of endpoints, and one stream.

    Attributes:
        name: The stream's name.
        path: Below `base`.
        key: Where the answer holds its rows; empty if the answer is the one row itself.
        scope: The least OAuth scope that the call needs; several with blanks between them.
        page: The page of Zoho's documentation, without `.html`.
        base: What comes before `path`.
        keys: The columns that identify a row.
        params: Query parameters.
        variants: Further parameters; the endpoint is called once with each of these sets.
        per_page: The most rows that a page may have; 0 if the call takes no `page`.
        each: The parents, if there is a call for each of them.
        detail: A further call for each row.
        adapt: Brings a row into the documented shape where Zoho has several, and gives keyless
            rows a key.
        modified: The column that tells when a row was last changed, if Zoho has one.
        derived: Makes the rows out of the parents' rows, without any call.
        selected: Whether it is read when nothing is chosen.
    """

    name: str
    path: str
    key: str
    scope: str
    page: str
    base: str = CRM
    keys: tuple[str, ...] = ("id",)
    params: Mapping[str, str] = dataclasses.field(default_factory=dict)
    variants: tuple[Mapping[str, str], ...] = ({},)
    per_page: int = 0
    each: ForEach | None = None
    detail: DetailCall | None = None
    adapt: Callable[[Row], Row] = unchanged
    modified: str | None = None
    derived: Callable[[Row], Iterable[Row]] | None = None
    selected: bool = True

    @property
    def source(self) -> str:
        """The address of the page that documents it."""
        return f"{DOCS}{self.page}.html"
