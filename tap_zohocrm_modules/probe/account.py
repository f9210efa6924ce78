"""The account that is asked: its calls, what their headers showed, and a module to look at.

https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html
https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

import collections
import dataclasses
import functools
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import quote

from tap_zohocrm_modules.zoho.metadata import MODULES
from tap_zohocrm_modules.zoho.records.describe import FIELDS, FIELDS_PATH, FIELDS_SCOPE
from tap_zohocrm_modules.zoho.records.field_traits import is_line_items
from tap_zohocrm_modules.zoho.records.field_types import NOT_IN_LISTS
from tap_zohocrm_modules.zoho.records.path_names import COQL
from tap_zohocrm_modules.zoho.records.read_paths import READ_PATHS
from tap_zohocrm_modules.zoho.records.reading import SCOPE
from tap_zohocrm_modules.zoho.transport.answers import read_rows
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import ApiError, Refusal, ZohoError
from tap_zohocrm_modules.zoho.transport.http import ReplyHead

Row: TypeAlias = Mapping[str, Any]

PROBE = "probe"
SCOPES: Mapping[str, str] = {path.name: path.scopes for path in READ_PATHS}
"""The scopes that each read path needs."""

_USUAL = ("Leads", "Contacts", "Accounts", "Deals", "Products", "Cases")
_SYNTAX_ERROR = "SYNTAX_ERROR"
_MOST_FIELDS = 48
_MOST_LOOKED, _MOST_OWN = 3, 4
_TELLING = ("multiselectpicklist", "boolean", "datetime", "layout", "picklist")


class Journal:
    """What the headers of all answers showed; names only, but for the credits that are left."""

    def __init__(self) -> None:
        self.headers: set[str] = set()
        self.statuses: collections.Counter[int] = collections.Counter()
        self.credits_left: list[str] = []
        self.dates: list[tuple[str, float]] = []
        """The header `Date`, with the monotonic time at which the answer began."""

    def note(self, head: ReplyHead) -> None:
        """Take note of an answer."""
        names = {name.upper() for name in head.headers}
        self.headers |= {name for name in names if name.startswith("X-")}
        self.statuses[head.status] += 1
        self.credits_left += [
            text for name, text in head.headers.items() if name.upper() == _CREDITS_LEFT
        ]
        if date := head.headers.get("Date"):
            self.dates.append((date, head.answered_at))


_CREDITS_LEFT = "X-API-CREDITS-REMAINING"


@dataclasses.dataclass(frozen=True, slots=True)
class Witness:
    """A module whose records are looked at."""

    name: str
    fields: Sequence[Row]  # as Zoho lists them
    newest: Sequence[Row]  # up to 200 records, those changed last

    @property
    def asked(self) -> frozenset[str]:
        """The API names of the fields that its records were asked for."""
        return frozenset(_asked(self.fields))

    @property
    def has_several_values(self) -> bool:
        """Whether a record has several values in one field."""
        names = self.of_type("multiselectpicklist")
        values = (row.get(name) for row in self.newest for name in names)
        return any(len(texts_of(value)) > 1 for value in values)

    def of_type(self, *data_types: str) -> list[str]:
        """Return the API names of fields of these types that were asked for."""
        asked = self.asked
        return [
            str(field["api_name"])
            for field in self.fields
            if field.get("data_type") in data_types and field.get("api_name") in asked
        ]


@dataclasses.dataclass(eq=False)
class Account:
    """One organisation, asked through the tap's own client."""

    client: ZohoClient
    journal: Journal
    # The modules whose records were read.
    read: set[str] = dataclasses.field(default_factory=set, init=False)

    def call(self, path: str, scope: str = SCOPE, **more: Any) -> Answer:
        """Make a call; ZohoError: it was refused or failed."""
        return self.client.call(Call(path, scope, stream=PROBE, **more))

    def listed(
        self, module: str, since: str | None = None, **params: str
    ) -> tuple[list[Row], Mapping[str, Any]]:
        """Return rows and `info` of Get Records; both empty where Zoho has nothing to say."""
        headers = (("If-Modified-Since", since),) if since else ()
        answer = self.call(_path(module), params=tuple(params.items()), headers=headers)
        self.read.add(module)
        return data_of(answer), _object((answer.body or {}).get("info"))

    def select(self, module: str, names: Sequence[str], limit: int, price: int = 1) -> list[Row]:
        """Return rows of a query for these columns, which costs so many credits."""
        return self._query(", ".join(names), module, f"limit {limit}", price)

    def count(self, module: str, condition: str) -> int:
        """Return how many records meet a condition."""
        rows = self._query("COUNT(id)", module, f"and {condition}")
        return next((v for row in rows for v in row.values() if isinstance(v, int)), 0)

    def _query(self, columns: str, module: str, tail: str, price: int = 1) -> list[Row]:
        # Names come from Zoho's metadata, and COQL cannot change anything.
        query = f"select {columns} from {module} where id is not null {tail}"  # noqa: S608
        how = {"method": "POST", "credits": price, "body": {"select_query": query}}
        try:
            return data_of(self.call("/coql", SCOPES[COQL], **how))
        except ApiError as error:
            if error.refusal.code.upper() != _SYNTAX_ERROR:
                raise
        # As the tap does: now and then a query fails with nothing wrong in it.
        return data_of(self.call("/coql", SCOPES[COQL], **how))

    @functools.cached_property
    def modules(self) -> Sequence[Row]:
        """The modules that the API is said to serve."""
        rows = read_rows(self.client, Call(MODULES.path, MODULES.scope, stream=PROBE), "modules")
        return [row for row in rows if MODULES.is_parent(row)]

    @functools.cached_property
    def described(self) -> Mapping[str, Sequence[Row]]:
        """The fields of the usual modules, those first that show the most."""
        known = {str(row.get("api_name")): row for row in self.modules}
        own = [n for n, row in known.items() if row.get("generated_type") == "custom"]
        names = [name for name in _USUAL if name in known] + own[:_MOST_OWN]
        found: list[tuple[int, int, str, Sequence[Row]]] = []
        for place, name in enumerate(names):
            try:
                fields = self.fields(name)
            except ApiError:
                continue
            kinds = {field.get("data_type") for field in fields}
            score = len(kinds & {*_TELLING}) + len(_TELLING) * any(map(_takes_several, fields))
            found.append((-score, place, name, fields))
        return {name: fields for _, _, name, fields in sorted(found, key=lambda one: one[:2])}

    @functools.cached_property
    def witness(self) -> Witness:
        """The module whose records show the most: one of those with several values in a field.

        Raises:
            ZohoError: no module has records that may be read.
        """
        looked: list[Witness] = []
        for name, fields in self.described.items():
            try:
                newest, _ = self.listed(
                    name,
                    fields=",".join(_asked(fields)),
                    sort_by="Modified_Time",
                    sort_order="desc",
                    per_page="200",
                )
            except ApiError:
                continue
            if len(newest) > 1:
                looked.append(Witness(name, fields, newest))
            if looked and (looked[-1].has_several_values or len(looked) == _MOST_LOOKED):
                break
        if not looked:
            raise ZohoError(
                "None of the usual modules has two records that this token may read, so that there"
                " is nothing to look at: add some, or check the scope ZohoCRM.modules.READ."
            )
        return next((one for one in looked if one.has_several_values), looked[0])

    def fields(self, module: str) -> list[Row]:
        """Return the fields of a module as Zoho lists them."""
        params = (("module", module), ("type", "all"))
        call = Call(FIELDS_PATH, FIELDS_SCOPE, params, stream=PROBE)
        return list(read_rows(self.client, call, FIELDS))


def texts_of(value: object) -> list[str]:
    """Return the texts in a list; some lists of chosen values hold objects."""
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, str)]


def data_of(answer: Answer) -> list[Row]:
    """Return the rows under `data`."""
    rows = (answer.body or {}).get("data")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def said(error: ZohoError) -> str:
    """Return what a refusal says, without any word that may be a record's."""
    refusal = error.refusal if isinstance(error, ApiError) else None
    return code_of(refusal) if refusal else type(error).__name__


def code_of(refusal: Refusal) -> str:
    """Return status and code of a refusal."""
    known = refusal.code if refusal.code.replace("_", "").isalnum() else "a code of another form"
    return f"{HTTPStatus(refusal.status).value} {known}".strip()


def _takes_several(field: Row) -> bool:
    """Whether people choose several values of a list in the field."""
    return field.get("data_type") == "multiselectpicklist" and bool(field.get("pick_list_values"))


def _asked(fields: Sequence[Row]) -> list[str]:
    """Return the names to look at: the telling ones first, as many as a list takes."""
    ranked = sorted(fields, key=lambda field: field.get("data_type") not in _TELLING)
    names = [
        str(field["api_name"])
        for field in ranked
        if field.get("type") != "unused"
        and field.get("data_type") not in NOT_IN_LISTS
        and not is_line_items(field)
    ]
    keys = ["id", "Modified_Time"]
    return keys + [name for name in names if name not in keys][:_MOST_FIELDS]


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _path(module: str) -> str:
    return f"/{quote(module, safe='')}"
