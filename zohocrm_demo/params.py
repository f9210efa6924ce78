"""Query parameters: which ones a call takes, which values they have, which modules they name.

Source: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html, and each call's page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.organisation import Organisation
from zohocrm_demo.organisation.records.times import is_date
from zohocrm_demo.organisation.references import Row, has_tab

# Takes a parameter's name and value, and raises what is wrong with them.
Check: TypeAlias = Callable[[str, str], None]

MOST_IDS = 200
_DIGITS = 9
_MODES = ("all", "business_card", "quick_create")
_DELETIONS = ("all", "recycle", "permanent")
_FIELD_DETAILS = ("field_label", "enable_colour_code", "data_type")
_FIELD_DETAILS_ELSEWHERE = ("pick_list_values.colour_code", "display_value")


@dataclass(frozen=True, slots=True)
class Param:
    """One query parameter that a call takes."""

    name: str
    check: Check
    required: bool = False


def read_params(
    pairs: Iterable[tuple[str, str]], known: Iterable[Param], *, lenient: bool
) -> dict[str, str]:
    """Judge the query parameters of a call; `lenient`: unknown and repeated ones are ignored."""
    by_name = {param.name: param for param in known}
    values: dict[str, str] = {}
    for name, value in pairs:
        # What Zoho does with unknown and repeated parameters is documented nowhere, and clients
        # that relied on "updated_since" got everything, unfiltered. A demo that refuses them shows
        # a misspelt parameter at once. INVALID_REQUEST is the code with the sentence that fits.
        if name in by_name and name not in values:
            values[name] = value
        elif not lenient:
            raise ZohoError("INVALID_REQUEST")
    for param in by_name.values():
        if param.required and param.name not in values:
            raise ZohoError("REQUIRED_PARAM_MISSING", param_name=param.name)
    for name, value in values.items():
        by_name[name].check(name, value)
    return values


def is_number(text: str) -> bool:
    """Whether a text is digits and nothing else."""
    return text.isascii() and text.isdecimal()


def anything(name: str, value: str) -> None:
    """Take any value; the handler looks at it."""
    del name, value


def one_of(*supported: str) -> Check:
    """Take one value out of a closed set."""
    return lambda name, value: _supported(name, value, supported, 0)


def list_of(*supported: str) -> Check:
    """Take a comma list out of a closed set; `details.index` points at the first wrong item."""

    def check(name: str, value: str) -> None:
        for index, item in enumerate(value.split(",")):
            _supported(name, item, supported, index)

    return check


def natural(most: int | None = None) -> Check:
    """Take a whole number from 1 to `most`."""

    def check(name: str, value: str) -> None:
        if not (is_number(value) and len(value) <= _DIGITS and int(value)):
            raise ZohoError("INVALID_DATA", param_name=name, expected_data_type="integer")
        if most is not None and int(value) > most:
            raise ZohoError("LIMIT_EXCEEDED", limit=most, param_name=name)

    return check


def _supported(name: str, value: str, supported: tuple[str, ...], index: int) -> None:
    if value not in supported:
        listed = list(supported)
        raise ZohoError("INVALID_DATA", index=index, supported_values=listed, param_name=name)


def _ids(most: int) -> Check:
    def check(name: str, value: str) -> None:
        for index, item in enumerate(value.split(",")):
            if not is_number(item):
                raise ZohoError("INVALID_DATA", param_name=name, index=index)
        _short(name, value, most)

    return check


def _short(name: str, value: str, most: int) -> None:
    if value.count(",") >= most:
        raise ZohoError("LIMIT_EXCEEDED", limit=most, param_name=name)


def _holds(test: Callable[[str], object], *refusal: Any, key: str, **details: Any) -> Check:
    def check(name: str, value: str) -> None:
        if not test(value):
            raise ZohoError(*refusal, **{key: name, **details})

    return check


def _feature(name: str, value: str) -> None:
    # Which module has which of Zoho's 800 internal features is published nowhere.
    if not value:
        raise ZohoError("INVALID_DATA")
    _refused(name, value)


def _mode(name: str, value: str) -> None:
    _supported(name, value, _MODES, 0)
    if value != _MODES[0]:
        raise ZohoError("NOT_SUPPORTED", "the demo only has the mode all", param_name=name)


def _field_details(name: str, value: str) -> None:
    for index, item in enumerate(value.split(",")):
        if item in _FIELD_DETAILS_ELSEWHERE:
            message = f"{item} is not supported by the demo"
            raise ZohoError("NOT_SUPPORTED", message, param_name=name)
        if item not in _FIELD_DETAILS:
            _supported(name, item, (*_FIELD_DETAILS, *_FIELD_DETAILS_ELSEWHERE), index)


def _day(name: str, value: str) -> None:
    if not is_date(value):
        message = "The value provided to the param is Invalid"
        raise ZohoError("INVALID_DATA", message, expected_data_type="date", param_name=name)


def _record_ids(name: str, value: str) -> None:
    CHECKS["some_text"](name, value)
    _short(name, value, MOST_IDS)


def _refused(name: str, value: str) -> None:
    # A documented parameter that the demo can't honour: never ignored silently.
    del value
    raise ZohoError("NOT_SUPPORTED", "the parameter is not supported by the demo", param_name=name)


# The checks that the table of calls names.
CHECKS: Mapping[str, Check] = {
    "natural": natural(),
    "ids": _ids(100),
    "record_ids": _record_ids,
    "some_text": _holds(bool, "REQUIRED_PARAM_MISSING", key="param_name"),
    "day": _day,
    "year": _holds(re.compile(r"20\d\d|2100").fullmatch, "PATTERN_NOT_MATCHED", key="api_name"),
    "shift_id": _holds(re.compile(r"\d{1,30}").fullmatch, "PATTERN_NOT_MATCHED", key="api_name"),
    "feature": _feature,
    "mode": _mode,
    "field_details": _field_details,
    "deletion_type": _holds(
        _DELETIONS.__contains__,
        "PATTERN_NOT_MATCHED",
        "the type given is not supported",
        key="param_name",
        supported_values=list(_DELETIONS),
    ),
    "refused": _refused,
}


_WITHOUT_API = ("INVALID_MODULE", "the given module is not supported in api")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModulePolicy:
    """Which modules a call serves, and what it answers to the others."""

    unknown: tuple[str, str] | None = None  # of unknown names, if not the usual
    kinds: Sequence[str] = ()  # the only `generated_type`s served; all if empty
    except_kinds: Sequence[str] = ()  # `generated_type`s not served
    excepted: Sequence[str] = ()  # API names not served
    tab: bool = False  # whether only modules that users see in a tab are served
    refusal: tuple[str, str] = ("NOT_SUPPORTED", "")  # of modules that are not served

    def module(self, organisation: Organisation, name: str) -> Row:
        """The module of this API name; an id won't do."""
        module = organisation.module(name)
        if module is None or module["api_name"] != name:
            raise ZohoError(*self.unknown or ("INVALID_MODULE",), param_name="module")
        if not module["api_supported"]:
            raise ZohoError(*self.unknown or _WITHOUT_API, param_name="module")
        kind = module["generated_type"]
        if (
            (self.kinds and kind not in self.kinds)
            or kind in self.except_kinds
            or name in self.excepted
            or (self.tab and not has_tab(module))
        ):
            raise ZohoError(*self.refusal, param_name="module")
        return module
