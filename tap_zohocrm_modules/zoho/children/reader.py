"""Reads the children of records: some parents' first pages at once, what follows one by one."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from tap_zohocrm_modules.definitions.child_kind import Detail
from tap_zohocrm_modules.zoho.children.composite import COMPOSITE_SCOPE, MOST_PARTS, first_answers
from tap_zohocrm_modules.zoho.children.lists import ChildList
from tap_zohocrm_modules.zoho.children.patience import Patience
from tap_zohocrm_modules.zoho.records.reading import SPENT
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call, is_covered
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import (
    REPORT,
    SCOPE_MISSING,
    AbandonedError,
    ApiError,
    GivenUpError,
    OutOfCreditsError,
    RunEndError,
    TokenRefusedError,
    UnreadableAnswerError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.instants import parse

Body = Mapping[str, Any]
_NOT_FOUND_AT = "1"
_ENDED_EARLY = "has nothing, though the page before it announced more"
_TOKENS = {"page_token": "next_page_token", "index": "next_index"}


@dataclasses.dataclass(frozen=True, slots=True)
class Children:
    """What one record has, or why nobody knows."""

    parent_id: str
    rows: Sequence[dict[str, Any]] = ()  # as the kind adapts them, the newest first or as Zoho has
    keys: Collection[str] = ()  # of all that it has, of which there may be more than rows
    is_gone: bool = False  # the record is not there any more
    cut_off: OutOfCreditsError | None = None  # why there are rows, and not all
    failure: ZohoError | None = None  # the children of this record alone cannot be read


class _EndedEarlyError(UnreadableAnswerError):
    """A page that was announced has nothing: some rows have left, or the answer is a false one."""


class ChildReader:
    """Reads one list of children.

    Args:
        client: The organisation.
        children: The list.
        stream: The stream that the credits are counted for.
        settled: Returns the keys of a record's rows that need no call to make them whole.
    """

    def __init__(
        self,
        client: ZohoClient,
        children: ChildList,
        stream: str,
        settled: Callable[[str], Collection[str]] = lambda _: (),
    ) -> None:
        self._settled = settled
        self._client = client
        self._list = children
        self._stream = stream
        self._timed = True
        self._composite = True
        self._patience = Patience()

    @functools.cached_property
    def joins_calls(self) -> bool:
        """Whether the token lets several parents be asked about in one call."""
        granted = self._client.auth.token().scopes
        return not granted or all(is_covered(scope, granted) for scope in COMPOSITE_SCOPE.split())

    @property
    def width(self) -> int:
        """How many parents one credit reads, as long as each has one page."""
        return MOST_PARTS if self._composite and self.joins_calls else 1

    def read(self, parents: Sequence[str], since: datetime | None = None) -> list[Children]:
        """Return what each of some records has, `width` of them at the most.

        Args:
            parents: Ids of records.
            since: Rows that stay as they are, and are older than this instant, are not
                wanted; None for all.

        Returns:
            What each has, up to the first one whose rows are cut off.

        Raises:
            ZohoError: Zoho refuses the list, or an answer cannot be read.
        """
        answers = self._joined(parents)
        made: list[Children] = []
        for parent, answer in zip(parents, answers, strict=True):
            try:
                made.append(self._of(parent, answer, since))
            except OutOfCreditsError as error:
                if not made or self._list.kind.detail is None:
                    raise
                made.append(Children(parent, cut_off=error))
            if made[-1].cut_off is not None:
                break
        return made

    def _joined(self, parents: Sequence[str]) -> Sequence[Body | None]:
        if len(parents) > 1 and self._composite:
            try:
                return first_answers(self._client, self._list, parents, self._stream)
            except (GivenUpError, UnreadableAnswerError):
                # One record may fail for all that are asked about with it.
                pass
            except ApiError:
                # Each part answers for itself from now on.
                self._composite = False
        return [None] * len(parents)

    def _call(self, call: Call) -> Answer:
        return self._client.call(dataclasses.replace(call, most_tries=self._patience.most_tries))

    def _of(self, parent: str, first: Body | None, since: datetime | None) -> Children:
        try:
            rows = self._whole(parent, first, since)
            if self._list.kind.detail is not None:
                return self._detailed(parent, rows, self._list.kind.detail)
        except (RunEndError, AbandonedError, TokenRefusedError):
            raise
        except ApiError as error:
            refusal = error.refusal
            code = refusal.code.upper()
            if code == SCOPE_MISSING:
                # Scopes are those of the call, whatever the record.
                raise
            if code in self._list.kind.none:
                return Children(parent)
            not_found = refusal.status == HTTPStatus.NOT_FOUND
            is_gone = code == "INVALID_DATA" and (
                not_found or refusal.details.get("resource_path_index") == _NOT_FOUND_AT
            )
            return Children(parent, is_gone=True) if is_gone else Children(parent, failure=error)
        except ZohoError as error:
            if isinstance(error, GivenUpError):
                self._patience.gave_up()
            return Children(parent, failure=error)
        self._patience.answered()
        key = self._list.kind.keys[-1]
        return Children(parent, rows, keys=[str(row[key]) for row in rows])

    def _detailed(
        self, parent: str, listed: Sequence[Mapping[str, Any]], detail: Detail
    ) -> Children:
        settled, (parent_key, key) = self._settled(parent), self._list.kind.keys
        rows: list[dict[str, Any]] = []
        keys = [str(row[key]) for row in listed if str(row[key]) in settled]
        for row in listed:
            if str(row[key]) in settled:
                continue
            call = self._list.detail_call(parent, row, self._stream)
            found: Mapping[str, Any] = {}
            refused: str | None = None
            try:
                body = self._call(call).body or {}
                (found,) = self._rows_in(parent, body)
            except OutOfCreditsError as error:
                if not rows:
                    raise
                return Children(parent, rows, keys=[*keys, *settled], cut_off=error)
            except ValueError as error:
                raise self._unreadable(parent, f"has not one row for {row[key]}") from error
            except ApiError as error:
                refused = error.refusal.code.upper()
                if refused not in detail.refusals:
                    raise
            kept = {name: found.get(name) for name in detail.keeps}
            rows.append({parent_key: parent, key: row[key], **kept, detail.refusal: refused})
            keys.append(str(row[key]))
        return Children(parent, rows, keys=keys)

    def _whole(
        self, parent: str, first: Body | None, since: datetime | None
    ) -> list[dict[str, Any]]:
        try:
            return self._rows(parent, first, since)
        except _EndedEarlyError:
            pass
        except ApiError as error:
            if error.refusal.code.upper() not in SPENT:
                raise
        # What leads to a next page is good for a while, and for one list only.
        return self._rows(parent, None, since)

    def _rows(
        self, parent: str, first: Body | None, since: datetime | None
    ) -> list[dict[str, Any]]:
        kind = self._list.kind
        rows: dict[tuple[str, ...], dict[str, Any]] = {}
        body, token, tokens = first, None, set[str]()
        while True:
            if body is None:
                body = self._page(parent, token)
            if not body:
                if token is not None:
                    raise self._unreadable(parent, _ENDED_EARLY, _EndedEarlyError)
                return [*rows.values()]
            page = self._rows_in(parent, body)
            for row in page:
                adapted = self._list.adapt(row, parent)
                key = tuple(str(adapted.get(name) or "") for name in kind.keys)
                if not all(key):
                    raise self._unreadable(parent, f"has a row without {kind.keys[-1]}")
                if key not in rows or _is_later(adapted, rows[key], kind.latest):
                    rows[key] = adapted
            token = self._next(parent, body, page, token)
            if token is None or (since is not None and _are_older(page, kind.newest_first, since)):
                return [*rows.values()]
            if token in tokens:
                raise self._unreadable(parent, "leads to the same page again")
            tokens.add(token)
            body = None

    def _page(self, parent: str, token: str | None) -> Body | None:
        call = self._list.call(parent, token, self._stream, timed=self._timed)
        try:
            return self._call(call).body or {}
        except ApiError as error:
            # A module without that time: the rows do without.
            if not self._timed or error.refusal.details.get("param_name") != "fields":
                raise
            self._timed = False
            return self._page(parent, token)

    def _rows_in(self, parent: str, body: Body) -> list[dict[str, Any]]:
        rows = body.get(self._list.kind.rows)
        rows = [rows] if isinstance(rows, dict) else rows
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self._unreadable(parent, f"has no rows under {self._list.kind.rows!r}")
        return rows

    def _next(
        self, parent: str, body: Body, page: Sequence[object], token: str | None
    ) -> str | None:
        """Return what leads to the next page, None if this one is the last."""
        kind, info = self._list.kind, body.get("info")
        info = info if isinstance(info, dict) else {}
        more = info.get("more_records")
        if more is None and kind.paging and len(page) >= kind.per_page:
            raise self._unreadable(parent, "does not say whether there is more")
        if more is not True:
            return None
        if not page:
            raise self._unreadable(parent, "is an empty page that is said to be followed by more")
        if kind.paging == "page":
            return str(int(token or 1) + 1)
        following = info.get(_TOKENS.get(kind.paging, ""))
        if not isinstance(following, str) or not following:
            raise self._unreadable(parent, "has more, and does not say how to ask for it")
        return following

    def _unreadable(
        self,
        parent: str,
        what: str,
        error: type[UnreadableAnswerError] = UnreadableAnswerError,
    ) -> UnreadableAnswerError:
        return error(f"{self._list.entry} of {parent}: the answer {what}. {REPORT}")


def _is_later(row: Mapping[str, Any], other: Mapping[str, Any], column: str) -> bool:
    return not column or str(row.get(column) or "") >= str(other.get(column) or "")


def _are_older(page: Sequence[Mapping[str, Any]], column: str, since: datetime) -> bool:
    """Whether a page, the newest row first, ends with what an earlier run has read."""
    last = page[-1].get(column) if column and page else None
    try:
        return last is not None and parse(str(last)) < since
    except ValueError:
        return False
