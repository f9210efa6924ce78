"""Faults on demand: what goes wrong, where and how often."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from zohocrm_demo.answers import HTML_TYPE, Answer, error_row, html_answer, json_answer
from zohocrm_demo.organisation.data_files import read_file

_SLOW = 30.0
_DRIP = 0.5
_USUAL_CODES = {
    401: "INVALID_TOKEN",
    403: "NO_PERMISSION",
    404: "INVALID_URL_PATTERN",
    415: "MEDIA_TYPE_NOT_SUPPORTED",
    429: "TOO_MANY_REQUESTS",
}
_STATUS = re.compile(r"[45]\d\d")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with one call."""

    status: int | None = 500  # HTTP status; None lets the real answer through (late or cut)
    code: str | None = None  # None: INTERNAL_ERROR from 500 up, INVALID_REQUEST below
    message: str = "Internal Server Error"
    details: Mapping[str, Any] = field(default_factory=dict)
    body: bytes | str | None = None  # raw body in place of the JSON error
    content_type: str | None = HTML_TYPE  # content type of `body`
    headers: Mapping[str, str] = field(default_factory=dict)  # added, also to a real answer
    delay: float = 0  # seconds to wait before answering
    halves: bool = False  # announce the whole body, send half of it, close
    drip: float | None = None  # send the body byte by byte, with so many seconds after each
    floods: bool = False  # send blanks after the body, without end
    cut_body: int | None = None  # announce the whole body, send only so many bytes of it, close
    resets: bool = False  # reset the connection (RST) in place of any answer
    stalls: bool = False  # take the request and never answer; released when the organisation stops
    then: Callable[[], object] | None = None  # done when the real answer is made, before it is sent

    @classmethod
    def html(cls, status: int = 502, text: str = "Bad Gateway") -> Fault:
        """An HTML page, as gateways send."""
        page = html_answer(status, text)
        return cls(status=status, body=page.body, content_type=page.content_type)

    @classmethod
    def error(cls, status: int, code: str, message: str = "error", details: Any = None) -> Fault:
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
    def followed_by(cls, then: Callable[[], object]) -> Fault:
        """The real answer, and something that happens before the client has it."""
        return cls(status=None, then=then)

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

    def answer(self, real: Callable[[], Answer]) -> Answer:
        """The answer that this fault makes of the real one, or puts in its place."""
        if self.status is None:
            answer = real()
            if self.then is not None:
                self.then()
        elif self.body is None:
            usual = "INTERNAL_ERROR" if self.status >= 500 else "INVALID_REQUEST"  # noqa: PLR2004 (HTTP)
            row = error_row(self.code or usual, self.message, self.details)
            answer = json_answer(row, self.status)
        else:
            body = self.body.encode() if isinstance(self.body, str) else self.body
            answer = Answer(self.status, body, self.content_type)
        return replace(answer, headers={**answer.headers, **self.headers})

    def cut_at(self, answer: Answer) -> int | None:
        """After how many bytes of the answer's body the connection breaks; None for the whole."""
        return len(answer.body) // 2 if self.halves else self.cut_body


@dataclass(slots=True)
class _Rule:
    pattern: str
    fault: Fault
    first: int
    times: int | None
    seen: int = 0

    def applies(self, path: str) -> bool:
        if path != self.pattern and not any(
            fnmatchcase(path, one) for one in self.pattern.split("|")
        ):
            return False
        self.seen += 1
        past = self.times is not None and self.seen >= self.first + self.times
        return self.seen >= self.first and not past


class FaultPlan:
    """Every fault still to come; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[_Rule] = []

    def add(self, pattern: str, fault: Fault, nth: int = 1, times: int | None = 1) -> None:
        """Spoil the `nth` to `nth + times - 1`th call of `pattern` from now on, counted from 1.

        A path, or patterns of paths with bars between.
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


# The faults that `--fault` and the control API know by name, beside HTTP statuses.
KINDS: Mapping[str, tuple[str, Callable[[], Fault]]] = {
    "html": ("an HTML page with status 502", Fault.html),
    "half": ("half of the body, then the connection closes", Fault.half),
    "drip": (f"the body byte by byte, {_DRIP} s each", lambda: Fault.dripping(_DRIP)),
    "flood": ("a body that never ends", Fault.flood),
    "slow": (f"the real answer, {_SLOW:.0f} s late", lambda: Fault.slow(_SLOW)),
    "empty": ("status 204 in place of the answer", Fault.empty),
    "reset": ("the connection is reset", Fault.reset),
    "nothing": ("the connection stays open, without an answer", Fault.stall),
}


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault and the calls that it spoils: those of a path from the `nth`; `times` None: all."""

    fault: Fault
    path: str = "/crm/*"
    nth: int = 1
    times: int | None = 1


def fault_of(kind: str, code: str | None = None, message: str | None = None) -> Fault:
    """The fault of a name in `KINDS`, or of an HTTP status from 400 to 599; else ValueError.

    A status comes with the code that Zoho has for it unless another one is given.
    """
    if _STATUS.fullmatch(kind):
        status = int(kind)
        usual = "INTERNAL_ERROR" if status >= 500 else "INVALID_REQUEST"  # noqa: PLR2004 (HTTP)
        code = code or _USUAL_CODES.get(status, usual)
        _, text = read_file("refusals.yaml").get(code, (status, "error"))
        return Fault.error(status, code, message or text)
    if code is not None or message is not None:
        raise ValueError("only a status comes with a code and a message")
    if kind not in KINDS:
        raise ValueError(f"no fault {kind!r}: a status from 400 to 599, {', '.join(KINDS)}")
    return KINDS[kind][1]()


def parse_fault(text: str) -> PlannedFault:
    """Read `KIND[,path=PATTERN][,nth=N][,times=N|all]`; ValueError: it is no such text."""
    kind, *settings = text.split(",")
    found: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or name not in {"path", "nth", "times"} or name in found:
            raise ValueError(f"{setting!r} in {text!r} is not path=, nth= or times=")
        found[name] = value
    times = found.get("times", "1")
    number = None if times == "all" else positive(times)
    nth = positive(found.get("nth", "1"))
    return PlannedFault(fault_of(kind), found.get("path", "/crm/*"), nth, number)


def positive(text: str) -> int:
    """A whole number from 1; ValueError: the text is none."""
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise ValueError(f"{text!r} is not a whole number from 1")
    return int(text)
