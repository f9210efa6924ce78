"""Reads `data/routes.yaml`, the table of all calls; its head says what a line means."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from zohocrm_demo.families.chosen_module import ModulePolicy
from zohocrm_demo.families.generic import GenericHandler, Keep, keep_by
from zohocrm_demo.limits import Cost
from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.params import CHECKS, Check, Param, anything, list_of, natural, one_of
from zohocrm_demo.routes import Route, RoutingTable

_PAGES = "https://www.zoho.com/crm/developer/docs/api/v8"
_SHAPES = ("all", "page", "object", "count")
_MOST_ROWS = 200
# What a line says beside what its generic handler does.
_HERE = frozenset(
    [
        "path",
        "rows",
        "from",
        "handler",
        "params",
        "module",
        "most",
        "verb",
        "scope",
        "scopes",
        "cost",
    ]
)
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
            _route(table, family, {**_inherited(family), **call})
            for family in table["families"]
            for call in family["calls"]
        )
    )


def _inherited(family: Mapping[str, Any]) -> dict[str, Any]:
    return {name: family[name] for name in ("scope", "scopes") if name in family}


def _route(table: Mapping[str, Any], family: Mapping[str, Any], call: Mapping[str, Any]) -> Route:
    params, keeps = _params(call, table["bundles"])
    path = family["path"] + call.get("path", "")
    return Route(
        path=path,
        handler=_named(call["handler"])
        if "handler" in call
        else _generic(table, call, path, keeps),
        scopes=_scopes(call),
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
    options = {name: value for name, value in call.items() if name not in {*_HERE, shape}}
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


def _scopes(call: Mapping[str, Any]) -> Any:
    scopes = call.get("scopes") or [call["scope"]]
    if isinstance(scopes, str):
        return _named(scopes)
    return tuple(f"ZohoCRM.{scope}" for scope in scopes)


def _params(
    call: Mapping[str, Any], bundles: Mapping[str, list[str]]
) -> tuple[tuple[Param, ...], dict[str, Keep]]:
    params: list[Param] = []
    keeps: dict[str, Keep] = {}
    for text in _spelled_out(call, bundles):
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


def _spelled_out(call: Mapping[str, Any], bundles: Mapping[str, list[str]]) -> Iterator[str]:
    for text in call.get("params", ()):
        yield from bundles.get(text, (text,))
    if "sort" in call:
        yield f"sort_by={'|'.join(call['sort'])}|"
        yield "sort_order=asc|desc"


def _check(values: str | None, name: str | None, most: int) -> Check:
    if name is not None:
        return natural(most) if name == "rows_on_a_page" else CHECKS[name]
    if values is None:
        return anything
    return one_of(*values.strip("|").split("|")) if "|" in values else list_of(*values.split(","))


def _named(path: str) -> Callable[..., Any]:
    module, _, name = path.partition(".")
    found: Callable[..., Any] = getattr(
        importlib.import_module(f"zohocrm_demo.families.{module}"), name
    )
    return found
