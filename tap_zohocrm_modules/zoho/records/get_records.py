"""Get Records: a page of a module's records, some fields of them.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.records.model import ID, RecordField, request_names
from tap_zohocrm_modules.zoho.records.reading import SCOPE, Source
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.errors import ApiError, UnreadableAnswerError
from tap_zohocrm_modules.zoho.transport.instants import zoho_literal

Row: TypeAlias = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class RecordPage:
    """One answer: its rows as Zoho sends them, and the token of the next page."""

    rows: Sequence[dict[str, Any]]
    more: bool = False
    token: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class GetRecordsRequest:
    """What a list of records is asked for: a token is bound to all of it."""

    source: Source
    fields: tuple[RecordField, ...]  # at most 50
    sort_by: str = ID  # `id` or `Modified_Time`, ascending
    # If-Modified-Since: records changed then or later, none without `Modified_Time`.
    since: datetime | None = None
    descending: bool = False  # the other way round
    converted: bool = False  # converted leads only
    is_last_try: bool = False  # rows are taken as they come, whatever they lack

    def page(self, token: str | None = None) -> RecordPage:
        """Return the first page, or the one of a token."""
        params = [
            ("sort_by", self.sort_by),
            ("sort_order", "desc" if self.descending else "asc"),
            ("per_page", str(self.source.limits.page_rows)),
        ]
        if token is not None:
            params.append(("page_token", token))
        return self._call(params)

    def by_ids(self, ids: Sequence[str]) -> RecordPage:
        """Return the records with these ids, at most 100, that are there; raises as `page` does."""
        found = self._call([("ids", ",".join(ids)), ("per_page", str(self.source.limits.list_ids))])
        if found.more:
            raise UnreadableAnswerError(
                f"{self.source.module.api_name}: Get Records returned {len(found.rows)} of"
                f" {len(ids)} records asked for by id, and announced more: run again."
            )
        return found

    def _completed(self, found: RecordPage) -> RecordPage:
        """Return a page whose rows lack only what they lack when asked once more.

        Seen in life: a field that was asked for may be missing in all rows. That is not a null.
        """
        names = {n for n in request_names(self.fields) if not n.startswith("$")} - {ID}
        names -= self.source.absent
        if all(row.keys() >= names for row in found.rows):
            return found
        lacking = {name for row in found.rows for name in names - row.keys()}
        fields = tuple(f for f in self.fields if f.api_name == ID or f.request_name in lacking)
        again = dataclasses.replace(self, fields=fields, since=None, is_last_try=True)
        ids = [str(row[ID]) for row in found.rows if row.get(ID) is not None]
        size = self.source.limits.list_ids
        rows = {
            str(row.get(ID)): row
            for begin in range(0, len(ids), size)
            for row in again.by_ids(ids[begin : begin + size]).rows
        }
        whole = [{**rows.get(str(row.get(ID)), {}), **row} for row in found.rows]
        self.source.absent.update(name for row in whole for name in lacking - row.keys())
        return dataclasses.replace(found, rows=whole)

    def _call(self, params: list[tuple[str, str]]) -> RecordPage:
        source, since = self.source, self.since
        # What makes lists whole: by default they lack some kinds of records. `approved` is in
        # Zoho's OpenAPI file, but not on the page.
        kinds = {"converted": "true" if self.converted else "both"} if source.converts else {}
        kinds["approved"] = "both"
        while True:
            wanted = {kind: value for kind, value in kinds.items() if kind not in source.refused}
            call = Call(
                source.path,
                SCOPE,
                stream=source.stream,
                params=(("fields", ",".join(request_names(self.fields))), *wanted.items(), *params),
                headers=(("If-Modified-Since", zoho_literal(since)),) if since is not None else (),
                sub_concurrent=any(name == "sort_by" for name, _ in params),
            )
            try:
                found = listed(call, source.client.call(call), conditional=since is not None)
                return found if self.is_last_try else self._completed(found)
            except ApiError as error:
                param = error.refusal.details.get("param_name", "")
                if param not in wanted or param == "converted":
                    raise
                source.refused.add(param)


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
