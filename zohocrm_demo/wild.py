"""The profile `wild`: what real Zoho was seen to do, and no document says.

It stands in front of the API host and rewrites some of its answers. Each thing was seen in life:
docs/explanation/evidence.md lists the facts. The profile `documents` does without.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from zohocrm_demo.answers import NO_CONTENT, Answer, ZohoError, json_answer
from zohocrm_demo.api import Api
from zohocrm_demo.calls import Request
from zohocrm_demo.organisation import Organisation
from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.references import Row

WILD: Mapping[str, Any] = read_file("wild.yaml")

_MODULE = re.compile(r"/crm/v\d(?:\.\d)?/(\w+)")
_JOB = re.compile(r"/crm/bulk/v\d(?:\.\d)?/read(?:/(\d+))?")
_FIELDS = re.compile(r"/crm/v\d(?:\.\d)?/settings/fields")
_COQL = re.compile(r"/crm/v\d(?:\.\d)?/coql")
_OWNERS = frozenset({"ownerlookup", "userlookup"})


@dataclass(slots=True)
class WildApi:
    """The API host as it was seen in life."""

    api: Api
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _queries: int = 0  # how many queries there were
    _ahead: dict[str, int] = field(default_factory=dict)  # jobs that come before one, by its id
    _open: set[str] = field(default_factory=set)  # jobs that nobody has seen completed

    def answer(self, request: Request, delay: float) -> Answer:
        """Answer a request to the API host, `delay` seconds later than otherwise."""
        real = self.api.answer(self._of_known_names(request), delay)
        if real.status >= 400:  # noqa: PLR2004 (HTTP)
            return real
        try:
            found = self._rewritten(request, real)
        except ZohoError as error:
            found = error.answer
        return replace(found, headers={**real.headers, **found.headers, **WILD["headers"]})

    def _rewritten(self, request: Request, real: Answer) -> Answer:
        params = dict(request.pairs)
        if _FIELDS.fullmatch(request.path):
            return _fields(params.get("module", ""), real)
        if _COQL.fullmatch(request.path):
            return self._queried(request, real)
        if job := _JOB.fullmatch(request.path):
            return self._job(request, job[1], real)
        if (module := _MODULE.fullmatch(request.path)) and request.method == "GET":
            _refuse(module[1])
            return _emptied(real, composites_of(self._organisation, module[1]))
        return real

    @property
    def _organisation(self) -> Organisation:
        return self.api.organisation

    def _of_known_names(self, request: Request) -> Request:
        """The request without names in `fields` that are none: they are left out, not refused."""
        module = _MODULE.fullmatch(request.path)
        params = dict(request.pairs)
        if module is None or "fields" not in params or request.method != "GET":
            return request
        known = {row["api_name"] for row in self._organisation.fields.get(module[1], ())}
        asked = params["fields"].split(",")
        kept = [name for name in asked if name in known | {"id"} or name.startswith("$")]
        if not known or kept == asked:
            return request
        return replace(request, query=urlencode({**params, "fields": ",".join(kept or ["id"])}))

    def _queried(self, request: Request, real: Answer) -> Answer:
        """Fail now and then with nothing wrong, and send owners without their whole names."""
        query = json.loads(request.body)["select_query"]
        found = re.search(r"\bfrom\s+(\w+)", query)
        module = found[1] if found else ""
        _refuse(module)
        with self._lock:
            self._queries += 1
            is_odd = self._queries % WILD["queries_that_fail_one_in"] == 1
        if is_odd:
            raise ZohoError("SYNTAX_ERROR", near="where")
        fields = self._organisation.fields.get(module, ())
        owners = {row["api_name"] for row in fields if row["data_type"] in _OWNERS}
        body = _body(real)
        for row in body.get("data", ()):
            for name in owners & row.keys():
                if isinstance(row[name], dict):
                    row[name]["name"] = self._last_name(row[name]["id"])
        return json_answer(body, real.status) if owners and body else real

    def _last_name(self, user: str) -> str | None:
        """What queries send as an owner's name: the last one, of some owners none."""
        if not int(user) % WILD["owners_without_name_one_in"]:
            return None
        users: list[Row] = self._organisation.content_by_name["users"]
        return next((row["last_name"] for row in users if row["id"] == user), None)

    def _job(self, request: Request, job: str | None, real: Answer) -> Answer:
        """Refuse composite fields, and let one job wait for the others before it."""
        if job is None:
            query = json.loads(request.body)["query"]
            composed = composites_of(self._organisation, query.get("module", {}).get("api_name"))
            for name in query.get("fields", ()):
                if name in composed:
                    raise ZohoError("FIELD_NOT_SUPPORTED", api_name=name)
            made = _body(real)["data"][0]["details"]["id"]
            with self._lock:
                self._ahead[made] = len(self._open)
                self._open.add(made)
            return real
        body = _body(real)
        with self._lock:
            if self._ahead.get(job, 0):
                self._ahead[job] -= 1
                row = {**body["data"][0], "state": "QUEUED"}
                row.pop("result", None)
                return json_answer({"data": [row]})
            if body["data"][0]["state"] == "COMPLETED":
                self._open.discard(job)
        return real


def answering(api: Api, profile: str) -> Callable[[Request, float], Answer]:
    """What answers for the API host in a profile, `documents` or `wild`; ValueError: another."""
    profiles = {"documents": api.answer, "wild": WildApi(api).answer}
    if profile not in profiles:
        raise ValueError(f"no profile {profile!r}: {' or '.join(profiles)}")
    return profiles[profile]


def composites_of(organisation: Organisation, module: str | None) -> frozenset[str]:
    """The fields that newer organisations list as read-only texts, always empty."""
    rows = organisation.fields.get(module or "", ())
    return frozenset(row["api_name"] for row in rows if _is_composite(row))


def _is_composite(row: Row) -> bool:
    is_place = row["data_type"] == "address" or row["api_name"].endswith("Coordinates")
    return is_place and row["virtual_field"] is True


def _refuse(module: str) -> None:
    """Refuse a module that is listed as supported; ZohoError: it is one."""
    if module in WILD["refusing_modules"]:
        code, status = WILD["refusing_modules"][module]
        raise ZohoError(code, None, status)


def _fields(module: str, real: Answer) -> Answer:
    if module in WILD["modules_without_fields"]:
        return NO_CONTENT
    if module in WILD["modules_whose_fields_are_refused"]:
        raise ZohoError("NO_PERMISSION", None, 400)
    body = _body(real)
    for row in body.get("fields", ()):
        if _is_composite(row):
            size = WILD["composite_length"]["address" if row["data_type"] == "address" else "place"]
            row.update({**WILD["composite"], "length": size})
    return json_answer(body, real.status) if body else real


def _emptied(real: Answer, composed: frozenset[str]) -> Answer:
    body = _body(real)
    if not composed or not body:
        return real
    for row in body.get("data", ()):
        row.update(dict.fromkeys(composed & row.keys(), ""))
    return json_answer(body, real.status)


def _body(answer: Answer) -> dict[str, Any]:
    is_json = answer.body[:1] == b"{"
    body: dict[str, Any] = json.loads(answer.body, parse_float=Decimal) if is_json else {}
    return body
