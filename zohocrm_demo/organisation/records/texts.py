"""Made-up texts, and values of fields that hang together or that no metadata describes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeAlias

from zohocrm_demo.organisation.records.spot import PHRASES, Maker, Spot, numbered
from zohocrm_demo.organisation.records.times import LOS_ANGELES, written
from zohocrm_demo.organisation.references import Row, choices_of, make_id, ref

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
    if name.endswith(("Code", "_Zip")) or field.get("unique"):
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
    mix, length = spot.mix, spot.field.get("length") or 255
    awkward = spot.awkward(PHRASES["awkward"])

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
    mix, awkward, thing = spot.mix, spot.awkward(PHRASES["awkward_lines"]), spot.one_of(_THINGS)
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
    forgets = len(values) > 2 and not spot.world.plain  # noqa: PLR2004 (a real choice)

    def make(row: int) -> str:
        number = mix(row)
        if number % _FORGOTTEN_ONE_IN == 0 and forgets:
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


def _names(spot: Spot, *fields: str) -> Maker:
    mixers = [spot.world.mixer(spot.module, field) for field in fields]
    parts = [(PHRASES[f"{field.lower()}s"], mix) for field, mix in zip(fields, mixers, strict=True)]
    return lambda row: " ".join(words[mix(row) % len(words)] for words, mix in parts)


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


def _reminder(spot: Spot) -> Maker:
    # A pick-list in name only: it holds the reminder's time as well (airbyte found that out).
    instant = _instant(spot)
    text = spot.one_of(("None", "5 minutes before", "1 day before"))
    if spot.world.plain:
        return text
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
    ("*", "First_Name"): lambda spot: _names(spot, "First_Name"),
    ("*", "Last_Name"): lambda spot: _names(spot, "Last_Name"),
    ("*", "Full_Name"): lambda spot: _names(spot, "First_Name", "Last_Name"),
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
    ("Entity_Scores__s", "Scoring_Rule"): lambda spot: spot.one_of(
        [ref(rule, "name", "id") for rule in spot.world.organisation.scoring_rules]
    ),
    ("Deals", "Probability"): numbered(lambda _, number: 5 * (number % 21)),
    ("Calls", "Reminder"): _reminder,
    ("Events", "Participants"): _participants,
    ("Cases", "Comments"): _comments,
    ("Solutions", "Comments"): _comments,
    ("Price_Books", "Pricing_Details"): _pricing,
    **{(module, "Discount"): _DISCOUNT for module in _LINES},
}
