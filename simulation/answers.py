"""Answers that are false, and lists that end at their cap without an error."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any
from urllib.parse import parse_qs, unquote

from simulation.organisation import UNCOUNTED
from simulation.visibility import kind_of
from zohocrm_demo.answers import NO_CONTENT, Answer, ZohoError, json_answer
from zohocrm_demo.calls import Request

RICH_TEXT = "Story"
"""The rich text of the custom module, in seeds that have one."""

_UNITS = 500

FALSE_KINDS = {
    "false-204": "204",
    "false-end": "end",
    "short-exports": "export",
    "short-lists": "short",
    "absent-records": "absent",
    "lasting-absences": "lasting",
    "empty-spells": "spell",
}
"""By draw, the kind of false answer that it makes."""


@dataclasses.dataclass(eq=False)
class FalseAnswers:
    """Alters what arrives of the organisation's answers.

    Attributes:
        cap: How many deletions are listed; None to end such a list by an error.
        cuts_units: Whether lists cut rich texts by UTF-16 units, as `RICH_TEXT` says.
        refuses: The column that queries refuse, or `*` where there is no scope for queries.
        told: How many answers have been false in this run.
        denied: How many of them denied changes, so that nobody could know of these.
        exports: How many files of exports arrived in this run.
    """

    log: Callable[[str], None]
    cap: int | None = None
    cuts_units: bool = False
    refuses: str = ""
    told: int = 0
    denied: int = 0
    exports: int = 0
    # How many of them hid what only a count shows: of modules that nobody counts, and of others.
    _hid_uncounted: int = 0
    _hid: int = 0
    _is_refused: bool = False  # a query of this run was refused, and so nothing was counted
    _kind: str = ""
    _skips: int = 0
    _length: int = 1
    _absent: str = ""
    _of_users: bool = False
    _lacking: dict[str, int] = dataclasses.field(default_factory=dict)

    def arm(self, kind: str, random: Random, *, of_users: bool = False) -> None:
        """Let one of the next answers be false; of users only, or of records only."""
        self._kind, self._skips, self._of_users = kind, random.choice([0, 0, 1, 2, 4]), of_users
        self._length = random.choice([2, 3, 5]) if kind == "spell" else 1

    def disarm(self) -> None:
        """Let all answers be true from now on."""
        self._kind, self._absent, self._is_refused = "", "", False
        self.told = self.denied = self.exports = self._hid_uncounted = self._hid = 0

    @property
    def is_uncounted(self) -> bool:
        """Whether an answer of this run hid what only a count shows, and nothing was counted."""
        # A role or a fault may take away the right to queries in the midst of a run.
        is_refused = self._is_refused or self.refuses == "*"
        return self._hid_uncounted > 0 or (is_refused and self._hid > 0)

    def alter(self, request: Request, answer: Answer) -> Answer:
        """Return the answer as it arrives."""
        if self.refuses and request.path.endswith("/coql"):
            if self.refuses == "*":
                return _NO_SCOPE.answer
            if self.refuses.encode() in request.body:
                return _no_column(self.refuses).answer
        if answer.status != 200 or not answer.body:
            is_lasting = answer.status in {401, 403} and b"INVALID_TOKEN" not in answer.body
            self._is_refused |= is_lasting and request.path.endswith("/coql")
            return answer
        kind = kind_of(request)
        if kind == "deleted" and self.cap is not None:
            answer = self._capped(request, answer)
        if kind == "export":
            return self._exported(request, answer)
        if self.cuts_units and kind in {"list", "single"} and request.path.count("/") == 3:
            answer = _with(answer, _cut(_content(answer)))
        return self._spoilt(request, answer) if self._is_due(request, kind) else answer

    def _is_due(self, request: Request, kind: str | None) -> bool:
        """Whether an answer to a call of a kind may be the false one."""
        if self._absent or self._kind in _BY_IDS:
            return kind == "single" and "ids=" in request.query
        if self._kind == "spell":
            return kind == "single" or (kind in {"list", "query"} and _asks_for_ids(request))
        is_of_all = request.path.endswith("/users") if self._of_users else kind in {"list", "query"}
        return self._kind in {"204", "end", "short"} and is_of_all

    def _spoilt(self, request: Request, answer: Answer) -> Answer:
        content = _content(answer)
        rows, info = content.get("data") or [], content.get("info") or {}
        if self._absent:
            return _of_rows(answer, content, [one for one in rows if one["id"] != self._absent])
        if self._skips_to(rows, info):
            return answer
        self._tell(request, rows)
        self._length -= 1
        kind, self._kind = self._kind, self._kind if self._length else ""
        if kind in {"204", "spell"}:
            return NO_CONTENT
        if kind in _BY_IDS:
            self._absent = rows[-1]["id"] if kind == "lasting" else ""
            return _of_rows(answer, content, rows[:-1])
        info |= {"more_records": False, "next_page_token": None, "page_token_expiry": None}
        if kind == "short":
            content |= {"data": rows[: len(rows) // 2]}
            info |= {"count": len(content["data"])}
        return _with(answer, {**content, "info": info})

    def _skips_to(self, rows: Sequence[Any], info: Mapping[str, Any]) -> bool:
        """Whether an answer cannot be the false one, or a later one is it."""
        is_last = self._kind == "end" and not info.get("more_records")
        if is_last or (self._kind == "short" and len(rows) <= 1):
            return True
        self._skips -= 1
        return self._skips >= 0

    def _capped(self, request: Request, answer: Answer) -> Answer:
        params = parse_qs(request.query)
        page, size = int(params["page"][0]), int(params["per_page"][0])
        if self.cap is None or (page + 1) * size <= self.cap:
            return answer
        content = _content(answer)
        content["info"] = {**content["info"], "more_records": False}
        return _with(answer, content)

    def _exported(self, request: Request, answer: Answer) -> Answer:
        if answer.content_type == "application/zip":
            self.exports += 1
            job = request.path.split("/")[-2]
            lacking = self._lacking.get(job, 0)
            body = _without_last(answer.body, lacking) if lacking else answer.body
            return dataclasses.replace(answer, body=body)
        content = _content(answer)
        for row in content.get("data") or ():
            result, job = row.get("result"), str(row.get("id"))
            if result and self._kind == "export" and job not in self._lacking:
                self._tell(request)
                self._kind, self._lacking[job] = "", min(int(result["count"]), 1 + self._skips)
            if result and job in self._lacking:
                result["count"] -= self._lacking[job]
        return _with(answer, content)

    def _tell(self, request: Request, rows: Sequence[Mapping[str, Any]] = ()) -> None:
        self.told += 1
        # What an export lacks is asked for by queries, if they are not refused.
        is_found = self._kind == "export" and self.refuses != "*"
        self.denied += self._kind not in _BY_IDS and not is_found
        # The end of a list does not show what its beginning lacks, as those without a time may be;
        # of a list from its end on they are the last, and what ended too early lacks them.
        is_from_end = "sort_order=desc" in request.query
        hides = self._kind == "short" and not all(row.get("Modified_Time") for row in rows)
        hides = hides or self._kind == "spell" or (is_from_end and self._kind in _ENDS)
        self._hid += hides
        self._hid_uncounted += hides and request.path.split("/")[-1] in UNCOUNTED
        self.log(f"false {self._kind} at {request.path} {request.body[:200]!r}")


_IDS_ALONE = re.compile(r"(fields=|select )id(, ?Modified_Time)?(&|$| from )")
_ENDS = frozenset({"204", "end", "short"})
_BY_IDS = frozenset({"absent", "lasting"})
_NO_SCOPE = ZohoError("OAUTH_SCOPE_MISMATCH")


def _asks_for_ids(request: Request) -> bool:
    """Whether a call asks which records there are, and not for their values."""
    asked = unquote(request.query) if request.method == "GET" else request.body.decode()
    return _IDS_ALONE.search(asked) is not None


def _no_column(name: str) -> ZohoError:
    return ZohoError("INVALID_QUERY", "column is not supported", column_name=name)


def _content(answer: Answer) -> Any:
    return json.loads(answer.body, parse_float=Decimal)


def _with(answer: Answer, content: Any) -> Answer:
    return dataclasses.replace(answer, body=json_answer(content).body)


def _of_rows(answer: Answer, content: Any, rows: Sequence[Any]) -> Answer:
    """Return an answer with these rows alone."""
    return _with(answer, {**content, "data": rows}) if rows else NO_CONTENT


def _cut(content: Any) -> Any:
    """Return a list whose rich texts have so many UTF-16 units; half a character is a `?`."""
    for row in content["data"]:
        # A field of another type may have been made under its name.
        text = row.get(RICH_TEXT)
        units = (text if isinstance(text, str) else "").encode("utf-16-le")
        if len(units) > 2 * _UNITS:
            row[RICH_TEXT] = units[: 2 * _UNITS].decode("utf-16-le", "replace").replace("�", "?")
    return content


def _without_last(body: bytes, count: int) -> bytes:
    """Return a zip whose CSV lacks its last rows."""
    with zipfile.ZipFile(io.BytesIO(body)) as box:
        [name] = box.namelist()
        text = box.read(name).decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    lines = io.StringIO(newline="")
    csv.writer(lines).writerows(rows[: max(1, len(rows) - count)])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(name, lines.getvalue())
    return packed.getvalue()
