"""Made-up values for any field, by the sort of value: the same for the same row every time.

The first rows have the awkward values, later ones ordinary ones; there an optional field is empty
in one row of seven.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.records.kinds import Kind, kind_of
from zohocrm_demo.organisation.records.phrases import (
    BIG_INTEGERS,
    DAYS,
    DECIMALS,
    FINE_DECIMALS,
    INSTANTS,
    INTEGERS,
)
from zohocrm_demo.organisation.records.special_makers import (
    SPECIAL,
    files_maker,
    parent_maker,
)
from zohocrm_demo.organisation.records.texts import rich_text_maker, text_maker
from zohocrm_demo.organisation.records.world import Mix, World

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zohocrm_demo.organisation.references import Row

Maker: TypeAlias = Callable[[int], Any]

_EMPTY_ONE_IN = 7
_AWKWARD_ROWS = 16
_NEVER_EMPTY = frozenset({"Owner", "Created_By", "Modified_By"})
_FROM = 1_577_836_800
_SECONDS = 200_000_000
_FINE_LENGTH = 20
_CENTS = 2


def maker_of(world: World, module: str, field: Row) -> Maker:
    """A maker of a field's values.

    Args:
        world: The organisation around.
        module: The module's API name.
        field: The field's metadata.
    """
    name = field["api_name"]
    special = SPECIAL.get((module, name)) or SPECIAL.get(("*", name))
    mix = world.mixer(module, name)
    if special is not None:
        return special(world, module, mix)
    if field["type"] == "unused":
        return lambda _: None
    kind = kind_of(field)
    if name == "Parent_Id" and kind == "record":
        return parent_maker(world, field["lookup"]["module"]["api_name"])
    make = _MAKERS.get(kind, text_maker)(world, module, field, mix)
    if field["system_mandatory"] or kind in {"boolean", "tags"} or name in _NEVER_EMPTY:
        return make
    empty = world.mixer(module, name, "empty")

    def make_or_not(row: int) -> Any:
        filled = row < _AWKWARD_ROWS or empty(row) % _EMPTY_ONE_IN
        return make(row) if filled else None

    return make_or_not


def _first(values: Sequence[Any], otherwise: Maker) -> Maker:
    return lambda row: values[row] if row < len(values) else otherwise(row)


def _integer(_world: World, _module: str, field: Row, mix: Mix) -> Maker:
    most = 10 ** min(field.get("length") or 9, 9)
    few = [number for number in INTEGERS if number < most]
    return _first(few, lambda row: mix(row) % most)


def _bigint(_world: World, _module: str, field: Row, mix: Mix) -> Maker:
    def make(row: int) -> int:
        return 100_000_000_000_000_000 + mix(row) * 104_729

    if field.get("unique"):
        return lambda row: 700_000_000_000_000_000 + row * 1_000_003
    return _first(BIG_INTEGERS, make)


def _decimal(_world: World, _module: str, field: Row, mix: Mix) -> Maker:
    if field["data_type"] == "percent":
        return lambda row: Decimal(mix(row) % 10_001).scaleb(-_CENTS)
    fine = (field.get("length") or 0) >= _FINE_LENGTH
    places = 6 if fine else _CENTS

    def make(row: int) -> Decimal:
        number = mix(row)
        # Every other amount is a whole one, which has no decimal point in JSON.
        return Decimal(number % 90_000) if number & 1 else Decimal(number).scaleb(-places)

    return _first(FINE_DECIMALS if fine else DECIMALS, make)


def _boolean(_world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    return lambda row: mix(row) % 3 == 0


def _date(_world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    def make(row: int) -> str:
        number = mix(row)
        return f"{2015 + number % 17}-{1 + number // 17 % 12:02d}-{1 + number // 204 % 28:02d}"

    return _first(DAYS, make)


def _datetime(_world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    return _first(INSTANTS, lambda row: _FROM + mix(row) % _SECONDS)


def _choices(_world: World, _module: str, field: Row, mix: Mix) -> Maker:
    values = [value["actual_value"] for value in field["pick_list_values"]]
    values = [value for value in values if value != "-None-"]

    def make(row: int) -> tuple[str, ...]:
        number = mix(row)
        return tuple(value for place, value in enumerate(values) if number >> place & 1)

    return make


def _record(world: World, module: str, field: Row, mix: Mix) -> Maker:
    target = field["lookup"]["module"]["api_name"]
    placement = world.placement(target)
    if not placement.count:
        return lambda _: None
    if target == module:
        # Upwards only, so that no record is its own ancestor.
        return lambda row: str(placement.id_of(row // 3)) if row else None
    return lambda row: str(placement.id_of(mix(row) % placement.count))


def _any_record(world: World, _module: str, field: Row, mix: Mix) -> Maker:
    modules = [one["api_name"] for one in field["multi_module_lookup"]["modules"]]
    placements = [(name, world.placement(name)) for name in modules]
    filled = [(name, placement) for name, placement in placements if placement.count]
    if not filled:
        return lambda _: None

    def make(row: int) -> tuple[str, str]:
        number = mix(row)
        name, placement = filled[number % len(filled)]
        return name, str(placement.id_of(number // len(filled) % placement.count))

    return make


def _user(world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    users = world.users
    return (lambda row: users[mix(row) % len(users)]) if users else (lambda _: None)


def _tags(world: World, module: str, _field: Row, mix: Mix) -> Maker:
    names = world.tags(module)

    def make(row: int) -> tuple[str, ...]:
        number = mix(row)
        return tuple(name for place, name in enumerate(names) if number >> 3 * place & 7 == 1)

    return make


def _reminders(_world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    return lambda row: [
        {"unit": 15 * (1 + mix(row) % 4), "period": "minutes", "time": None},
        {"unit": 1, "period": "days", "time": "09:00"},
    ][: mix(row) % 3]


def _recurrence(_world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    return lambda row: (
        f"FREQ=WEEKLY;INTERVAL={1 + mix(row) % 4};BYDAY=MO,TH;DTSTART=2025-01-06;UNTIL=2025-12-29"
    )


def _alarm(_world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    return lambda row: f"ACTION=EMAIL;TRIGGER=-P{1 + mix(row) % 6}D;TRIGGER_TIME=08:30"


def _layout(world: World, module: str, _field: Row, mix: Mix) -> Maker:
    layouts = world.layouts(module)
    return (lambda row: layouts[mix(row) % len(layouts)]) if layouts else (lambda _: None)


def _module(world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    names = list(world.module_ids)
    return lambda row: names[mix(row) % len(names)]


def _territories(world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    known = world.territories
    return lambda row: [known[mix(row) % len(known)]] if known and mix(row) % 3 else []


def _territory(world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    known = world.territories
    return lambda row: known[mix(row) % len(known)] if known else None


def _consent(_world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    return lambda row: {
        "id": make_id(98_000_000_000 + mix(row)),
        "Data_Processing_Basis": "Obtained",
        "Contact_Through_Email": bool(row & 1),
        "Contact_Through_Phone": bool(row & 2),
        "Contact_Through_Survey": False,
        "Contact_Through_Social": False,
        "Consent_Date": "2024-05-24",
        "Consent_Through": "Email",
        "Consent_Remarks": None,
    }


def _line_taxes(_world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    return lambda row: [
        {
            "percentage": Decimal("7.25"),
            "name": "Sales Tax",
            "id": make_id(97_000_000_001),
            "value": Decimal(mix(row) % 9_000).scaleb(-_CENTS),
        }
    ]


def _times(_world: World, _module: str, _field: Row, mix: Mix) -> Maker:
    return lambda row: [
        {"from": "08:00", "to": f"{12 + mix(row) % 6}:00"},
        {"from": "18:30", "to": "20:00"},
    ]


def _file_list(world: World, module: str, _field: Row, mix: Mix) -> Maker:
    return files_maker(world, module, mix)


def _no_objects(_world: World, _module: str, _field: Row, _mix: Mix) -> Maker:
    return lambda _: []


_MAKERS: Mapping[Kind, Callable[[World, str, Row, Mix], Maker]] = {
    "files": _file_list,
    "objects": _no_objects,
    "rich_text": rich_text_maker,
    "integer": _integer,
    "bigint": _bigint,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "choices": _choices,
    "taxes": _choices,
    "record": _record,
    "any_record": _any_record,
    "user": _user,
    "tags": _tags,
    "reminders": _reminders,
    "recurrence": _recurrence,
    "alarm": _alarm,
    "consent": _consent,
    "layout": _layout,
    "module": _module,
    "territories": _territories,
    "territory": _territory,
    "line_taxes": _line_taxes,
    "times": _times,
}
