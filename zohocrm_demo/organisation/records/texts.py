"""Made-up texts: names, places, picklist values, long and rich ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from zohocrm_demo.organisation.records.spot import PHRASES, Maker, Spot, numbered
from zohocrm_demo.organisation.references import choices_of

# Metadata lists the values of a picklist; records may hold others (airbyte found that out).
FORGOTTEN_VALUE = "Formerly known"
_FORGOTTEN_ONE_IN = 97
_ROOM_FOR_AWKWARD = 40
_QUALITIES, _THINGS, _MANNERS = (PHRASES[name] for name in ("qualities", "things", "manners"))
_BY_ENDING = {"City": "cities", "State": "states", "Country": "countries"}


def texts(spot: Spot) -> Maker:
    """A maker of texts, by the field's data type and name."""
    mix, field, name = spot.mix, spot.field, spot.field["api_name"]
    special = _BY_TYPE.get(field["data_type"])
    if special is not None:
        return special(spot)
    if field["display_field"] or field["data_type"] == "formula":
        return _titles(spot)
    for ending, words in _BY_ENDING.items():
        if name.endswith(ending):
            return spot.one_of(PHRASES[words])
    if name.endswith("Street"):
        street = spot.one_of(PHRASES["streets"])
        return lambda row: f"{1 + mix(row) % 300} {street(row)}"
    if name.endswith("Code") or field.get("unique"):
        return lambda row: f"{name[:2].upper()}-{row:07d}"
    return _titles(spot)


def rich_texts(spot: Spot) -> Maker:
    """A maker of HTML; two in three are longer than lists of records show."""
    mix, quality = spot.mix, spot.one_of(_QUALITIES)

    def make(row: int) -> str:
        sentence = f"{quality(row)} water 💧 — page {row} of {spot.module}, déjà vu."
        paragraphs = 1 if row % 3 == 0 else 10 + mix(row) % 30
        return "".join(
            f'<p style="color:#333">{number}. {sentence}<br>"quoted", &amp; done;</p>\n'
            for number in range(paragraphs)
        )

    return make


def _titles(spot: Spot) -> Maker:
    mix, length, awkward = spot.mix, spot.field.get("length") or 255, PHRASES["awkward"]

    def make(row: int) -> str:
        number = mix(row)
        quality = _QUALITIES[number % len(_QUALITIES)]
        thing = _THINGS[number // 16 % len(_THINGS)]
        manner = _MANNERS[number // 256 % len(_MANNERS)]
        return f"{quality} {thing} {manner} {row}"[:length].strip()

    if length < _ROOM_FOR_AWKWARD:
        return lambda row: f"{_THINGS[mix(row) % len(_THINGS)]}"[:length]
    return lambda row: awkward[row] if row < len(awkward) else make(row)


def _lines(spot: Spot) -> Maker:
    mix, awkward, thing = spot.mix, PHRASES["awkward_lines"], spot.one_of(_THINGS)
    times = 9 if (spot.field.get("textarea") or {}).get("type") == "large" else 1

    def make(row: int) -> str:
        if row < len(awkward):
            return str(awkward[row])
        lines = range(1 + mix(row) % 5 * times)
        return "\n".join(f"{thing(row)} {row}, reading {line}; fine" for line in lines)

    return make


def _picklist(spot: Spot) -> Maker:
    mix, values = spot.mix, choices_of(spot.field)
    if not spot.field["pick_list_values"]:
        values = _tracked_values(spot)
    values = values or _THINGS

    def make(row: int) -> str:
        number = mix(row)
        if number % _FORGOTTEN_ONE_IN == 0 and len(values) > 2:  # noqa: PLR2004 (a real choice)
            return FORGOTTEN_VALUE
        return str(values[number // _FORGOTTEN_ONE_IN % len(values)])

    return make


def _tracked_values(spot: Spot) -> list[str]:
    # A field tracker lists no values of its own: they are those of the field that it tracks.
    fields = spot.world.fields
    for field in fields(spot.module).values():
        if field["data_type"] == "lookup":
            for tracked in fields(field["lookup"]["module"]["api_name"]).values():
                if tracked["history_tracking_enabled"]:
                    return choices_of(tracked)
    return []


def _email(spot: Spot) -> Maker:
    mix, box = spot.mix, spot.field["api_name"].lower()
    host = spot.module.lower().replace("_", "-")
    return lambda row: f"{box}.{row}+{mix(row) % 97}@{host}.example"


def _autonumber(spot: Spot) -> Maker:
    number = spot.field["auto_number"]
    first = int(number["start_number"])
    return lambda row: f"{number['prefix']}{first + row}{number['suffix']}"


_BY_TYPE: Mapping[str, Callable[[Spot], Maker]] = {
    "textarea": _lines,
    "picklist": _picklist,
    "email": _email,
    "phone": numbered(lambda _, number: f"+1 503 555 {number % 10_000:04d}"),
    "website": numbered(lambda row, n: f"https://www.example/{row}?a={n % 9}&b=%C3%BC#top"),
    "autonumber": _autonumber,
    "profileimage": numbered(lambda row, n: None if row % 4 else f"imgn{n:010x}{row:08x}"),
    "event_reminder": numbered(lambda _, n: f"{(5, 15, 30, 60)[n % 4]} minutes before"),
}
