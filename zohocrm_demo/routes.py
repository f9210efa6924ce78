"""Which handler answers which call: the rows of `data/routes.yaml`, whose head explains them."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias
from urllib.parse import unquote

from zohocrm_demo.answers import Answer, ZohoError
from zohocrm_demo.calls import Context
from zohocrm_demo.families.rows import GenericHandler, Keep, keep_by
from zohocrm_demo.limits import Cost
from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.params import (
    CHECKS,
    ModulePolicy,
    Param,
    anything,
    list_of,
    natural,
    one_of,
)

Handler: TypeAlias = Callable[[Context], Answer]


@dataclass(frozen=True)
class Route:
    """One call that the demo organisation answers."""

    path: str  # segments below the API host; `{name}` takes any one segment
    handler: Handler
    scopes: tuple[str, ...] | Callable[[Context], tuple[str, ...]]  # all of them
    params: tuple[Param, ...]  # the query parameters it takes; all others are refused
    method: str
    cost: Cost | Callable[[Context], Cost]  # credits and slots
    module: ModulePolicy | None  # how the parameter is judged; None: by the handler
    page: str  # the page of Zoho's documentation that it is written from

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What paths of this call look like."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """All rows. A row with a literal segment comes before one with a variable in its place."""

    rows: tuple[Route, ...]
    _by_depth: Mapping[int, Sequence[Route]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort the rows: a path has as many segments as what answers it."""
        by_depth: dict[int, list[Route]] = {}
        for route in self.rows:
            by_depth.setdefault(route.path.count("/"), []).append(route)
        object.__setattr__(self, "_by_depth", by_depth)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The row for a request and the path's variables; what only Zoho has is refused as such."""
        depth = path.count("/")
        known = [
            n for pattern, n in _unserved().get((method, depth), ()) if pattern.fullmatch(path)
        ]
        try:
            route, found = self.served(method, path)
        except ZohoError:
            if known:
                raise ZohoError("NOT_SUPPORTED", _ELSEWHERE, 501) from None
            raise
        if known and min(known) < len(found):
            raise ZohoError("NOT_SUPPORTED", _ELSEWHERE, 501)
        return route, found

    def served(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The same, as if there were no other calls."""
        code, is_named = "INVALID_URL_PATTERN", False
        for route in self._by_depth.get(path.count("/"), ()):
            match = route.pattern.fullmatch(path)
            # No module is called like a path that stands in the table with other verbs.
            of_modules = route.path.startswith(_OF_MODULES)
            if match is not None and not (is_named and of_modules):
                if route.method == method:
                    found = {name: unquote(text) for name, text in match.groupdict().items()}
                    return route, found
                code, is_named = "INVALID_REQUEST_METHOD", not of_modules
        raise ZohoError(code)


@functools.cache
def _unserved() -> Mapping[tuple[str, int], list[tuple[re.Pattern[str], int]]]:
    # What Zoho has besides, by verb and depth, each with the number of variables in its path.
    found: dict[tuple[str, int], list[tuple[re.Pattern[str], int]]] = {}
    for line in read_file("unserved.yaml") or ():
        verb, path = line.split(" ")
        pattern = re.compile(re.sub(r"\{x\}", "[^/]+", path))
        found.setdefault((verb, path.count("/")), []).append((pattern, path.count("{x}")))
    return found


_ELSEWHERE = "Zoho CRM has this call, the sample organisation doesn't serve it"
_PAGES = "https://www.zoho.com/crm/developer/docs/api/v8"
_OF_MODULES = "/crm/v8/{"
_SHAPES = ("all", "page", "object", "count")
_MOST_ROWS = 200
# What a line says beside what its generic handler does.
_HERE = "path rows from handler params module most verb scope scopes cost"
_PARAM = re.compile(
    r"(?P<name>\w+)(?P<required>!?)(?:=(?P<values>[^>?]+?)|:(?P<check>\w+))?"
    r"(?: > (?P<path>[\w.]+)| \? (?P<keep>[\w.]+))?"
)


@functools.cache
def read_routes() -> RoutingTable:
    """All calls, in the order of the table."""
    table = read_file("routes.yaml")
    return RoutingTable(
        tuple(
            _route(
                table, family, {**{k: family[k] for k in family if k.startswith("scope")}, **call}
            )
            for family in table["families"]
            for call in family["calls"]
        )
    )


def _route(table: Mapping[str, Any], family: Mapping[str, Any], call: Mapping[str, Any]) -> Route:
    params, keeps = _params(call, table["bundles"])
    path = family["path"] + call.get("path", "")
    scopes = call.get("scopes") or [call.get("scope")]
    own = _named(call["handler"]) if "handler" in call else None
    return Route(
        path=path,
        handler=own or _generic(table, call, path, keeps),
        scopes=_named(scopes)
        if isinstance(scopes, str)
        else tuple(f"ZohoCRM.{scope}" for scope in scopes),
        params=params,
        method=call.get("verb", "GET"),
        cost=_named(call["cost"]) if "cost" in call else Cost(),
        module=ModulePolicy(**table["modules"][call["module"]]) if "module" in call else None,
        page=f"{_PAGES}/{family['page']}.html",
    )


def _generic(
    table: Mapping[str, Any], call: Mapping[str, Any], path: str, keeps: Mapping[str, Keep]
) -> GenericHandler:
    shape = next(name for name in _SHAPES if name in call)
    options = {name: value for name, value in call.items() if name not in {*_HERE.split(), shape}}
    return GenericHandler(
        shape=shape,
        key=call[shape],
        name=call.get("rows", call[shape]),
        source=_named(call["from"]) if "from" in call else None,
        keeps=keeps,
        path=path,
        known={name: table["variables"][name] for name in re.findall(r"\{(\w+)\}(?=/)", path)},
        **options,
    )


def _params(
    call: Mapping[str, Any], bundles: Mapping[str, list[str]]
) -> tuple[tuple[Param, ...], dict[str, Keep]]:
    params: list[Param] = []
    keeps: dict[str, Keep] = {}
    texts = [one for text in call.get("params", ()) for one in bundles.get(text, (text,))]
    if "sort" in call:
        texts += [f"sort_by={'|'.join(call['sort'])}|", "sort_order=asc|desc"]
    for text in texts:
        parts = _PARAM.fullmatch(text)
        if parts is None:
            raise ValueError(f"{text!r} is not a parameter")
        name = parts["name"]
        values, check = parts["values"], CHECKS.get(parts["check"], anything)
        if parts["check"] == "rows_on_a_page":
            check = natural(call.get("most", _MOST_ROWS))
        elif values is not None:
            closed = values.strip("|").split("|")
            check = one_of(*closed) if "|" in values else list_of(*values.split(","))
        params.append(Param(name, check, required=bool(parts["required"])))
        if parts["path"] or parts["keep"]:
            keeps[name] = keep_by(parts["path"]) if parts["path"] else _named(parts["keep"])
    return tuple(params), keeps


def _named(path: str) -> Any:
    module, _, name = path.partition(".")
    return getattr(importlib.import_module(f"zohocrm_demo.families.{module}"), name)
