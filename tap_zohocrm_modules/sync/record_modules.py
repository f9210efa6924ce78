"""Which modules become streams of records, and under which names."""

from __future__ import annotations

import contextlib
import difflib
import logging
import re
from collections.abc import Collection, Iterable, Mapping, MutableMapping
from typing import Any

from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.definitions.child_kind import PARENT_ID
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import ModuleState
from tap_zohocrm_modules.sync.state_part import StatePart
from tap_zohocrm_modules.zoho.metadata import MODULES
from tap_zohocrm_modules.zoho.records.deletions import UNTRACKED
from tap_zohocrm_modules.zoho.records.describe import (
    FIELDS,
    FieldLists,
    describe_from,
    with_names,
)
from tap_zohocrm_modules.zoho.records.model import RecordField, RecordModule, of_fields
from tap_zohocrm_modules.zoho.transport.errors import (
    PermissionRefusedError,
    RunEndError,
    UnavailableError,
    ZohoError,
)

logger = logging.getLogger(__name__)

_WILDCARD = re.compile(r"[*?\[]")
_FEW = 5  # modules
_BUILT_ON_FIELDS = frozenset({FIELDS, "picklist_values", "relationships"})


def discover_record_modules(
    run: Run,
    taken: Collection[str],
    chosen: Collection[str] | None,
    known: Mapping[str, tuple[RecordField, ...]] | None = None,
) -> Mapping[str, RecordModule | Exception]:
    """Return the modules that become streams, or why one does not, by the streams' names.

    They are those that `record_modules` names, or those chosen in a catalog.

    Args:
        run: The run.
        taken: Names of other streams.
        chosen: Names of the streams that are chosen; None for all there are.
        known: The fields of some streams, of which Zoho is not asked then; None to ask for all.

    Raises:
        ZohoError: with nothing chosen, the modules or one of them cannot be described for a reason
            that may pass, so that the result would lack what is there.
    """
    with contextlib.closing(FieldLists(run.client, _expected(run, chosen, known))) as lists:
        found = _found(run, taken, chosen, known, lists)
    if chosen is None:
        failures = {name: one for name, one in found.items() if isinstance(one, Exception)}
        _check_named(run, named(_modules(run), taken), failures)
        warn_of_missing(failures, "the records of")
    return found


def _expected(
    run: Run,
    chosen: Collection[str] | None,
    known: Mapping[str, tuple[RecordField, ...]] | None,
) -> Collection[str]:
    """Return modules whose fields can be asked for before it is known which modules there are.

    A few, as a catalog has chosen them: of many the list of modules is the least part.
    """
    if chosen is None or known is not None or not _BUILT_ON_FIELDS.isdisjoint(run.chosen or ()):
        return ()
    names = sorted(filter(run.settings.reads_module, chosen))
    return names if len(names) <= _FEW else ()


def _found(
    run: Run,
    taken: Collection[str],
    chosen: Collection[str] | None,
    known: Mapping[str, tuple[RecordField, ...]] | None,
    lists: FieldLists,
) -> dict[str, RecordModule | Exception]:
    try:
        rows = named(_modules(run), taken)
    except ZohoError as error:
        if chosen is None:
            # What ends the run, such as a dead token, metadata would meet as well.
            remedy = "Set record_modules to [] to do without streams of records."
            raise error if isinstance(error, RunEndError) else error.adding(remedy) from error
        return dict.fromkeys(chosen, error)
    wanted = {
        name: row
        for name, row in rows.items()
        if (chosen is None or name in chosen) and run.settings.reads_module(str(row["api_name"]))
    }
    found: dict[str, RecordModule | Exception] = {
        name: LookupError("chosen in the catalog, but record_modules leaves it out.")
        for name in rows
        if chosen is not None and name in chosen and name not in wanted
    }
    found.update(zip(wanted, _described(run, wanted, known, lists), strict=True))
    return found


def _check_named(
    run: Run, rows: Mapping[str, Mapping[str, Any]], failures: Mapping[str, Exception]
) -> None:
    """Raise an error if a module that `record_modules` writes out cannot be described.

    A catalog without it would make a success of every run that follows.
    """
    plain = set(_written_out(run))
    for name, error in failures.items():
        if rows[name]["api_name"] in plain and isinstance(error, ZohoError):
            raise error.adding(
                f"record_modules names {rows[name]['api_name']}, which has no stream without its"
                " fields: cure this, or take it out of record_modules."
            ) from error
    if without := sorted(plain - {str(row["api_name"]) for row in rows.values()}):
        raise SettingsError(
            [
                f"record_modules has {name!r}, whose records the API does not offer: take it out."
                for name in without
            ]
        )


def missing_streams(run: Run, catalog: Collection[str]) -> list[str]:
    """Return the modules that `record_modules` writes out and a catalog has no stream of."""
    return [name for name in _written_out(run) if not {name, f"{name}_records"} & {*catalog}]


def _written_out(run: Run) -> list[str]:
    return [name for name in run.settings.record_modules if not _WILDCARD.search(name)]


def tracked_modules(run: Run) -> list[str]:
    """Return which modules that `record_modules` names have a list of deletions, in order."""
    return sorted(
        str(row["api_name"])
        for row in _modules(run)
        if MODULES.is_parent(row)
        and run.settings.reads_module(str(row["api_name"]))
        and row.get("generated_type") not in UNTRACKED
    )


def check_record_modules(run: Run) -> None:
    """Make sure that the settings name modules; SettingsError: a name is none's.

    Patterns may match nothing.
    """
    named = [("record_modules", name) for name in _written_out(run)]
    named += [("refresh_modules", name) for name in run.settings.refresh_modules or ()]
    if not named:
        return
    try:
        known = {str(row["api_name"]) for row in _modules(run)}
    except ZohoError:
        # Whoever needs the list fails, and says why.
        return
    alike = {name.lower(): name for name in known}
    problems = []
    for key, name in named:
        if name not in known:
            close = difflib.get_close_matches(name.lower(), alike, n=1, cutoff=0.5)
            hint = f": did you mean {alike[close[0]]}?" if close else "."
            problems.append(f"{key} has {name!r}, and there is no such module{hint}")
    if problems:
        raise SettingsError(problems)


def why_missing(
    run: Run, state: MutableMapping[str, Any], stream: str, keys: Collection[str]
) -> Exception:
    """Return why a stream that is chosen in a catalog, with these keys, does not exist.

    STATE as a whole has the ids of modules, which stay when one is renamed.
    """
    if PARENT_ID in keys:
        return LookupError(
            "chosen in the catalog, but child_lists names no such list that the organisation has"
            " (any more): add it there as Module.List, or deselect the stream."
        )
    try:
        module_id = StatePart(state, stream, ModuleState).read().module_id
        rows = _modules(run) if module_id is not None else []
    except ZohoError as error:
        return error
    if module_id is None:
        return LookupError(
            "chosen in the catalog, but the organisation has no such stream (any more): run"
            " discovery again (under Meltano: with --refresh-catalog)."
        )
    for row in rows:
        if str(row.get("id")) == module_id:
            return LookupError(
                f"the module is called {row['api_name']} now: run discovery again (under Meltano:"
                f" with --refresh-catalog) and choose it by that name. It is loaded as a new"
                f" stream; the rows of {stream} stay in the destination."
            )
    return LookupError(
        "the module was deleted in Zoho, or hidden from this user. Its rows stay in the destination"
        " as they are: deselect the stream, and remove them there if nobody needs them."
    )


def named(
    rows: Iterable[Mapping[str, Any]], taken: Collection[str]
) -> dict[str, Mapping[str, Any]]:
    """Return the modules whose records can be read, each by the name of its stream.

    That is the API name; one that equals another stream's but for case has `_records` behind it.
    """
    names: dict[str, Mapping[str, Any]] = {}
    used = {name.lower() for name in taken}
    oldest_first = sorted(
        filter(MODULES.is_parent, rows),
        key=lambda row: (len(str(row.get("id"))), str(row.get("id"))),
    )
    for row in oldest_first:
        name = str(row["api_name"])
        while name.lower() in used:
            name += "_records"
        used.add(name.lower())
        names[name] = row
    return dict(sorted(names.items()))


def _modules(run: Run) -> list[Mapping[str, Any]]:
    return with_names(run.reader.rows(MODULES.name))


def _described(
    run: Run,
    wanted: Mapping[str, Mapping[str, Any]],
    known: Mapping[str, tuple[RecordField, ...]] | None,
    lists: FieldLists,
) -> list[RecordModule | ZohoError]:
    """Return the modules in their order; Zoho is asked for those that nobody has yet."""
    found: dict[str, RecordModule | ZohoError] = {}
    if known is not None:
        found = {name: of_fields(row, known[name]) for name, row in wanted.items() if name in known}
    elif wanted and not _BUILT_ON_FIELDS.isdisjoint(run.chosen or ()):
        # The run reads all modules' fields anyway.
        parts = {part.of: part for part in run.reader.results(FIELDS)}
        for name, row in wanted.items():
            if part := parts.get(str(row["api_name"])):
                found[name] = part.error or describe_from(row, part.rows)
    asked = [row for name, row in wanted.items() if name not in found]
    others = iter(lists.described(asked))
    return [found[name] if name in found else next(others) for name in wanted]


def warn_of_missing(errors: Mapping[str, Exception], what: str) -> None:
    """Log which streams are missing and why, or raise what may only be a passing failure.

    Args:
        errors: Why each is missing, by the name of its stream.
        what: What their rows would be, for the log.
    """
    reasons: dict[str, list[str]] = {}
    for name, error in errors.items():
        if not isinstance(error, (UnavailableError, PermissionRefusedError)):
            raise error
        reasons.setdefault(str(error), []).append(name)
    for reason, names in reasons.items():
        logger.warning("No stream for %s %s: %s", what, ", ".join(names), reason)
