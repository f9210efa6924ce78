"""What the demo organisation answers, refusals included: status, headers and body.

Shapes: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.records.kinds import MARK

JSON_TYPE = "application/json;charset=utf-8"
HTML_TYPE = "text/html;charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; the body of 204 and 304 is empty, `content_type` None sends no header."""

    status: int
    body: bytes = b""
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


NO_CONTENT = Answer(204)
NOT_MODIFIED = Answer(304)


def json_answer(payload: Mapping[str, Any], status: int = 200) -> Answer:
    """Answer with compact JSON in UTF-8; a Decimal goes out with all the digits it has."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), default=_marked)
    text = text.replace(f'"{MARK}', "").replace(f'{MARK}"', "")
    try:
        body = text.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair is not UTF-8: JSON can only spell it.
        body = json.dumps(payload, separators=(",", ":")).encode()
    return Answer(status, body, JSON_TYPE)


def _marked(value: object) -> str:
    # The encoder takes no raw text, so a number goes through it as marked text.
    if isinstance(value, Decimal):
        return f"{MARK}{value:f}{MARK}"
    raise TypeError(f"{value!r} is not a JSON value")


def html_answer(status: int, text: str) -> Answer:
    """Answer with a page for people, as Zoho's gateways do when something is badly wrong."""
    page = f"<html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>"
    return Answer(status, page.encode(), HTML_TYPE)


class ZohoError(Exception):
    """A refusal: `row` is what its body says, `answer` what the client gets."""

    def __init__(
        self, code: str, message: str | None = None, status: int | None = None, /, **details: Any
    ) -> None:
        usual_status, usual_message = read_file("refusals.yaml")[code]
        self.row = error_row(code, message or usual_message, details)
        self.answer: Answer = json_answer(self.row, status or usual_status)
        super().__init__(f"{self.answer.status} {code}: {self.row['message']}")


def error_row(code: str, message: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """Zoho's error object."""
    return {"code": code, "details": dict(details), "message": message, "status": "error"}
