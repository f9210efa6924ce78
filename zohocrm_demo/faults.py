"""Faults on demand: what goes wrong, where and how often."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from zohocrm_demo.answers import HTML_TYPE, Answer, html_answer, json_answer
from zohocrm_demo.errors import error_row

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with one call.

    Attributes:
        status: HTTP status; None lets the real answer through (late or cut).
        code: Zoho's error code; None takes INTERNAL_ERROR from 500 up and INVALID_REQUEST below.
        message: Zoho's error message.
        details: Zoho's error details.
        body: Raw body in place of the JSON error.
        content_type: Content type of `body`.
        headers: Headers to add, also to a real answer.
        delay: Seconds to wait before answering.
        halves: Announce the whole body, send half of it, close.
        drip: Send the body byte by byte, with so many seconds after each.
        floods: Send blanks after the body, without end.
        cut_body: Announce the whole body, send only so many bytes of it, close.
        resets: Reset the connection (RST) in place of any answer.
        stalls: Take the request and never answer; released when the organisation stops.
    """

    status: int | None = 500
    code: str | None = None
    message: str = "Internal Server Error"
    details: Mapping[str, Any] = field(default_factory=dict)
    body: bytes | str | None = None
    content_type: str | None = HTML_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0
    halves: bool = False
    drip: float | None = None
    floods: bool = False
    cut_body: int | None = None
    resets: bool = False
    stalls: bool = False

    @classmethod
    def html(cls, status: int = 502, text: str = "Bad Gateway") -> Fault:
        """An HTML page, as gateways send."""
        page = html_answer(status, text)
        return cls(status=status, body=page.body, content_type=page.content_type)

    @classmethod
    def error(
        cls,
        status: int,
        code: str,
        message: str = "error",
        details: Mapping[str, Any] | None = None,
    ) -> Fault:
        """Zoho's error object."""
        return cls(status=status, code=code, message=message, details=details or {})

    @classmethod
    def cut(cls, sent: int) -> Fault:
        """The real answer, cut after `sent` bytes of its body."""
        return cls(status=None, cut_body=sent)

    @classmethod
    def half(cls) -> Fault:
        """The real answer, cut in the middle of its body."""
        return cls(status=None, halves=True)

    @classmethod
    def dripping(cls, seconds: float) -> Fault:
        """The real answer, one byte each `seconds`."""
        return cls(status=None, drip=seconds)

    @classmethod
    def flood(cls) -> Fault:
        """The real answer, and blanks behind it until the client hangs up."""
        return cls(status=None, floods=True)

    @classmethod
    def slow(cls, seconds: float) -> Fault:
        """The real answer, `seconds` late."""
        return cls(status=None, delay=seconds)

    @classmethod
    def reset(cls) -> Fault:
        """A connection reset (RST) before any answer."""
        return cls(resets=True)

    @classmethod
    def stall(cls) -> Fault:
        """No answer at all."""
        return cls(stalls=True)

    @classmethod
    def empty(cls, status: int = 204) -> Fault:
        """An empty body without content type."""
        return cls(status=status, body=b"", content_type=None)

    def disguise(self, real: Answer) -> Answer:
        """The real answer with this fault's headers."""
        return Answer(real.status, real.body, real.content_type, {**real.headers, **self.headers})

    def answer(self) -> Answer:
        """The answer that this fault puts in place of the real one."""
        status = 500 if self.status is None else self.status
        if self.body is None:
            code = self.code or ("INTERNAL_ERROR" if status >= 500 else "INVALID_REQUEST")  # noqa: PLR2004 (HTTP)
            return self.disguise(json_answer(error_row(code, self.message, self.details), status))
        body = self.body.encode() if isinstance(self.body, str) else self.body
        return Answer(status, body, self.content_type, self.headers)


@dataclass(slots=True)
class _Rule:
    pattern: str
    fault: Fault
    first: int
    times: int | None
    seen: int = 0

    def applies(self, path: str) -> bool:
        if path != self.pattern and not fnmatchcase(path, self.pattern):
            return False
        self.seen += 1
        return self.seen >= self.first and (
            self.times is None or self.seen < self.first + self.times
        )


class FaultPlan:
    """Every fault still to come; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[_Rule] = []

    def add(self, pattern: str, fault: Fault, nth: int = 1, times: int | None = 1) -> None:
        """Let `fault` befall the `nth` to `nth + times - 1`th call of `pattern` from now on.

        Raises:
            ValueError: If `nth` is below 1 or `times` is below 1.
        """
        if nth < 1 or (times is not None and times < 1):
            raise ValueError("nth and times count from 1")
        with self._lock:
            self._rules.append(_Rule(pattern, fault, nth, times))

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._rules.clear()

    def next(self, path: str) -> Fault | None:
        """The fault for this call, if any; where several apply, the one added first."""
        path = unquote(path)
        with self._lock:
            # Every rule counts every call of its path, also those another rule spoils.
            hits = [rule.fault for rule in self._rules if rule.applies(path)]
        return hits[0] if hits else None
