"""Defects put into the tap by hand, to show that the simulation finds each of them."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from unittest import mock

from tap_zohocrm_modules.streams import records
from tap_zohocrm_modules.streams.record_columns import CatalogColumns
from tap_zohocrm_modules.sync.deletions import reader
from tap_zohocrm_modules.sync.deletions.reader import DeletionReader
from tap_zohocrm_modules.sync.deletions.sweep import Sweep
from tap_zohocrm_modules.sync.module import again, plan, reconciliation
from tap_zohocrm_modules.sync.module.columns import Columns, Selection
from tap_zohocrm_modules.sync.module.pages import ModulePages
from tap_zohocrm_modules.sync.module.read import ModuleRead
from tap_zohocrm_modules.sync.module.state import Step
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.records.bulk.recheck import ExportCheck
from tap_zohocrm_modules.zoho.records.completing import rich_texts
from tap_zohocrm_modules.zoho.records.completing.absences import Absences
from tap_zohocrm_modules.zoho.records.coql.ahead import PagesAhead
from tap_zohocrm_modules.zoho.records.coql.queries import Queries
from tap_zohocrm_modules.zoho.records.engine import RecordEngine
from tap_zohocrm_modules.zoho.records.get_records import RecordPage
from tap_zohocrm_modules.zoho.records.reading import PathRefusedError
from tap_zohocrm_modules.zoho.transport import answers
from tap_zohocrm_modules.zoho.transport.auth import ZohoAuthenticator
from tap_zohocrm_modules.zoho.transport.calls import Answer
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import GivenUpError

_LATER = re.compile(r"\((Modified_Time > '[^']+') or id > \d+\)")


def _cutoff_without_lag(run: Run) -> Any:
    return run.client.server_now()


def _keyset_by_time_alone(queries: Queries, wanted: Any, *args: Any) -> Any:
    return _select(queries, [_LATER.sub(r"\1", one) for one in wanted], *args)


def _nothing(*_: Any, **__: Any) -> Any:
    return ()


def _early_bookmarks(read: ModuleRead) -> Iterator[Step]:
    before: Step | None = None
    for step in _steps(read):
        if before is not None:
            yield dataclasses.replace(before, state=step.state)
        before = step
    if before is not None:
        yield before


def _failure_as_an_end(client: ZohoClient, call: Any) -> Answer:
    try:
        return _call(client, call)
    except GivenUpError:
        return Answer(204, None)


def _refused_whole(engine: RecordEngine, refused: PathRefusedError) -> frozenset[str]:
    _refuse(engine, refused)
    return frozenset()


def _taken_unseen(pages: PagesAhead, after: str) -> RecordPage | None:
    begun = pages._begun  # noqa: SLF001
    if begun:
        begun[0] = dataclasses.replace(begun[0], offset=0)
    return _take(pages, after)


_refuse, _take = RecordEngine._refuse, PagesAhead.take  # noqa: SLF001
_select, _steps, _call = Queries.select, ModuleRead.steps, ZohoClient.call


@dataclasses.dataclass(frozen=True)
class Defect:
    """A part of the tap and what takes its place."""

    holder: object
    name: str
    replacement: object

    def put_in(self) -> contextlib.AbstractContextManager[object]:
        """Return what keeps the defect in the tap while it is entered."""
        return mock.patch.object(self.holder, self.name, self.replacement)


def _cached(function: Callable[[Any], Any], name: str) -> functools.cached_property[Any]:
    made = functools.cached_property(function)
    made.__set_name__(object, name)
    return made


def _all_columns(columns: CatalogColumns) -> tuple[str, ...]:
    return tuple(column for column in columns.catalog if columns._is_chosen(column))  # noqa: SLF001


def _same_id(columns: Columns, name: str, now: Columns) -> bool:
    return columns.columns.get(name) == now.columns[name]


DEFECTS: Mapping[str, Defect] = {
    "cutoff without lag": Defect(Run, "cutoff", _cached(_cutoff_without_lag, "cutoff")),
    "keyset without id": Defect(Queries, "select", _keyset_by_time_alone),
    "tombstones dropped": Defect(DeletionReader, "tombstones", lambda *_, **__: []),
    "bookmark before its page": Defect(ModuleRead, "steps", _early_bookmarks),
    "refused token kept": Defect(ZohoAuthenticator, "invalidate", _nothing),
    "restored record ignored": Defect(reader, "existing", lambda *_: set()),
    "new columns not filled": Defect(plan, "reload_for", lambda *_, **__: None),
    "vanished columns nulled": Defect(CatalogColumns, "names", _cached(_all_columns, "names")),
    "exports not checked": Defect(ExportCheck, "missing", _nothing),
    "failure taken for an end": Defect(ZohoClient, "call", _failure_as_an_end),
    "types of columns forgotten": Defect(Columns, "same", _same_id),
    "nothing looked back for": Defect(Run, "lookback", _cached(lambda _: timedelta(0), "lookback")),
    "deletions of before STATE forgotten": Defect(
        DeletionReader, "_older", lambda *_, **__: ((), False)
    ),
    "columns move with their twins": Defect(records, "keeping_names", lambda module, _: module),
    "deletions passed in silence": Defect(ModuleRead, "_still_due", lambda *_: None),
    "checkpoint of any selection": Defect(Selection, "is_of", lambda *_: True),
    "sweep believes one listing": Defect(Sweep, "_doubted", _nothing),
    "texts cut by characters": Defect(rich_texts, "_length", len),
    "absence taken for a deletion": Defect(Absences, "check", _nothing),
    "records without a time once": Defect(ModulePages, "unstamped", _nothing),
    "first reads not counted": Defect(reconciliation, "compare_with_zoho", lambda *_: None),
    "second reads not counted": Defect(again, "compare_with_zoho", lambda *_: None),
    "a field's refusal is the module's": Defect(RecordEngine, "_refuse", _refused_whole),
    "moving lists believed": Defect(answers, "_same", lambda *_: True),
    "pages ahead believed": Defect(PagesAhead, "take", _taken_unseen),
}
