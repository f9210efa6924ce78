"""Finds what a name stands for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from tap_zohocrm_modules.arrow_reader.sources import (
    ChildRows,
    Deletions,
    Metadata,
    ModuleRecords,
    Readable,
)
from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.sync.children.lists import ChildLists
from tap_zohocrm_modules.sync.privacy import protect
from tap_zohocrm_modules.sync.record_modules import discover_record_modules, named
from tap_zohocrm_modules.sync.rows.deleted import DELETED_RECORDS
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.metadata import MODULES
from tap_zohocrm_modules.zoho.records.describe import with_names
from tap_zohocrm_modules.zoho.records.model import RecordModule
from tap_zohocrm_modules.zoho.transport.errors import ZohoError

SYNC_REPORT, AUDIT_LOG = "sync_report", "audit_log"


def find(run: Run, stream: str) -> Readable:
    """Return what a stream's name stands for.

    Children need not be named in `child_lists`; they may also be called `Module.List`.

    Raises:
        SettingsError: nothing is called so.
        ZohoError: it cannot be described.
    """
    if stream in run.endpoints:
        return Metadata(run, stream, run.endpoints[stream])
    if stream == DELETED_RECORDS:
        return Deletions(run, stream)
    if stream == SYNC_REPORT:
        raise SettingsError([f"{stream} describes runs of the tap, and read() does not make one"])
    if stream == AUDIT_LOG:
        raise SettingsError([f"{stream} is read from Zoho's exports, by the tap and not by read()"])
    taken = {*run.endpoints, DELETED_RECORDS, SYNC_REPORT}
    found = discover_record_modules(run, taken, {stream}).get(stream)
    if isinstance(found, RecordModule):
        return ModuleRecords(run, stream, protect(found, run.privacy))
    if found is not None:
        raise found if isinstance(found, ZohoError) else SettingsError([str(found)])
    return _children(run, stream, taken)


def _children(run: Run, stream: str, taken: set[str]) -> ChildRows:
    modules = named(with_names(run.reader.rows(MODULES.name)), taken)
    for entry in (*run.settings.child_lists, *_entries(stream, modules)):
        try:
            lists = ChildLists(run).find(taken, (entry,))
        except SettingsError:
            if entry == stream:
                raise
            continue
        for name, parents in lists.streams.items():
            if stream in {name, parents.children.entry}:
                return ChildRows(run, name, parents)
        for error in lists.why_missing({stream.replace(".", "_")}).values():
            raise error
    known = sorted({*taken, *modules} - {SYNC_REPORT})
    close = difflib.get_close_matches(stream, known, n=1, cutoff=0.5)
    hint = f": did you mean {close[0]}?" if close else "."
    raise SettingsError([f"read() is asked for {stream!r}, and there is no such stream{hint}"])


def _entries(stream: str, modules: Iterable[str]) -> Iterator[str]:
    """Yield what a name may be in the setting `child_lists`."""
    if "." in stream:
        if all(stream.split(".", 1)):
            yield stream
        return
    for module in modules:
        if stream.startswith(f"{module}_"):
            name = stream.removeprefix(f"{module}_")
            yield f"{module}.{name}"
            yield f"{module}.{name.removesuffix('_children')}"
