"""Get Records: one page of a module's records, some fields of them.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from tap_zohocrm_modules.zoho.records.model import ID, RecordField, request_names
from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.errors import ApiError, UnreadableAnswerError
from tap_zohocrm_modules.zoho.transport.instants import zoho_literal


@dataclasses.dataclass(frozen=True, slots=True)
class RecordPage:
    """One answer: its rows as Zoho sends them, and the token of the next page."""

    rows: Sequence[dict[str, Any]]
    more: bool = False
    token: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class GetRecordsRequest:
    """What a list of records is asked for: a token is bound to all of it."""

    source: Source  # the module
    fields: tuple[RecordField, ...]  # at most 50
    sort_by: str = ID  # `id` or `Modified_Time`, ascending
    # If-Modified-Since: records changed then or later, none without `Modified_Time`.
    since: datetime | None = None
    descending: bool = False  # the other way round
    converted: bool = False  # converted leads only

    def page(self, token: str | None = None) -> RecordPage:
        """Return the first page, or the one of a token.

        Raises:
            ZohoError: Zoho refuses, or answers with anything but rows.
        """
        params = [
            ("sort_by", self.sort_by),
            ("sort_order", "desc" if self.descending else "asc"),
            ("per_page", str(self.source.limits.page_rows)),
        ]
        if token is not None:
            params.append(("page_token", token))
        return self._call(params)

    def of(self, ids: Sequence[str]) -> RecordPage:
        """Return the records with these ids, at most 100, that are there.

        Raises:
            ZohoError: as `page` does, or Zoho holds some of them back.
        """
        found = self._call([("ids", ",".join(ids)), ("per_page", str(self.source.limits.list_ids))])
        if found.more:
            raise UnreadableAnswerError(
                f"{self.source.module.api_name}: Get Records returned {len(found.rows)} of"
                f" {len(ids)} records asked for by id, and announced more: run again."
            )
        return found

    def _call(self, params: list[tuple[str, str]]) -> RecordPage:
        refused = self.source.refused
        while True:
            kinds = [kind for kind in self._kinds() if kind[0] not in refused]
            try:
                return self._answer(kinds, params)
            except ApiError as error:
                param = error.refusal.details.get("param_name", "")
                if param not in {name for name, _ in kinds} or param == _CONVERTED[0]:
                    raise
                refused.add(param)

    def _kinds(self) -> list[tuple[str, str]]:
        """Return what makes lists whole: by default they lack some kinds of records."""
        # `approved` is in Zoho's OpenAPI file, but not on the page.
        return [_CONVERTED, _APPROVED] if self.source.converts else [_APPROVED]

    def _answer(self, kinds: list[tuple[str, str]], params: list[tuple[str, str]]) -> RecordPage:
        source, since = self.source, self.since
        names = ",".join(request_names(self.fields))
        if self.converted:
            kinds = [(name, "true" if name == _CONVERTED[0] else value) for name, value in kinds]
        call = source.call(
            f"/{quote(source.module.api_name, safe='')}",
            params=(("fields", names), *kinds, *params),
            headers=(("If-Modified-Since", zoho_literal(since)),) if since is not None else (),
            sub_concurrent=any(name == "sort_by" for name, _ in params),
        )
        return listed(call, source.client.call(call), conditional=since is not None)


_CONVERTED = ("converted", "both")
_APPROVED = ("approved", "both")


def listed(call: Call, answer: Answer, *, conditional: bool = False) -> RecordPage:
    """Return the rows of an answer that has them under `data`.

    Raises:
        UnreadableAnswerError: it has none, or says that nothing has changed though nobody asked.
    """
    if answer.body is None:
        if answer.status == HTTPStatus.NOT_MODIFIED and not conditional:
            raise UnreadableAnswerError(
                f"{call}: HTTP 304 (not modified), which was not asked for: a proxy in between"
                " seems to answer in Zoho's place."
            )
        return RecordPage(())
    rows, info = answer.body.get("data"), answer.body.get("info")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableAnswerError(
            f"{call}: the answer has no list of records under 'data'. If it stays so, Zoho's API"
            " has changed: please report it."
        )
    about = info if isinstance(info, dict) else {}
    more, token = about.get("more_records"), about.get("next_page_token")
    if not isinstance(more, bool):
        raise UnreadableAnswerError(f"{call}: the answer does not say whether there is more.")
    if more and not rows:
        raise UnreadableAnswerError(f"{call}: an empty page is said to be followed by more.")
    return RecordPage(rows, more, token if isinstance(token, str) else None)
