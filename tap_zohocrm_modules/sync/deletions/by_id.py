"""Looks for the records of certain ids."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor

from tap_zohocrm_modules.zoho.records.completing.field_slices import FieldSliceJoiner
from tap_zohocrm_modules.zoho.records.completing.rich_texts import RichTexts
from tap_zohocrm_modules.zoho.records.planner import Planner
from tap_zohocrm_modules.zoho.records.read_path import ReadPath
from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.records.records import Rows


def is_dearer(source: Source, ids: int, records: int, paths: Sequence[ReadPath]) -> bool:
    """Whether reading so many ids takes more credits than reading all of so many records."""
    limits = source.limits
    by_id = limits.slices(len(source.fields)) * -(-ids // limits.list_ids)
    return by_id > Planner(source, paths).compared(records).credits


def existing(source: Source, ids: Iterable[str], executor: Executor) -> set[str]:
    """Return those of these ids whose records are there; ZohoError: Zoho does not say."""
    keys = source.of_fields(source.key_fields())
    return {*FieldSliceJoiner(keys, executor).by_ids(sorted(ids))}


def records_of(source: Source, ids: Iterable[str], executor: Executor) -> Rows:
    """Return the records of these ids that exist, whole; ZohoError: they cannot be read."""
    wanted = sorted(ids)
    if not wanted:
        return Rows()
    records = FieldSliceJoiner(source, executor).by_ids(wanted)
    return Rows(RichTexts(source).completed(list(records.values())))
