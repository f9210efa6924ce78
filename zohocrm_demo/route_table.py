"""Reads `data/routes.yaml`, the table of all calls; its head says what a line means."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from zohocrm_demo.families.checks import BUNDLES, CHECKS, natural
from zohocrm_demo.families.chosen_module import ModulePolicy
from zohocrm_demo.families.generic import GenericHandler, Keep, content_source, keep_by
from zohocrm_demo.limits import Cost
from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.params import Check, Param, anything, list_of, one_of
from zohocrm_demo.routes import Route, RoutingTable

_PAGES = "https://www.zoho.com/crm/developer/docs/api/v8"
_SHAPES = ("all", "page", "one", "object")
_MOST_ROWS = 200
_HERE = frozenset({*_SHAPES, "path", "rows", "from", "handler", "params", "module", "most"}) | {
    "sort",
    "verb",
    "scope",
    "scopes",
    "cost",
}
_PARAM = re.compile(
    r"(?P<name>\w+)(?P<required>!?)(?:=(?P<values>[^>?]+?)|:(?P<check>\w+))?"
    r"(?: > (?P<path>[\w.]+)| \? (?P<keep>[\w.]+))?"
)


@functools.cache
def read_routes() -> RoutingTable:
    """All calls, in the order of the table."""
    table = read_file("routes.yaml")
    policies = {name: ModulePolicy(**row) for name, row in table["modules"].items()}
    return RoutingTable(
        tuple(
            _route(family, {**_inherited(family), **call}, policies)
            for family in table["families"]
            for call in family["calls"]
        )
    )


def _inherited(family: Mapping[str, Any]) -> dict[str, Any]:
    return {name: family[name] for name in ("scope", "scopes") if name in family}


def _route(
    family: Mapping[str, Any], call: dict[str, Any], policies: Mapping[str, ModulePolicy]
) -> Route:
    params, keeps = _params(call)
    cost = _named(call["cost"]) if "cost" in call else Cost()
    return Route(
        path=family["path"] + call.get("path", ""),
        handler=_named(call["handler"]) if "handler" in call else _generic(call, keeps),
        scopes=_scopes(call),
        params=params,
        method=call.get("verb", "GET"),
        cost=cost,
        module=policies[call["module"]] if "module" in call else None,
        page=f"{_PAGES}/{family['page']}.html",
    )


def _generic(call: Mapping[str, Any], keeps: Mapping[str, Keep]) -> GenericHandler:
    shape = next(name for name in _SHAPES if name in call)
    source = (
        _named(call["from"])
        if "from" in call
        else content_source(shape, call.get("rows", call[shape]))
    )
    options = {name: value for name, value in call.items() if name not in _HERE}
    return GenericHandler(shape=shape, key=call[shape], source=source, keeps=keeps, **options)


def _scopes(call: Mapping[str, Any]) -> Any:
    scopes = call.get("scopes") or [call["scope"]]
    if isinstance(scopes, str):
        return _named(scopes)
    return tuple(f"ZohoCRM.{scope}" for scope in scopes)


def _params(call: Mapping[str, Any]) -> tuple[tuple[Param, ...], dict[str, Keep]]:
    params: list[Param] = []
    keeps: dict[str, Keep] = {}
    for text in _spelled_out(call):
        parts = _PARAM.fullmatch(text)
        if parts is None:
            raise ValueError(f"{text!r} is no parameter")
        name = parts["name"]
        check = _check(parts["values"], parts["check"], call.get("most", _MOST_ROWS))
        params.append(Param(name, check, required=bool(parts["required"])))
        if parts["path"]:
            keeps[name] = keep_by(parts["path"])
        elif parts["keep"]:
            keeps[name] = _named(parts["keep"])
    return tuple(params), keeps


def _spelled_out(call: Mapping[str, Any]) -> Iterator[str]:
    for text in call.get("params", ()):
        yield from BUNDLES.get(text, (text,))
    if "sort" in call:
        yield f"sort_by={'|'.join(call['sort'])}|"
        yield "sort_order=asc|desc"


def _check(values: str | None, name: str | None, most: int) -> Check:
    if name == "rows_on_a_page":
        return natural(most)
    if name is not None:
        return CHECKS[name]
    if values is None:
        return anything
    if "|" in values:
        return one_of(*values.strip("|").split("|"))
    return list_of(*values.split(","))


def _named(path: str) -> Any:
    module, _, name = path.partition(".")
    return getattr(importlib.import_module(f"zohocrm_demo.families.{module}"), name)
