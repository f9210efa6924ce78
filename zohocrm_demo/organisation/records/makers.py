"""Made-up values for any field, by the sort of value: the same for the same row every time.

The first rows have the awkward values, later ones ordinary ones; there an optional field is empty
in one row of seven.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from zohocrm_demo.organisation.records.calculations import Calculation, calculation
from zohocrm_demo.organisation.records.kinds import COMPUTED, converted, kind_of
from zohocrm_demo.organisation.records.spot import PHRASES, Maker, Placement, Spot, World, numbered
from zohocrm_demo.organisation.records.texts import SPECIAL, files, parents, rich_texts, texts
from zohocrm_demo.organisation.references import (
    Row,
    by_api_name,
    choices_of,
    make_id,
    several_targets,
)

_EMPTY_ONE_IN = 7
_AWKWARD_ROWS = 16
_KEPT_APART = frozenset({"id", "Created_Time", "Modified_Time"})
_NEVER_EMPTY = frozenset({"Owner", "Created_By", "Modified_By"})
_FROM = 1_577_836_800
_SECONDS = 200_000_000
_FINE_LENGTH = 20
_CENTS = 2
_DECIMALS, _FINE_DECIMALS = (
    [Decimal(text) for text in PHRASES[name]] for name in ("decimals", "fine_decimals")
)


class Makers:
    """A maker of values for each field of a module, by its present API name, made when wanted."""

    def __init__(self, world: World, module: str) -> None:
        self._world = world
        self._module = module
        self._made: dict[str, Maker] = {}

    def get(self, name: str) -> Maker | None:
        """The maker of a field's values; None for fields that aren't kept as values."""
        maker = self._made.get(name)
        if maker is None:
            field = self._world.present_fields(self._module).get(name)
            if field is None or name in _KEPT_APART or kind_of(field) in COMPUTED:
                return None
            maker = self._made[name] = self._maker_of(field)
        return maker

    def values(self, row: int) -> dict[str, Any]:
        """All values of a row."""
        makers = {name: self.get(name) for name in self._world.present_fields(self._module)}
        return {name: maker(row) for name, maker in makers.items() if maker is not None}

    def _calculating(self, worked_out: Calculation) -> Maker:
        placement = self._world.placement(self._world.origins.first_name(self._module))
        times = {"Created_Time": placement.created, "Modified_Time": placement.modified}

        def make(row: int) -> Any:
            def kept(name: str) -> Any:
                maker = times.get(name) or self.get(name)
                return None if maker is None else maker(row)

            return worked_out(str(placement.id_of(row)), kept, None)

        return make

    def _maker_of(self, field: Row) -> Maker:
        origins = self._world.origins
        first = origins.first_field(self._module, field)
        if first is None:
            return lambda _: None
        worked_out = calculation(self._world, self._module, field)
        if worked_out is not None:
            return self._calculating(worked_out)
        module = origins.first_name(self._module)
        mix = self._world.mixer(module, first["api_name"])
        make = _maker_at(Spot(self._world, module, first, mix))
        if first["data_type"] == field["data_type"]:
            return make
        return lambda row: converted(field, make(row))


def _maker_at(spot: Spot) -> Maker:
    field, name = spot.field, spot.field["api_name"]
    special = SPECIAL.get((spot.module, name)) or SPECIAL.get(("*", name))
    if special is not None:
        return special(spot)
    if field["type"] == "unused":
        return lambda _: None
    kind = kind_of(field)
    if name == "Parent_Id" and kind == "record":
        return parents(spot)
    make = _MAKERS.get(kind, texts)(spot)
    if field["system_mandatory"] or kind in {"boolean", "tags"} or name in _NEVER_EMPTY:
        return make
    empty = spot.world.mixer(spot.module, name, "empty")
    awkward = 0 if spot.world.plain else _AWKWARD_ROWS

    def make_or_not(row: int) -> Any:
        filled = row < awkward or empty(row) % _EMPTY_ONE_IN
        return make(row) if filled else None

    return make_or_not


def _first(values: Sequence[Any], otherwise: Maker) -> Maker:
    return lambda row: values[row] if row < len(values) else otherwise(row)


def _integer(spot: Spot) -> Maker:
    mix, most = spot.mix, 10 ** min(spot.field.get("length") or 9, 9)
    few = [number for number in spot.awkward(PHRASES["integers"]) if number < most]
    return _first(few, lambda row: mix(row) % most)


def _bigint(spot: Spot) -> Maker:
    mix, ordinary = spot.mix, 100_000_000_000_000_000
    if spot.field.get("unique"):
        return lambda row: 700_000_000_000_000_000 + row * 1_000_003
    return _first(spot.awkward(PHRASES["big_integers"]), lambda row: ordinary + mix(row) * 104_729)


def _decimal(spot: Spot) -> Maker:
    mix = spot.mix
    if spot.field["data_type"] == "percent":
        return lambda row: Decimal(mix(row) % 10_001).scaleb(-_CENTS)
    fine = (spot.field.get("length") or 0) >= _FINE_LENGTH
    places = 6 if fine else _CENTS

    def make(row: int) -> Decimal:
        number = mix(row)
        # Every other amount is a whole one, which has no decimal point in JSON.
        return Decimal(number % 90_000) if number & 1 else Decimal(number).scaleb(-places)

    return _first(spot.awkward(_FINE_DECIMALS if fine else _DECIMALS), make)


def _choices(spot: Spot) -> Maker:
    mix, values = spot.mix, choices_of(spot.field)

    def make(row: int) -> tuple[str, ...]:
        number = mix(row)
        return tuple(value for place, value in enumerate(values) if number >> place & 1)

    return make


def _record(spot: Spot) -> Maker:
    target = spot.field["lookup"]["module"]["api_name"]
    placement = spot.world.placement(target)
    if target == spot.module and placement.count:
        # Upwards only, so that no record is its own ancestor.
        return lambda row: str(placement.id_of(row // 3)) if row else None
    return spot.record_of(target)


def _any_record(spot: Spot) -> Maker:
    mix, names = spot.mix, several_targets(spot.field, spot.world.organisation.open_lookups)
    placements = [(name, spot.world.placement(name)) for name in names]
    filled: list[tuple[str, Placement]] = [one for one in placements if one[1].count]

    def make(row: int) -> tuple[str, str]:
        number = mix(row)
        name, placement = filled[number % len(filled)]
        return name, str(placement.id_of(number // len(filled) % placement.count))

    return make if filled else lambda _: None


def _tags(spot: Spot) -> Maker:
    mix, names = spot.mix, spot.world.of_module("tags", "name", spot.module)

    def make(row: int) -> tuple[str, ...]:
        number = mix(row)
        return tuple(name for place, name in enumerate(names) if number >> 3 * place & 7 == 1)

    return make


@numbered
def _reminders(_: int, number: int) -> list[Row]:
    later = {"unit": 1, "period": "days", "time": "09:00"}
    sooner = {"unit": 15 * (1 + number % 4), "period": "minutes", "time": None}
    return [sooner, later][: number % 3]


@numbered
def _consent(row: int, number: int) -> Row:
    return {
        "id": make_id(98_000_000_000 + number),
        "Data_Processing_Basis": "Obtained",
        "Contact_Through_Email": bool(row & 1),
        "Contact_Through_Phone": bool(row & 2),
        "Contact_Through_Survey": False,
        "Contact_Through_Social": False,
        "Consent_Date": "2024-05-24",
        "Consent_Through": "Email",
        "Consent_Remarks": None,
    }


def _some(spot: Spot, one: Maker) -> Maker:
    return lambda row: [one(row)] if spot.world.territories and spot.mix(row) % 3 else []


_SOME_DAY = numbered(lambda _, n: f"{2015 + n % 17}-{1 + n // 17 % 12:02d}-{1 + n // 204 % 28:02d}")
_SOME_TIME = numbered(lambda _, n: _FROM + n % _SECONDS)
_DAYS = "BYDAY=MO,TH;DTSTART=2025-01-06;UNTIL=2025-12-29"
_EVENING = {"from": "18:30", "to": "20:00"}
_TAX = {"percentage": Decimal("7.25"), "name": "Sales Tax", "id": make_id(97_000_000_001)}
_MAKERS: Mapping[str, Callable[[Spot], Maker]] = {
    "files": files,
    "objects": lambda _: lambda _: [],
    "rich_text": rich_texts,
    "integer": _integer,
    "bigint": _bigint,
    "decimal": _decimal,
    "boolean": numbered(lambda _, number: number % 3 == 0),
    "date": lambda spot: _first(spot.awkward(PHRASES["days"]), _SOME_DAY(spot)),
    "datetime": lambda spot: _first(spot.awkward(PHRASES["instants"]), _SOME_TIME(spot)),
    "choices": _choices,
    "taxes": _choices,
    "record": _record,
    "any_record": _any_record,
    "user": lambda spot: spot.one_of(spot.world.users),
    "tags": _tags,
    "reminders": _reminders,
    "recurrence": numbered(lambda _, n: f"FREQ=WEEKLY;INTERVAL={1 + n % 4};{_DAYS}"),
    "alarm": numbered(lambda _, n: f"ACTION=EMAIL;TRIGGER=-P{1 + n % 6}D;TRIGGER_TIME=08:30"),
    "consent": _consent,
    "layout": lambda spot: spot.one_of(spot.world.of_module("layouts", "id", spot.module)),
    "module": lambda spot: spot.one_of(list(by_api_name(spot.world.organisation.modules))),
    "territories": lambda spot: _some(spot, spot.one_of(spot.world.territories)),
    "territory": lambda spot: spot.one_of(spot.world.territories),
    "line_taxes": numbered(lambda _, n: [{**_TAX, "value": Decimal(n % 9_000).scaleb(-_CENTS)}]),
    "times": numbered(lambda _, n: [{"from": "08:00", "to": f"{12 + n % 6}:00"}, _EVENING]),
}
