"""The faults that `--fault` and the control API know by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from zohocrm_demo.faults import Fault

_SLOW_SECONDS = 30.0
_DRIP_SECONDS = 0.5
_STATUS = re.compile(r"[45]\d\d")

KINDS: Mapping[str, tuple[str, Callable[[], Fault]]] = {
    "html": ("an HTML page with status 502", Fault.html),
    "half": ("half of the body, then the connection closes", Fault.half),
    "drip": (
        f"the body byte by byte, {_DRIP_SECONDS} s each",
        lambda: Fault.dripping(_DRIP_SECONDS),
    ),
    "flood": ("a body that never ends", Fault.flood),
    "slow": (f"the real answer, {_SLOW_SECONDS:.0f} s late", lambda: Fault.slow(_SLOW_SECONDS)),
    "empty": ("status 204 in place of the answer", Fault.empty),
    "reset": ("the connection is reset", Fault.reset),
    "nothing": ("the connection stays open, without an answer", Fault.stall),
}


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault and the calls that it spoils.

    Attributes:
        fault: What goes wrong.
        path: A path, or a pattern with `*` and `?`.
        nth: The first call of the path that it spoils, from 1.
        times: How many calls it spoils; None: all from then on.
    """

    fault: Fault
    path: str = "/crm/*"
    nth: int = 1
    times: int | None = 1


def fault_of(kind: str) -> Fault:
    """The fault of a name in `KINDS`, or of an HTTP status from 400 to 599.

    Raises:
        ValueError: There is no such fault.
    """
    if _STATUS.fullmatch(kind):
        return Fault(status=int(kind))
    if kind not in KINDS:
        raise ValueError(f"no fault {kind!r}: a status from 400 to 599, {', '.join(KINDS)}")
    return KINDS[kind][1]()


def parse_fault(text: str) -> PlannedFault:
    """Read `KIND[,path=PATTERN][,nth=N][,times=N|all]`.

    Raises:
        ValueError: It is no such text.
    """
    kind, *settings = text.split(",")
    found: dict[str, str] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or name not in {"path", "nth", "times"} or name in found:
            raise ValueError(f"{setting!r} in {text!r} is not path=, nth= or times=")
        found[name] = value
    times = found.get("times", "1")
    return PlannedFault(
        fault_of(kind),
        found.get("path", "/crm/*"),
        positive(found.get("nth", "1")),
        None if times == "all" else positive(times),
    )


def positive(text: str) -> int:
    """A whole number from 1.

    Raises:
        ValueError: The text is none.
    """
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise ValueError(f"{text!r} is no whole number from 1")
    return int(text)
