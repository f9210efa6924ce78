"""How much and how long the tap takes from a server, far above what Zoho's own limits allow."""

from __future__ import annotations

import dataclasses

_MIB = 1 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class Bounds:
    """Sizes beyond which an answer is refused, so that the tap stays under 400 MB.

    Attributes:
        body: Bytes of a body, unpacked.
        small_body: Bytes up to which bodies are read side by side; larger ones take turns.
        error_body: Bytes that are read of the body of a refusal.
        download: Bytes of a downloaded file.
        values: Commas and opening brackets of a JSON body, each of which may cost an object.
        containers: Opening brackets alone, whose objects are the largest.
        digits: Digits of a JSON number, and the greatest exponent.
        depth: Levels of nesting in a JSON body.
    """

    body: int = 48 * _MIB
    small_body: int = 2 * _MIB
    error_body: int = _MIB
    download: int = 2048 * _MIB
    values: int = 1_500_000
    containers: int = 300_000
    digits: int = 1_000
    depth: int = 64


@dataclasses.dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds that things may take.

    Attributes:
        request: A connection, and each piece of an answer.
        total: One whole exchange, from its start to the last byte.
        session: Everything that one client does; None for no limit.
    """

    request: float = 300
    total: float = 900
    session: float | None = None


FIRST_ANSWER_GRACE = 15.0
"""Seconds beyond `request` after which the tap stops waiting for a host that has never answered."""

PROBE_TIMEOUT = 8.0
"""Seconds that a sign of life may take."""
