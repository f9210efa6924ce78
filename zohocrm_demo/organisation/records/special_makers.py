"""Made-up values of fields that hang together, or that no metadata describes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.records.spot import PHRASES, Maker, Spot, numbered
from zohocrm_demo.organisation.records.times import LOS_ANGELES, written

if TYPE_CHECKING:
    from zohocrm_demo.organisation.references import Row

Special: TypeAlias = Callable[[Spot], Maker]

_FILES = 96_000_000_000
_COMMENTS = 95_000_000_000
_CONVERTED_FROM = 1_704_067_200
_YEAR = 31_000_000
_RATES = {"USD": Decimal(1), "EUR": Decimal("0.913245678"), "JPY": Decimal("147.35")}


def is_converted(row: int) -> bool:
    """Whether the made-up lead has been converted: one in nine."""
    return row % 9 == 4  # noqa: PLR2004 (any remainder but 0, so that the first leads are leads)


def parents(spot: Spot) -> Maker:
    """A maker of `Parent_Id` in a subform: three rows in every other parent, none in the rest."""
    placement = spot.world.placement(spot.field["lookup"]["module"]["api_name"])
    if not placement.count:
        return lambda _: None
    return lambda row: str(placement.id_of(row // 3 * 2 % placement.count))


def files(spot: Spot) -> Maker:
    """A maker of lists of uploaded files, some of them empty."""
    mix = spot.mix
    return lambda row: [
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


def _name(spot: Spot, field: str) -> Callable[[int], str]:
    names = PHRASES[f"{field.lower()}s"]
    mix = spot.world.mixer(spot.module, field)
    return lambda row: names[mix(row) % len(names)]


def _full_name(spot: Spot) -> Maker:
    first, last = _name(spot, "First_Name"), _name(spot, "Last_Name")
    return lambda row: f"{first(row)} {last(row)}"


def _currency(row: int) -> str:
    return "JPY" if row % 11 == 3 else "EUR" if row % 5 == 2 else "USD"  # noqa: PLR2004


def _if_converted(make: Special) -> Special:
    def maker(spot: Spot) -> Maker:
        value = make(spot)
        return lambda row: value(row) if is_converted(row) else None

    return maker


@numbered
def _instant(_: int, number: int) -> int:
    return _CONVERTED_FROM + number % _YEAR


def _orphaned_deal(spot: Spot) -> Maker:
    # One in five has lost its deal: Bulk Read leaves such rows out, Get Records doesn't.
    deal = spot.record_of("Deals")
    return lambda row: deal(row) if row % 5 else None


def _scoring_rule(spot: Spot) -> Maker:
    rules = spot.world.organisation.scoring_rules
    return spot.one_of([{key: rule[key] for key in ("name", "id")} for rule in rules])


def _reminder(spot: Spot) -> Maker:
    # A pick-list in name only: it holds the reminder's time as well (airbyte found that out).
    instant = _instant(spot)
    text = spot.one_of(("None", "5 minutes before", "1 day before"))
    return lambda row: text(row) if row % 4 else written(instant(row), LOS_ANGELES)


def _participants(spot: Spot) -> Maker:
    contact, mix = spot.record_of("Contacts"), spot.mix
    some = spot.world.placement("Contacts").count
    firsts, lasts = PHRASES["first_names"], PHRASES["last_names"]
    return lambda row: [
        {
            "participant": contact(row + place),
            "type": "contact",
            "name": f"{firsts[place]} {lasts[place]}",
            "Email": f"guest{place}@example.org",
            "invited": place == 0,
            "status": "not_known",
            "id": make_id(_COMMENTS + 10 * row + place),
        }
        for place in range(mix(row) % 4 if some else 0)
    ]


def _comments(spot: Spot) -> Maker:
    mix, author, instant = spot.mix, spot.one_of(PHRASES["first_names"]), _instant(spot)
    return lambda row: [
        {
            "comment_content": f"Comment {place}: “see” page {row}; done",
            "commented_by": author(row),
            "commented_time": written(instant(row), LOS_ANGELES),
            "id": make_id(_COMMENTS + 500_000_000 + 10 * row + place),
        }
        for place in range(mix(row) % 3)
    ]


@numbered
def _pricing(row: int, number: int) -> list[Row]:
    return [
        {
            "id": make_id(_COMMENTS + 700_000_000 + 10 * row + place),
            "from_range": 1 + 100 * place,
            "to_range": 100 + 100 * place,
            "discount": Decimal(number % 50),
        }
        for place in range(1 + number % 3)
    ]


_LINES = ("Quoted_Items", "Ordered_Items", "Purchase_Items", "Invoiced_Items")
_DISCOUNT = numbered(lambda _, number: f"{number % 5_000 / 100:.2f}")
SPECIAL: Mapping[tuple[str, str], Special] = {
    ("*", "First_Name"): lambda spot: _name(spot, "First_Name"),
    ("*", "Last_Name"): lambda spot: _name(spot, "Last_Name"),
    ("*", "Full_Name"): _full_name,
    ("*", "Currency"): lambda _: _currency,
    ("*", "Exchange_Rate"): lambda _: lambda row: _RATES[_currency(row)],
    ("*", "Record_Status__s"): lambda _: lambda _: "Available",
    ("*", "Locked__s"): lambda _: lambda row: row % 50 == 49,  # noqa: PLR2004 (one in fifty)
    ("Leads", "Converted__s"): lambda _: is_converted,
    ("Leads", "Converted_Date_Time"): _if_converted(_instant),
    ("Leads", "Converted_Account"): _if_converted(lambda spot: spot.record_of("Accounts")),
    ("Leads", "Converted_Contact"): _if_converted(lambda spot: spot.record_of("Contacts")),
    ("Leads", "Converted_Deal"): _if_converted(lambda spot: spot.record_of("Deals")),
    ("Leads", "Lead_Conversion_Time"): _if_converted(numbered(lambda _, number: number % 90)),
    ("DealHistory", "Potential_Name"): _orphaned_deal,
    ("Entity_Scores__s", "Scoring_Rule"): _scoring_rule,
    ("Deals", "Probability"): numbered(lambda _, number: 5 * (number % 21)),
    ("Calls", "Reminder"): _reminder,
    ("Events", "Participants"): _participants,
    ("Cases", "Comments"): _comments,
    ("Solutions", "Comments"): _comments,
    ("Price_Books", "Pricing_Details"): _pricing,
    **{(module, "Discount"): _DISCOUNT for module in _LINES},
}
