"""Which lists of children there are, and the call for one page of one record's.

https://www.zoho.com/crm/developer/docs/api/v8/get-related-records.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from tap_zohocrm_modules.definitions.child_kind import RELATED_LIST, ChildKind
from tap_zohocrm_modules.definitions.endpoint import Row, value_at
from tap_zohocrm_modules.zoho.records.reading import SCOPE
from tap_zohocrm_modules.zoho.transport.calls import Call

LEADS = "Leads"
_TIME = "Modified_Time"
# Words for modules in scopes that are not their API names in lower case.
_PARTS: Mapping[str, str] = {"Price_Books": "pricebooks"}


@dataclasses.dataclass(frozen=True, slots=True)
class ChildList:
    """One list of children: of which module, and of which kind."""

    module: str  # API name of the parents' module
    name: str  # the list's name, as `child_lists` has it
    kind: ChildKind
    columns: Mapping[str, Any]  # JSON Schemas of all columns, by name
    part: str = ""  # the module's word in scopes
    children: str | None = None  # API name of the module of the rows, if they are records

    @property
    def entry(self) -> str:
        """The list as `child_lists` has it."""
        return f"{self.module}.{self.name}"

    @property
    def scope(self) -> str:
        """The scopes that its calls need, with blanks between."""
        return self.kind.scope.format(part=self.part)

    @property
    def least_scope(self) -> str:
        """The same with the own scope of the module, which is enough, and not that of all."""
        own = f"ZohoCRM.modules.{self.part}.READ"
        return " ".join(own if one == SCOPE else one for one in self.scope.split())

    @property
    def own(self) -> tuple[str, ...]:
        """The names of what the relation itself has."""
        return tuple(self.kind.own_columns(self.entry))

    def path(self, parent_id: str) -> str:
        """Return where one record's rows are, below the API's version."""
        names = {"module": self.module, "id": parent_id, "list": self.name}
        return self.kind.path.format(**{key: quote(name, safe="") for key, name in names.items()})

    def params(self, token: str | None, *, timed: bool = True) -> dict[str, str]:
        """Return the query parameters of a page.

        Args:
            token: What leads to the page; None for the first one.
            timed: Whether the rows' module is taken to have `Modified_Time`.
        """
        kind = self.kind
        params = dict(kind.params)
        if kind.name == RELATED_LIST:
            params["fields"] = ",".join(["id", *self.own, *([_TIME] if timed else [])])
            if self.children == LEADS:
                params["converted"] = "both"
        # A token is bound to the parameters of its call, and of some calls to none of these.
        if kind.paging in {"page", "page_token"} and (token is None or not kind.sized_once):
            params["per_page"] = str(kind.per_page)
        if token is not None:
            params[kind.paging] = token
        return params

    def call(self, parent_id: str, token: str | None, stream: str, *, timed: bool = True) -> Call:
        """Return the call for a page of one record's rows; its credit is the stream's."""
        params = tuple(self.params(token, timed=timed).items())
        return Call(self.path(parent_id), self.scope, params=params, stream=stream)

    def detail_call(self, parent_id: str, row: Row, stream: str) -> Call:
        """Return the call that makes a row of a list whole."""
        wanted = {} if self.kind.detail is None else self.kind.detail.params
        values = {name: value_at(row, path) for name, path in wanted.items()}
        params = tuple((name, str(value)) for name, value in values.items() if value is not None)
        key = quote(str(row[self.kind.keys[-1]]), safe="")
        return Call(f"{self.path(parent_id)}/{key}", self.scope, params=params, stream=stream)

    def adapt(self, row: Row, parent_id: str) -> dict[str, Any]:
        """Return a row as its columns want it, with its parent's id."""
        if self.kind.name != RELATED_LIST:
            return self.kind.adapt(row, parent_id)
        # All else is in the stream of the listed module.
        kept = {name: row.get(name) for name in ("id", _TIME, *self.own)}
        values = {
            name: value.get("id") if isinstance(value, dict) else value
            for name, value in kept.items()
        }
        return self.kind.adapt(values, parent_id)


def scope_part(module: Row) -> str:
    """Return what a module is called in scopes."""
    name = str(module["api_name"])
    if module.get("generated_type") == "custom":
        return "custom"
    return _PARTS.get(name, name.lower().replace("_", ""))
