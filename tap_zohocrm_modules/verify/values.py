"""Whether a loaded value is the one that the tap emits, and what loaders are known to lose.

The table of what loaders make of each type is in docs/destinations.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

from tap_zohocrm_modules.verify.errors import IncomparableError
from tap_zohocrm_modules.verify.instants import instant_of


class Likeness(str, Enum):
    """How a loaded value compares with the emitted one; all but the first and last are losses."""

    EQUAL = ""
    ROUNDED = "numbers as doubles or with fewer digits"
    CUT = "fractions of a second"
    EMPTY = "nulls, empty texts and empty lists for each other"
    ESCAPED = "texts with escapes or without NUL characters"
    DIFFERENT = "different"


_EQUAL, _DIFFERENT = Likeness.EQUAL, Likeness.DIFFERENT
_FEWEST_DIGITS = 9  # behind the point, of the coarsest exact type of a warehouse (BigQuery's)
_BOOLEANS: Mapping[str, bool] = {"true": True, "t": True, "1": True, "false": False} | {
    "f": False,
    "0": False,
}


def likeness(emitted: Any, loaded: Any, schema: Mapping[str, Any]) -> Likeness:
    """Compare a loaded value, as a driver returns it, with the emitted one of a JSON Schema."""
    kinds = schema.get("type", ())
    kind = next(
        (one for one in ([kinds] if isinstance(kinds, str) else kinds) if one != "null"), ""
    )
    if kind in {"object", "array"} or schema.get("contentMediaType") == "application/json":
        return _json(_decoded(emitted) if kind == "string" else emitted, _decoded(loaded))
    if emitted is None or loaded is None:
        return _null(emitted, loaded)
    compare = _SCALARS.get(schema.get("format", kind), _text)
    try:
        return compare(emitted, loaded)
    except (IncomparableError, InvalidOperation, ValueError, OverflowError):
        return _DIFFERENT


def _null(emitted: Any, loaded: Any) -> Likeness:
    if emitted is None and loaded is None:
        return _EQUAL
    there = loaded if emitted is None else emitted
    # Not what is merely false: 0 is a value.
    return Likeness.EMPTY if isinstance(there, str) and not there else _DIFFERENT


def _text(emitted: Any, loaded: Any) -> Likeness:
    text = emitted if isinstance(emitted, str) else str(emitted)
    if isinstance(loaded, (datetime, date)):
        # A loader, or who made the table, took the texts for what they look like.
        return _EQUAL if instant_of(text) == instant_of(loaded) else _DIFFERENT
    if isinstance(loaded, bool):
        return _EQUAL if text.lower() == str(loaded).lower() else _DIFFERENT
    found = str(loaded)
    if isinstance(loaded, Decimal):
        found = format(loaded, "f")
    if found == text:
        return _EQUAL
    is_escaped = isinstance(loaded, str) and found in {text.replace("\0", ""), _escaped(text)}
    return Likeness.ESCAPED if is_escaped else _DIFFERENT


def _escaped(text: str) -> str:
    """Return a text as pipelinewise-target-postgres loads it: through JSON, read as CSV."""
    return json.dumps(text, ensure_ascii=False)[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def _instant(emitted: Any, loaded: Any) -> Likeness:
    wanted, found = instant_of(str(emitted)), instant_of(loaded)
    if wanted == found:
        return _EQUAL
    if wanted is None or found is None:
        return _DIFFERENT
    is_cut = wanted.replace(microsecond=0) == found
    milli = wanted.replace(microsecond=wanted.microsecond // 1000 * 1000)
    return Likeness.CUT if is_cut or milli == found else _DIFFERENT


def _date(emitted: Any, loaded: Any) -> Likeness:
    if isinstance(loaded, str) and loaded == emitted:
        return _EQUAL
    found = instant_of(loaded)
    return _EQUAL if found is not None and instant_of(str(emitted)) == found else _DIFFERENT


def _number(emitted: Any, loaded: Any) -> Likeness:
    wanted = Decimal(str(emitted))
    if isinstance(loaded, float):
        if loaded != float(wanted):
            return _DIFFERENT
        return _EQUAL if Decimal(repr(loaded)) == wanted else Likeness.ROUNDED
    found = Decimal(str(loaded))
    if found == wanted:
        return _EQUAL
    exponent = found.as_tuple().exponent
    if not isinstance(exponent, int) or exponent > -_FEWEST_DIGITS:
        # SQLite keeps a whole double as an integer; and a double may come as a text.
        is_double = not isinstance(loaded, Decimal) and float(found) == float(wanted)
        return Likeness.ROUNDED if is_double else _DIFFERENT
    unit = Decimal(1).scaleb(exponent)
    return Likeness.ROUNDED if abs(found - wanted) < unit else _DIFFERENT


def _boolean(emitted: Any, loaded: Any) -> Likeness:
    found = loaded if isinstance(loaded, bool) else _BOOLEANS.get(str(loaded).lower())
    return _EQUAL if found is emitted else _DIFFERENT


_SCALARS: Mapping[str, Callable[[Any, Any], Likeness]] = {
    "date-time": _instant,
    "date": _date,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
}
"""What compares scalars that are there, by format or type; texts are not among them."""


def _decoded(value: Any) -> Any:
    """Return what JSON text holds, and be it JSON text again; other values as they are."""
    for _ in range(2):
        if not isinstance(value, (str, bytes)):
            break
        try:
            value = json.loads(value, parse_float=Decimal)
        except ValueError:
            break
    return value


def _json(emitted: Any, loaded: Any) -> Likeness:
    """Compare values of JSON, whatever the order of members is."""
    if isinstance(emitted, Mapping) and isinstance(loaded, Mapping):
        # Records of a fixed shape have a null where JSON has nothing.
        names = {*emitted, *loaded}
        return _worst([_json(emitted.get(name), loaded.get(name)) for name in names])
    if isinstance(emitted, (list, tuple)) and isinstance(loaded, (list, tuple)):
        if len(emitted) != len(loaded):
            return _DIFFERENT
        return _worst([_item(*pair) for pair in zip(emitted, loaded, strict=True)])
    if emitted is None or loaded is None:
        both = [[] if value is None else value for value in (emitted, loaded)]
        if emitted is loaded:
            return _EQUAL
        return Likeness.EMPTY if both in ([[], []], [[], ""], ["", []]) else _DIFFERENT
    return _scalar_in_json(emitted, loaded)


def _item(emitted: Any, loaded: Any) -> Likeness:
    # Arrays of JSON are arrays of texts to some drivers.
    is_encoded = isinstance(emitted, (Mapping, list)) and isinstance(loaded, str)
    return _json(emitted, _decoded(loaded) if is_encoded else loaded)


def _scalar_in_json(emitted: Any, loaded: Any) -> Likeness:
    if isinstance(emitted, bool) or isinstance(loaded, bool):
        return _EQUAL if emitted is loaded else _DIFFERENT
    try:
        if isinstance(emitted, (int, float, Decimal)):
            is_number = isinstance(loaded, (int, float, Decimal))
            return _number(emitted, loaded) if is_number else _DIFFERENT
        if isinstance(emitted, str):
            return _text(emitted, loaded)
    except (IncomparableError, InvalidOperation, ValueError, OverflowError):
        pass
    return _EQUAL if emitted == loaded else _DIFFERENT


def _worst(found: Sequence[Likeness]) -> Likeness:
    """Return a difference if there is one, else a loss if there is one."""
    return next((one for one in (_DIFFERENT, *found) if one and one in found), _EQUAL)
