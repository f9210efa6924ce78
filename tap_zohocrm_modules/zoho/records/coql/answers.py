"""Queries' answers, and what becomes of one that lacks what the one before has announced.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.transport.calls import Answer
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

Ask: TypeAlias = "Callable[[], Rows]"


@dataclasses.dataclass(frozen=True, slots=True)
class Rows:
    """One answer, and whether the query has more rows than its LIMIT."""

    rows: Sequence[Mapping[str, Any]]
    more: bool


def rows_of(name: str, answer: Answer) -> Rows:
    """Return an answer's rows; no content means none.

    Raises:
        UnreadableAnswerError: it is no answer to a query.
    """
    if answer.status == HTTPStatus.NOT_MODIFIED:
        raise UnreadableAnswerError(
            f"{name}: HTTP 304 (not modified) to a query: a proxy in between seems to answer in"
            " Zoho's place."
        )
    if answer.body is None:
        return Rows((), more=False)
    rows, info = answer.body.get("data"), answer.body.get("info")
    more = info.get("more_records") if isinstance(info, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableAnswerError(f"{name}: a query's answer has no rows under 'data'.")
    if not isinstance(more, bool):
        raise UnreadableAnswerError(f"{name}: a query's answer does not say whether there is more.")
    if more and not rows:
        raise UnreadableAnswerError(f"{name}: an empty answer is said to be followed by more.")
    return Rows(rows, more)


class KeysetSequence:
    """Queries one after the other, each going on where the one before has ended."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._last: Ask | None = None
        self._met: frozenset[str] = frozenset()

    def next(self, ask: Ask) -> Rows:
        """Return the next query's answer.

        Nothing, where more was announced, is believed only if what was announced is gone.

        Raises:
            ZohoError: a query failed, or gave nothing though there is more.
        """
        found = ask()
        if not found.rows and self._last is not None:
            again = self._last()
            if not again.rows or again.more or not _ids(again) <= self._met:
                found = ask()
                if not found.rows:
                    raise UnreadableAnswerError(
                        f"{self._name}: a query gave nothing, though the one before announced"
                        " more: run again."
                    )
        self._last, self._met = ask, _ids(found)
        return found


def _ids(answer: Rows) -> frozenset[str]:
    return frozenset(str(row.get(ID)) for row in answer.rows)
