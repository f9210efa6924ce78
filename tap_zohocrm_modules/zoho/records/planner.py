"""Which way of reading costs the fewest API credits.

https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Collection, Mapping, Sequence

from tap_zohocrm_modules.zoho.records.bulk import jobs as bulk_jobs
from tap_zohocrm_modules.zoho.records.coql import reader as coql
from tap_zohocrm_modules.zoho.records.model import (
    ID,
    MODIFIED_TIME,
    RecordField,
    RecordModule,
)
from tap_zohocrm_modules.zoho.records.path_names import BULK, COQL, REST
from tap_zohocrm_modules.zoho.records.rest import get_records as lists

# Seen to be refused in life; asking would cost a call each time.
_ONLY_LISTED = frozenset(
    {
        "Notes",
        "Attachments",
        "Emails",
        "CTI_Entry",
        "Email_Analytics",
        "Email_Template_Analytics",
        "Email_Sentiment",
        "Entity_Scores__s",
        "Functions__s",
        "Locking_Information__s",
    }
)
_ONLY_LISTED_KINDS = frozenset({"linking"})
# Their exports are seen to lack records.
_NEVER_IN_BULK = frozenset({"field_tracker", "picklisttracker"})
_QUERY_ROWS, _QUERY_CREDITS = 2_000, 3
# A job is made, asked after a few times and fetched; and then it is made sure that all is there.
_JOB_CREDITS = bulk_jobs.CREATION_CREDITS + 3
_RECONCILING_CREDITS = 5


@dataclasses.dataclass(frozen=True, slots=True)
class ReadPlan:
    """One way of reading a module.

    Attributes:
        path: How most fields are read.
        fields: The fields that it gives.
        lacking: The fields that have to be added by Get Records.
    """

    path: str
    fields: tuple[RecordField, ...]
    lacking: tuple[RecordField, ...]

    def credits(self, records: int) -> int:
        """Return about how many API credits it takes to read so many records."""
        calls = math.ceil(max(records, 1) / lists.MOST_IDS)
        more = _slices(len(self.lacking), lists.MOST_FIELDS) * calls if self.lacking else 0
        if self.path == COQL:
            return _query_credits(records) + more
        if self.path == BULK:
            jobs = math.ceil(max(records, 1) / bulk_jobs.MOST_ROWS)
            return jobs * _JOB_CREDITS + _RECONCILING_CREDITS + more
        pages = math.ceil(max(records, 1) / lists.PER_PAGE)
        slices = _slices(len(self.fields), lists.MOST_FIELDS)
        # Half of the rich texts are taken to be cut, and nulls may stand at the list's other end.
        texts = math.ceil(records / lists.MOST_IDS / 2) if any(f.rich for f in self.fields) else 0
        return slices * pages + texts + (pages > 1)


def never(module: RecordModule) -> set[str]:
    """Return the ways that are not even tried."""
    if module.api_name in _ONLY_LISTED or module.kind in _ONLY_LISTED_KINDS:
        return {COQL, BULK}
    return {BULK} if module.kind in _NEVER_IN_BULK else set()


def ways(
    fields: Sequence[RecordField],
    allowed: Collection[str],
    refused: Mapping[str, Collection[str]],
) -> list[ReadPlan]:
    """Return the ways to read these fields.

    Args:
        fields: What is wanted.
        allowed: The paths to be considered.
        refused: The fields that Zoho has refused on each path in this run.
    """
    return [
        _way(path, fields, refused.get(path, ())) for path in (REST, COQL, BULK) if path in allowed
    ]


def cheapest(
    options: Sequence[ReadPlan], records: int, begun: ReadPlan | None = None, given: int = 0
) -> ReadPlan:
    """Return the way that takes the fewest credits; of equal ones the simpler.

    Args:
        options: The ways.
        records: How many records there are.
        begun: The way in which the first of them have been read.
        given: How many those are: any other way reads them again.
    """

    def price(way: ReadPlan) -> tuple[int, int]:
        left = records - given if way is begun else records
        return way.credits(left), _SIMPLICITY.index(way.path)

    return min(options, key=price)


_SIMPLICITY = (COQL, REST, BULK)
_MOST_FIELDS = {COQL: coql.MOST_FIELDS, BULK: bulk_jobs.MOST_FIELDS}


def _way(path: str, fields: Sequence[RecordField], refused: Collection[str]) -> ReadPlan:
    keys = {ID, MODIFIED_TIME}
    given = [f for f in fields if path not in f.missing_on and f.api_name not in refused]
    # Keys first: what is too much is read by Get Records.
    given.sort(key=lambda field: field.api_name not in keys)
    given = given[: _MOST_FIELDS.get(path, len(given))]
    names = {field.api_name for field in given}
    return ReadPlan(
        path,
        tuple(field for field in fields if field.api_name in names),
        tuple(field for field in fields if field.api_name not in names),
    )


def _query_credits(records: int) -> int:
    full, rest = divmod(records, _QUERY_ROWS)
    last = 0 if rest == 0 else 1 if rest <= 200 else 2 if rest <= 1_000 else 3  # noqa: PLR2004
    return max(1, full * _QUERY_CREDITS + last)


def _slices(width: int, most: int) -> int:
    """Return how many calls give so many fields, each with id and Modified_Time."""
    return 1 if width <= most else math.ceil((width - 2) / (most - 2))
