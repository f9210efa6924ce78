"""A case: what the organisation is, and what happens around each run. They are in `cases/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeAlias

import yaml

CASES = Path(__file__).parent / "cases"
Action: TypeAlias = Mapping[str, Any]  # `do`, `records`, `times`, and what the action takes
# The calls that read records: Get Records, queries, the results of exports.
READS = "/crm/v[0-9]/{module}|/crm/v2.1/{module}|/crm/v[0-9]/coql|/crm/bulk/v[0-9]/read/*/result"


@dataclass(frozen=True, slots=True)
class During:
    """What happens while a run goes on: after the `nth` call that reads records."""

    nth: int = 1
    do: tuple[Action, ...] = ()
    kill: bool = False  # the connector, before it has the answer


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault of the `nth` call, and `times - 1` more, that reads records or goes to `path`."""

    kind: str  # a status or a name, as of `zohocrm-demo --fault`
    nth: int = 1
    times: int | None = 1
    path: str | None = None
    code: str | None = None  # Zoho's, beside a status
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the connector."""

    during: tuple[During, ...] = ()
    faults: tuple[Trouble, ...] = ()
    then: tuple[Action, ...] = ()  # afterwards
    fresh: bool = False  # without state, into tables of its own
    forgets: bool = False  # without state, into the tables that are there
    same_catalog: bool = False  # as the run before, though the organisation's fields have changed
    may_fail: bool = False  # as long as it says so by its exit code


@dataclass(frozen=True, slots=True)
class Case:
    """One line of the report card."""

    name: str
    title: str  # what happens
    shows: str  # what a connector that fails does wrong
    modules: Mapping[str, Mapping[str, int]]  # that are read: `count`, `unstamped`, `crowd`
    runs: tuple[Run, ...]
    rests_on: str = ""  # what says that this happens, where it isn't Zoho's documents
    setup: tuple[Action, ...] = ()
    limits: Mapping[str, int] | None = None  # `RequestLimits`, where they aren't Zoho's
    organisation: Mapping[str, Any] | None = None  # further options of `DemoOrganisation`
    columns: bool = False  # whether columns are judged, not only what is in them
    equal: bool = False  # whether the tables of the two last runs have to be equal
    catalogs: bool = (
        False  # whether the catalog has to be what it was, in this and earlier releases
    )


def read_cases(place: Path = CASES, names: tuple[str, ...] = ()) -> list[Case]:
    """The cases of a file or folder, those of these names if there are any; ValueError: none."""
    paths = sorted(place.glob("*.yaml")) if place.is_dir() else [place]
    cases = [_case(path) for path in paths]
    unknown = set(names) - {case.name for case in cases}
    if unknown or not cases:
        where = "" if unknown else f" in {place}"
        raise ValueError(f"there is no case{where} {', '.join(sorted(unknown))}".strip())
    return [case for case in cases if not names or case.name in names]


def _case(path: Path) -> Case:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
        runs = tuple(_run(one or {}) for one in content.pop("runs"))
        modules = {name: _size(size) for name, size in content.pop("modules").items()}
        content["setup"] = tuple(content.get("setup") or ())
        return Case(path.stem, **content, runs=runs, modules=modules)
    except (yaml.YAMLError, AttributeError, LookupError, TypeError) as error:
        raise ValueError(f"{path.name} is not a case: {error}") from error


def _size(size: Any) -> Mapping[str, int]:
    return {"count": size} if isinstance(size, int) else size


def _run(content: dict[str, Any]) -> Run:
    unknown = content.keys() - {one.name for one in fields(Run)}
    if unknown:
        raise TypeError(f"a run has no {', '.join(sorted(unknown))}")
    during = tuple(
        During(one.get("nth", 1), tuple(one.get("do") or ()), one.get("kill", False))
        for one in content.get("during") or ()
    )
    faults = tuple(Trouble(**one) for one in content.get("faults") or ())
    flags = {
        name: content[name]
        for name in ("fresh", "forgets", "same_catalog", "may_fail")
        if name in content
    }
    return Run(during, faults, tuple(content.get("then") or ()), **flags)
