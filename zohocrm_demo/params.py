"""Query parameters: which ones a call takes and which values they have.

Source: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from zohocrm_demo.errors import (
    invalid_param,
    invalid_request,
    required_param_missing,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

Check: TypeAlias = Callable[[str, str], None]


def anything(name: str, value: str) -> None:
    """Take any value; the handler looks at it."""
    del name, value


def one_of(*supported: str) -> Check:
    """Take one value out of a closed set; 400 INVALID_DATA otherwise."""

    def check(name: str, value: str) -> None:
        if value not in supported:
            raise invalid_param(name, supported)

    return check


def list_of(*supported: str) -> Check:
    """Take a comma list out of a closed set; `details.index` points at the first wrong item."""

    def check(name: str, value: str) -> None:
        for index, item in enumerate(value.split(",")):
            if item not in supported:
                raise invalid_param(name, supported, index)

    return check


@dataclass(frozen=True, slots=True)
class Param:
    """One query parameter that a call takes."""

    name: str
    check: Check = anything
    required: bool = False


def read_params(pairs: Iterable[tuple[str, str]], known: Iterable[Param]) -> dict[str, str]:
    """Judge the query parameters of a call.

    Raises:
        ZohoError: 400 INVALID_REQUEST, REQUIRED_PARAM_MISSING or what a check finds.
    """
    by_name = {param.name: param for param in known}
    values: dict[str, str] = {}
    for name, value in pairs:
        # What Zoho does with unknown and repeated parameters is documented nowhere, and clients
        # that relied on "updated_since" got everything, unfiltered. A demo that refuses them shows
        # a misspelt parameter at once. INVALID_REQUEST is the code with the sentence that fits.
        if name not in by_name or name in values:
            raise invalid_request()
        values[name] = value
    for param in by_name.values():
        if param.required and param.name not in values:
            raise required_param_missing(param.name)
    for name, value in values.items():
        by_name[name].check(name, value)
    return values
