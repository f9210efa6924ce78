"""The sizes in which records are read: Zoho's own, in one value that a test can make smaller.

https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """How much one call asks for, in records, fields, ids and credits."""

    page_rows: int = 200  # records in a page of a list, and deletions in a page of theirs
    deletions: int = 2_000  # deletions of a kind that Zoho lists
    list_fields: int = 50  # fields that one list can hold
    list_ids: int = 100  # ids in one call, so that its URL stays short
    # The LIMITs of queries, ascending, each with its price.
    query_credits: tuple[tuple[int, int], ...] = ((200, 1), (1_000, 2), (2_000, 3))
    query_fields: int = 500  # columns of one query
    job_rows: int = 200_000  # records in the result of a bulk job
    job_fields: int = 200  # columns of a bulk job
    job_credits: int = 50  # what creating a bulk job costs
    # Characters of one row of a bulk job's result, far above the longest texts.
    row_characters: int = 1 << 25
    job_page_rows: int = 2_000  # records in a page made of a bulk job's result
    # Records of a bulk job that are worth importing Arrow, where it is installed.
    arrow_rows: int = 10_000
    uncounted_changes: int = 2_000  # changes read before it pays to count the others, for a credit
    recheck_rows: int = 2_000  # records in a range that is read again rather than counted in halves
    sorted_ids: int = 50_000  # ids that are sorted at a time, which bounds the memory that it takes
    log_entries: int = 1_000_000  # entries of the audit log at which an export of it ends
    records_per_state: int = 2_000  # records between two STATE messages
    log_entries_per_state: int = 5_000  # entries of the audit log between two
    batch_rows: int = 2_000  # rows that make an Arrow batch worth making, where none comes as one

    def query_price(self, records: int) -> int:
        """Return the credits for a series of queries of so many records."""
        most, price = self.query_credits[-1]
        full, rest = divmod(max(records, 1), most)
        return full * price + (self.credits_of(self.query_limit(rest)) if rest else 0)

    def query_limit(self, expected: int) -> int:
        """Return the cheapest LIMIT for so many records, the greatest one if they are more."""
        fitting = (limit for limit, _ in self.query_credits if expected <= limit)
        return next(fitting, self.query_credits[-1][0])

    def credits_of(self, limit: int) -> int:
        """Return what a query with this LIMIT costs."""
        return next(price for most, price in self.query_credits if limit <= most)

    def slices(self, width: int) -> int:
        """Return how many lists hold so many fields, each with id and Modified_Time."""
        if width <= self.list_fields:
            return 1
        return -(-(width - 2) // (self.list_fields - 2))
