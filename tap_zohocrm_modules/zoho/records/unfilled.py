"""Finds fields that no record fills, which are not worth a call per record, nor a refused job."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from typing_extensions import override

from tap_zohocrm_modules.zoho.records.field_types import INTEGER, NUMBER, TEXT
from tap_zohocrm_modules.zoho.records.get_records import GetRecordsRequest
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordField
from tap_zohocrm_modules.zoho.records.planner import Planner
from tap_zohocrm_modules.zoho.records.read_path import PathPlan
from tap_zohocrm_modules.zoho.records.reading import PathRefusedError, Window
from tap_zohocrm_modules.zoho.records.records import Records
from tap_zohocrm_modules.zoho.transport.errors import ApiError
from tap_zohocrm_modules.zoho.transport.texts import counted

# Credits at stake from which on it is worth one to ask who has a value.
_WORTH_ASKING = 10
# Each may take a credit.
_MOST_ASKED = 8
_NOTHING: tuple[Any, ...] = (None, "", [])
_PLAIN = (TEXT, INTEGER, NUMBER)
# Zoho works these out by itself.
_COMPUTED = frozenset({"formula", "rollup_summary", "autonumber"})


@dataclasses.dataclass(frozen=True, slots=True)
class Vacancy:
    """A field that is taken to be empty, since a sample of records has no value in it."""

    field: RecordField
    refused: str  # what is known of the read paths that do not deliver it
    sample: int  # how many records have been looked at
    price: str  # what to read it all the same would take

    @override
    def __str__(self) -> str:
        return (
            f"{self.field.api_name} is left out of the records: {self.refused}, nobody can write"
            f" it, it is empty in all of the {counted(self.sample, 'record')} looked at, and"
            f" {self.price}. Set read_path to rest to read it all the same."
        )


class UnfilledFields:
    """Finds the fields of one module that no record fills, where that decides what a read takes.

    Queries say it, for a credit. Of a field that they do not take, and that nobody can write, a
    sample of records says enough.

    Args:
        planner: Its plans; columns that turn out to be empty are noted in it.
        window: Which records are wanted.
        sample: The first of them, with all fields.
    """

    def __init__(self, planner: Planner, window: Window, sample: Records) -> None:
        self._planner = planner
        self._source = planner.source
        self._window = window
        self._sample = sample
        self._looked_at = len(sample)

    def find(self, records: int) -> Sequence[Vacancy]:
        """Note in the planner which columns are empty; return those that only a sample shows to be.

        Args:
            records: How many records there are.
        """
        plans = self._planner.plans()
        least = min((plan.credits(records) for plan in plans), default=0)
        found = [one for plan in plans for one in self._not_completed(plan, records, least)]
        found += self._not_asked_for(records)
        return [one for one in found if one.field.column in self._planner.empty]

    def _not_completed(self, plan: PathPlan, records: int, least: int) -> Sequence[Vacancy]:
        """Find out whether all that a plan lacks is empty, where it would be the cheapest then."""
        lacking, price = plan.lacking, plan.completion(records)
        alone = plan.credits(records) - price
        is_worth_it = price >= _WORTH_ASKING * len(lacking) and alone + len(lacking) < least
        if not is_worth_it or not all(map(self._is_empty_in_sample, lacking)):
            return []
        guessed = []
        for field in lacking:
            count = self._count_filled([field])
            if count is None and field.is_closed:
                guessed.append(field)
            elif count != 0:
                return []
        if guessed and not self._is_empty_in_newest(guessed):
            return []
        self._planner.empty |= {field.column for field in lacking}
        refused = f"{plan.path.label} does not deliver it"
        more = f"completing all would take {counted(price, 'credit')}"
        return [Vacancy(field, refused, self._looked_at, more) for field in guessed]

    def _not_asked_for(self, records: int) -> Sequence[Vacancy]:
        """Find out which fields a dear call had better not ask for, since it may be refused.

        Newer organisations have read-only fields that lists have empty, and other paths refuse.
        """
        plans = self._planner.plans()
        plan = self._planner.cheapest(plans, records) if plans else None
        if plan is None or plan.path.refusal_credits < _WORTH_ASKING or not self._sample:
            return []
        odd = [f for f in plan.fields if _is_odd(f) and self._is_empty_in_sample(f)][:_MOST_ASKED]
        empty = self._empty_by_queries([field for field in odd if not self._is_refused(field)])
        guessed = [field for field in odd if self._is_refused(field)]
        if guessed and not self._is_empty_in_newest(guessed):
            guessed = []
        self._planner.empty |= {field.column for field in (*empty, *guessed)}
        more = f"{plan.path.label} takes {plan.path.refusal_credits} credits even if it refuses it"
        return [Vacancy(field, "queries refuse it", self._looked_at, more) for field in guessed]

    def _empty_by_queries(self, fields: Sequence[RecordField]) -> Sequence[RecordField]:
        """Return the fields of which queries say that no record has a value in them."""
        asked = fields
        while asked:
            count = self._count_filled(asked)
            rest = [field for field in asked if not self._is_refused(field)]
            if count is not None:
                return [f for f in asked if count == 0 or self._count_filled([f]) == 0]
            if len(rest) == len(asked):
                break
            asked = rest
        return []

    def _count_filled(self, fields: Sequence[RecordField]) -> int | None:
        """Return how many records have a value in one of the fields; None if no query says."""
        names = [field.request_name for field in fields]
        for name, path in self._planner.paths.items():
            if path.queries is None or name not in self._planner.usable:
                continue
            if all(map(path.delivers, fields)) and self._planner.refusals.fields_on(
                name
            ).isdisjoint(names):
                try:
                    return path.queries(self._source).count_filled(self._window, names)
                except PathRefusedError as refused:
                    if refused.fields:
                        self._planner.refusals.note(name, refused.fields, refused.error)
        return None

    def _is_refused(self, field: RecordField) -> bool:
        """Whether queries, which deliver fields of its type, have refused it."""
        return any(
            path.queries is not None
            and field.request_name in self._planner.refusals.fields_on(name)
            for name, path in self._planner.paths.items()
        )

    def _is_empty_in_sample(self, field: RecordField) -> bool:
        return all(value is None for value in self._sample.values(field.column))

    def _is_empty_in_newest(self, fields: Sequence[RecordField]) -> bool:
        """Whether no record of the sample, and none of those changed last, has values in them."""
        source, keys = self._source, self._source.key_fields()
        # A file cannot say that a value is unknown.
        if (
            source.columnar
            or not self._sample
            or len(fields) + len(keys) > source.limits.list_fields
        ):
            return False
        by = MODIFIED_TIME if source.has_modified_time else ID
        newest = GetRecordsRequest(source, (*keys, *fields), sort_by=by, descending=True)
        try:
            rows = newest.page().rows
        except ApiError:
            return False
        self._looked_at = len(self._sample) + len(rows)
        return all(row.get(f.request_name) in _NOTHING for row in rows for f in fields)


def _is_odd(field: RecordField) -> bool:
    """Whether it is a field that Zoho may list and keep nothing in."""
    is_stored = field.type in _PLAIN and field.data_type not in _COMPUTED
    return is_stored and field.is_closed and field.api_name != ID
