"""What the demo organisation answers: status, headers and body, before they become bytes.

Shapes: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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
    """Answer with a JSON document in UTF-8, compact and with its keys in the given order."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    try:
        body = text.encode()
    except UnicodeEncodeError:
        # Half a surrogate pair is no UTF-8: JSON can only spell it.
        body = json.dumps(payload, separators=(",", ":")).encode()
    return Answer(status, body, JSON_TYPE)


def html_answer(status: int, text: str) -> Answer:
    """Answer with a page for people, as Zoho's gateways do when something is badly wrong."""
    page = f"<html><head><title>{text}</title></head><body><h1>{text}</h1></body></html>"
    return Answer(status, page.encode(), HTML_TYPE)
