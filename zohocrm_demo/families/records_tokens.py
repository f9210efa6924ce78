"""Page tokens: opaque to the client, bound to its user and to the exact call.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from zohocrm_demo.errors import ZohoError
from zohocrm_demo.organisation.records.times import seconds

if TYPE_CHECKING:
    from datetime import datetime

    from zohocrm_demo.organisation.records.table import SortKey

LIFETIME = 24 * 3_600
_FORM = re.compile(r"([0-9a-f]{32})((?:\.-?[0-9a-f]+){4})")


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: after this record, after so many records.

    Attributes:
        after: The key and id of the last record before the page.
        served: How many records come before the page.
    """

    after: SortKey
    served: int


def page_token(position: Position, call: str, now: datetime) -> tuple[str, int]:
    """A token for the page at a position, and when it expires in seconds since 1970.

    Args:
        position: Where the page begins.
        call: Everything that the token is bound to.
        now: The server's time.
    """
    expiry = seconds(now) + LIFETIME
    payload = "".join(f".{number:x}" for number in (*position.after, position.served, expiry))
    return f"{_signature(payload, call)}{payload}", expiry


def read_page_token(token: str, call: str, now: datetime) -> Position:
    """The position that a token stands for.

    Raises:
        ZohoError: 400 TOKEN_BOUND_DATA_MISMATCH or EXPIRED_VALUE.
    """
    match = _FORM.fullmatch(token)
    if match is None or match[1] != _signature(match[2], call):
        raise ZohoError(
            400,
            "TOKEN_BOUND_DATA_MISMATCH",
            "The page_token given seems to be invalid or input param is added or altered or "
            "deleted",
            {"param_name": "page_token"},
        )
    key, record_id, served, expiry = (int(part, 16) for part in match[2][1:].split("."))
    if seconds(now) >= expiry:
        raise ZohoError(400, "EXPIRED_VALUE", "Page token expired", {"param_name": "page_token"})
    return Position((key, record_id), served)


def _signature(payload: str, call: str) -> str:
    return sha256(f"{call}\n{payload}".encode()).hexdigest()[:32]
