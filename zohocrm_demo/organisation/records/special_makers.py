"""Made-up values of fields that hang together, or that no metadata describes."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.records.phrases import FIRST_NAMES, LAST_NAMES
from zohocrm_demo.organisation.records.times import LOS_ANGELES, written
from zohocrm_demo.organisation.records.world import Mix, World

if TYPE_CHECKING:
    from collections.abc import Mapping

Maker: TypeAlias = Callable[[int], Any]
SpecialMaker: TypeAlias = Callable[[World, str, Mix], Maker]

_FILES = 96_000_000_000
_COMMENTS = 95_000_000_000
_CONVERTED_FROM = 1_704_067_200
_YEAR = 31_000_000


def is_converted(row: int) -> bool:
    """Whether the made-up lead has been converted: one in nine."""
    return row % 9 == 4  # noqa: PLR2004 (any remainder but 0, so that the first leads are leads)


def _first_name(world: World, module: str, _mix: Mix) -> Maker:
    return _name(world, module, "First_Name", FIRST_NAMES)


def _last_name(world: World, module: str, _mix: Mix) -> Maker:
    return _name(world, module, "Last_Name", LAST_NAMES)


def _full_name(world: World, module: str, _mix: Mix) -> Maker:
    first = _name(world, module, "First_Name", FIRST_NAMES)
    last = _name(world, module, "Last_Name", LAST_NAMES)
    return lambda row: f"{first(row)} {last(row)}"


def _name(world: World, module: str, field: str, names: list[str]) -> Maker:
    mix = world.mixer(module, field)
    return lambda row: names[mix(row) % len(names)]


def _currency(_world: World, _module: str, _mix: Mix) -> Maker:
    return lambda row: "JPY" if row % 11 == 3 else "EUR" if row % 5 == 2 else "USD"  # noqa: PLR2004


def _exchange_rate(_world: World, _module: str, _mix: Mix) -> Maker:
    rates = {"USD": Decimal(1), "EUR": Decimal("0.913245678"), "JPY": Decimal("147.35")}
    currency = _currency(_world, _module, _mix)
    return lambda row: rates[currency(row)]


def _always(value: object) -> SpecialMaker:
    return lambda _world, _module, _mix: lambda _: value


def _scoring_rule(world: World, _module: str, mix: Mix) -> Maker:
    rules = world.scoring_rules
    return lambda row: dict(rules[mix(row) % len(rules)]) if rules else None


def _locked(_world: World, _module: str, _mix: Mix) -> Maker:
    return lambda row: row % 50 == 49  # noqa: PLR2004 (one in fifty)


def _converted(_world: World, _module: str, _mix: Mix) -> Maker:
    return is_converted


def _converted_at(_world: World, _module: str, mix: Mix) -> Maker:
    return lambda row: _CONVERTED_FROM + mix(row) % _YEAR if is_converted(row) else None


def _converted_into(target: str) -> SpecialMaker:
    def make(world: World, _module: str, mix: Mix) -> Maker:
        placement = world.placement(target)

        def identify(row: int) -> str | None:
            known = is_converted(row) and placement.count
            return str(placement.id_of(mix(row) % placement.count)) if known else None

        return identify

    return make


def _conversion_days(_world: World, _module: str, mix: Mix) -> Maker:
    return lambda row: mix(row) % 90 if is_converted(row) else None


def _orphaned_deal(world: World, _module: str, mix: Mix) -> Maker:
    # One in five has lost its deal: Bulk Read leaves such rows out, Get Records doesn't.
    placement = world.placement("Deals")

    def identify(row: int) -> str | None:
        known = row % 5 and placement.count
        return str(placement.id_of(mix(row) % placement.count)) if known else None

    return identify


def parent_maker(world: World, parent: str) -> Maker:
    """A maker of `Parent_Id` in a subform: three rows in every other parent, none in the rest."""
    placement = world.placement(parent)
    if not placement.count:
        return lambda _: None
    return lambda row: str(placement.id_of(row // 3 * 2 % placement.count))


def _discount(_world: World, _module: str, mix: Mix) -> Maker:
    return lambda row: f"{mix(row) % 5_000 / 100:.2f}"


def _probability(_world: World, _module: str, mix: Mix) -> Maker:
    return lambda row: 5 * (mix(row) % 21)


def _reminder(_world: World, _module: str, mix: Mix) -> Maker:
    # A pick-list in name only: it holds the reminder's time as well (airbyte found that out).
    def make(row: int) -> str:
        if row % 4 == 0:
            return written(_CONVERTED_FROM + mix(row) % _YEAR, LOS_ANGELES)
        return ("None", "5 minutes before", "1 day before")[mix(row) % 3]

    return make


def files_maker(_world: World, _module: str, mix: Mix) -> Maker:
    """A maker of lists of uploaded files, some of them empty."""

    def make(row: int) -> list[dict[str, Any]]:
        return [
            {
                "id": make_id(_FILES + 10 * row + place),
                "File_Id__s": f"{mix(row):08x}{place:04x}",
                "File_Name__s": f"Übersicht {row}, part {place}.pdf",
                "Size__s": mix(row + place) % 900_000,
                "Description__s": None,
                "Sequence_Number__s": place + 1,
                "State__s": "active",
            }
            for place in range(mix(row) % 3)
        ]

    return make


def _participants(world: World, _module: str, mix: Mix) -> Maker:
    contacts = world.placement("Contacts")

    def make(row: int) -> list[dict[str, Any]]:
        return [
            {
                "participant": str(contacts.id_of(mix(row + place) % contacts.count)),
                "type": "contact",
                "name": f"{FIRST_NAMES[place]} {LAST_NAMES[place]}",
                "Email": f"guest{place}@example.org",
                "invited": place == 0,
                "status": "not_known",
                "id": make_id(_COMMENTS + 10 * row + place),
            }
            for place in range(mix(row) % 4 if contacts.count else 0)
        ]

    return make


def _comments(_world: World, _module: str, mix: Mix) -> Maker:
    def make(row: int) -> list[dict[str, Any]]:
        return [
            {
                "comment_content": f"Comment {place}: “see” page {row}; done",
                "commented_by": FIRST_NAMES[mix(row) % len(FIRST_NAMES)],
                "commented_time": written(_CONVERTED_FROM + mix(row) % _YEAR, LOS_ANGELES),
                "id": make_id(_COMMENTS + 500_000_000 + 10 * row + place),
            }
            for place in range(mix(row) % 3)
        ]

    return make


def _pricing(_world: World, _module: str, mix: Mix) -> Maker:
    def make(row: int) -> list[dict[str, Any]]:
        return [
            {
                "id": make_id(_COMMENTS + 700_000_000 + 10 * row + place),
                "from_range": 1 + 100 * place,
                "to_range": 100 + 100 * place,
                "discount": Decimal(mix(row) % 50),
            }
            for place in range(1 + mix(row) % 3)
        ]

    return make


SPECIAL: Mapping[tuple[str, str], SpecialMaker] = {
    ("*", "First_Name"): _first_name,
    ("*", "Last_Name"): _last_name,
    ("*", "Full_Name"): _full_name,
    ("*", "Currency"): _currency,
    ("*", "Exchange_Rate"): _exchange_rate,
    ("*", "Record_Status__s"): _always("Available"),
    ("*", "Locked__s"): _locked,
    ("Leads", "Converted__s"): _converted,
    ("Leads", "Converted_Date_Time"): _converted_at,
    ("Leads", "Converted_Account"): _converted_into("Accounts"),
    ("Leads", "Converted_Contact"): _converted_into("Contacts"),
    ("Leads", "Converted_Deal"): _converted_into("Deals"),
    ("Leads", "Lead_Conversion_Time"): _conversion_days,
    ("DealHistory", "Potential_Name"): _orphaned_deal,
    ("Entity_Scores__s", "Scoring_Rule"): _scoring_rule,
    ("Deals", "Probability"): _probability,
    ("Calls", "Reminder"): _reminder,
    ("Events", "Participants"): _participants,
    ("Cases", "Comments"): _comments,
    ("Solutions", "Comments"): _comments,
    ("Price_Books", "Pricing_Details"): _pricing,
    ("Quoted_Items", "Discount"): _discount,
    ("Ordered_Items", "Discount"): _discount,
    ("Purchase_Items", "Discount"): _discount,
    ("Invoiced_Items", "Discount"): _discount,
}
