"""How many records each module of the sample has, and where the difficult ones are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Size:
    """The extent of a module.

    Attributes:
        count: How many records it has.
        crowd: How many of them were changed in one and the same second.
        unstamped: How many of them have no `Modified_Time`.
    """

    count: int
    crowd: int = 0
    unstamped: int = 0


USUAL = Size(60)
NOTHING = Size(0)
SAMPLE_SIZES: Mapping[str, Size] = {
    "Shikayat": NOTHING,
    "Visits": NOTHING,
    "Ideas": Size(200),
    "Leads": Size(2_000, unstamped=3),
    "Accounts": Size(1_200),
    "Contacts": Size(25_000, crowd=750),
    "Deals": Size(3_100),
    "Tasks": Size(430),
    "Events": Size(140),
    "Calls": Size(201),
    "Products": Size(180),
    "Quotes": Size(220),
    "Sales_Orders": Size(150),
    "Invoices": Size(130),
    "Quoted_Items": Size(330),
    "Ordered_Items": Size(225),
    "Cases": Size(640),
    "Notes": Size(600),
    "Attachments": Size(90),
    "DealHistory": Size(7_330),
    "Status_History_Cases": Size(410),
    "Sites": Size(350),
    "Sensors": Size(3_000, crowd=750),
    "Water_Samples": Size(2_200, crowd=250),
    "Sample_Readings": Size(3_300),
    "Site_Contacts": Size(520),
    "Sensors_X_Partners": Size(260),
    "Sites_X_Users": Size(310),
    "Partners": Size(75, unstamped=5),
    "Calibrations": Size(1_000_000),
    "Actions_Performed": Size(45),
    "Ziyarat": Size(199),
    "Nohin": Size(201),
}
