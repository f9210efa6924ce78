"""Made-up texts: names, places, picklist values, long and rich ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from zohocrm_demo.organisation.records.phrases import (
    AWKWARD,
    AWKWARD_LINES,
    CITIES,
    COUNTRIES,
    MANNERS,
    QUALITIES,
    STATES,
    STREETS,
    THINGS,
)
from zohocrm_demo.organisation.records.world import Mix, World

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zohocrm_demo.organisation.references import Row

Maker: TypeAlias = Callable[[int], Any]

# Metadata lists the values of a picklist; records may hold others (airbyte found that out).
FORGOTTEN_VALUE = "Formerly known"
_FORGOTTEN_ONE_IN = 97
_ROOM_FOR_AWKWARD = 40


def text_maker(world: World, module: str, field: Row, mix: Mix) -> Maker:
    """A maker of texts, by the field's data type and name."""
    special = _BY_TYPE.get(field["data_type"])
    if special is not None:
        return special(world, module, field, mix)
    if field["display_field"] or field["data_type"] == "formula":
        return _titles(field, mix)
    name = field["api_name"]
    for ending, words in _BY_ENDING.items():
        if name.endswith(ending):
            return _one_of(words, mix)
    if name.endswith("Street"):
        return lambda row: f"{1 + mix(row) % 300} {STREETS[mix(row) % len(STREETS)]}"
    if name.endswith("Code") or field.get("unique"):
        return lambda row: f"{name[:2].upper()}-{row:07d}"
    return _titles(field, mix)


def rich_text_maker(_world: World, module: str, _field: Row, mix: Mix) -> Maker:
    """A maker of HTML; two in three are longer than lists of records show."""

    def make(row: int) -> str:
        sentence = (
            f"{QUALITIES[mix(row) % len(QUALITIES)]} water 💧 — page {row} of {module}, déjà vu."
        )
        paragraphs = 1 if row % 3 == 0 else 10 + mix(row) % 30
        return "".join(
            f'<p style="color:#333">{number}. {sentence}<br>"quoted", &amp; done;</p>\n'
            for number in range(paragraphs)
        )

    return make


def _titles(field: Row, mix: Mix) -> Maker:
    length = field.get("length") or 255

    def make(row: int) -> str:
        number = mix(row)
        quality = QUALITIES[number % len(QUALITIES)]
        thing = THINGS[number // 16 % len(THINGS)]
        return f"{quality} {thing} {MANNERS[number // 256 % len(MANNERS)]} {row}"[:length].strip()

    if length < _ROOM_FOR_AWKWARD:
        return lambda row: f"{THINGS[mix(row) % len(THINGS)]}"[:length]
    return lambda row: AWKWARD[row] if row < len(AWKWARD) else make(row)


def _one_of(words: Sequence[str], mix: Mix) -> Maker:
    return lambda row: words[mix(row) % len(words)]


def _lines(_world: World, _module: str, field: Row, mix: Mix) -> Maker:
    size = (field.get("textarea") or {}).get("type", "small")
    times = 9 if size == "large" else 1

    def make(row: int) -> str:
        if row < len(AWKWARD_LINES):
            return AWKWARD_LINES[row]
        thing = THINGS[mix(row) % len(THINGS)]
        return "\n".join(
            f"{thing} {row}, reading {n}; fine" for n in range(1 + mix(row) % 5 * times)
        )

    return make


def _picklist(world: World, module: str, field: Row, mix: Mix) -> Maker:
    values = [value["actual_value"] for value in field["pick_list_values"]]
    if not values:
        values = _tracked_values(world, module)
    values = [value for value in values if value != "-None-"] or list(THINGS)

    def make(row: int) -> str:
        number = mix(row)
        if number % _FORGOTTEN_ONE_IN == 0 and len(values) > 2:  # noqa: PLR2004 (a real choice)
            return FORGOTTEN_VALUE
        return str(values[number // _FORGOTTEN_ONE_IN % len(values)])

    return make


def _tracked_values(world: World, module: str) -> list[str]:
    # A field tracker lists no values of its own: they are those of the field that it tracks.
    for field in world.fields(module).values():
        if field["data_type"] == "lookup":
            parent = field["lookup"]["module"]["api_name"]
            for tracked in world.fields(parent).values():
                if tracked["history_tracking_enabled"]:
                    return [value["actual_value"] for value in tracked["pick_list_values"]]
    return []


def _email(_world: World, module: str, field: Row, mix: Mix) -> Maker:
    host = module.lower().replace("_", "-")
    return lambda row: f"{field['api_name'].lower()}.{row}+{mix(row) % 97}@{host}.example"


def _phone(_world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    return lambda row: f"+1 503 555 {mix(row) % 10_000:04d}"


def _website(_world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    return lambda row: f"https://www.example/{row}?a={mix(row) % 9}&b=%C3%BC#top"


def _autonumber(_world: World, _module: str, field: Row, _mix: Mix) -> Maker:
    number = field["auto_number"]
    first = int(number["start_number"])
    return lambda row: f"{number['prefix']}{first + row}{number['suffix']}"


def _image(_world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    return lambda row: f"imgn{mix(row):010x}{row:08x}" if row % 4 == 0 else None


def _reminder(_world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    return lambda row: f"{(5, 15, 30, 60)[mix(row) % 4]} minutes before"


_BY_TYPE: Mapping[str, Callable[[World, str, Row, Mix], Maker]] = {
    "textarea": _lines,
    "picklist": _picklist,
    "email": _email,
    "phone": _phone,
    "website": _website,
    "autonumber": _autonumber,
    "profileimage": _image,
    "event_reminder": _reminder,
}
_BY_ENDING: Mapping[str, Sequence[str]] = {
    "City": CITIES,
    "State": STATES,
    "Country": COUNTRIES,
}
