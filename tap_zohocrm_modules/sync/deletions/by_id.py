"""Looks for the records of certain ids."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor

from tap_zohocrm_modules.zoho.records.completing.field_slices import FieldSliceJoiner
from tap_zohocrm_modules.zoho.records.completing.rich_texts import RichTexts
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Source


def existing(source: Source, ids: Iterable[str], executor: Executor) -> set[str]:
    """Return those of these ids whose records are there; ZohoError: Zoho does not say."""
    keys = source.of_fields(source.key_fields())
    return {*FieldSliceJoiner(keys, executor).of(sorted(ids))}


def records_of(source: Source, ids: Iterable[str], executor: Executor) -> list[Record]:
    """Return the records of these ids that exist, whole; ZohoError: they cannot be read."""
    wanted = sorted(ids)
    if not wanted:
        return []
    records = FieldSliceJoiner(source, executor).of(wanted)
    return list(RichTexts(source).completed(list(records.values())))
