"""Words for made-up records, the awkward ones among them."""

from __future__ import annotations

from decimal import Decimal

_FIRST_NAMES = """
    Agnès Björn Chidi Daria Emre Fatima Gaël Hana Ilse Jürgen Keiko Lars Małgorzata Nadia
    Oleksandr Pilar Quỳnh Rashid Siobhán Tomáš Uršula Václav Wei Ximena Yusuf Zoë
"""
_LAST_NAMES = """
    Abdullah Brânză D'Angelo Eriksson Fitzgerald Grünberg Hernández Ivanova Jørgensen Kowalczyk
    Lindqvist Müller Nakamura O'Connor Petrović Quintana Rosales Şahin Thorvaldsen Ueda Virtanen
    Wiśniewska Xu Yamada Žižek
"""
_CITIES = """
    Astoria Bergen Curaçao Düsseldorf Évora 福岡 Göteborg Łódź München الرياض Zürich
"""
_STATES = """
    Oregon Vestland Nordrhein-Westfalen Alentejo Québec Łódzkie
"""
_COUNTRIES = """
    US NO DE PT JP CA PL CH SA
"""
_QUALITIES = """
    Lower Upper Northern Filtered Saline Municipal Seasonal Ancient Quiet Turbid
"""
_THINGS = """
    Reservoir Intake Sluice Sonde Aquifer Basin Weir Outfall Pump Estuary Spring
"""
_MANNERS = """
    review upgrade survey tender renewal inspection pilot delivery retrofit
"""

FIRST_NAMES = _FIRST_NAMES.split()
LAST_NAMES = _LAST_NAMES.split()
CITIES = _CITIES.split()
STATES = _STATES.split()
COUNTRIES = _COUNTRIES.split()
QUALITIES = _QUALITIES.split()
THINGS = _THINGS.split()
MANNERS = _MANNERS.split()
STREETS = ("Pier Road", "Strandgaten", "Königsallee", "Rua do Cano", "Quai de l'Écluse", "大通り")

# What has broken somebody's CSV reader, JSON reader, spreadsheet or SQL.
AWKWARD = (
    'He said "42", then; left, at once',
    "O'Brien & Søn <b>GmbH</b>",
    "日本語、テキスト；改行なし",
    "مياه الشرب 100%",
    "पानी 💧🚰 𝔘𝔫𝔦𝔠𝔬𝔡𝔢",
    "null",
    "-None-",
    "0012",
    "=1+2",
    "1,5",
    "back\\slash and 'single' quotes",
    "true",
    "e\u0301 is not \u00e9",
    '"quoted"',
    ";",
    "NaN",
)
AWKWARD_LINES = (
    "first line\nsecond line",
    'a "quoted"\r\nline, and more;\n\nand a last one',
    "column one\tcolumn two\nvalue\tother",
    "\u2028 separates lines in Unicode only",
)

DECIMALS = tuple(
    map(
        Decimal,
        (
            "0",
            "-0.01",
            "12345678901234.56",
            "0.1",
            "1000000",
            "9007199254740993.25",
            "-98765.4321",
            "0.3",
            "100.10",
        ),
    )
)
FINE_DECIMALS = tuple(
    map(Decimal, ("46.18785123456789012", "-123.83131234567890123", "0.1234567890123456789"))
)
BIG_INTEGERS = (9_007_199_254_740_993, 999_999_999_999_999_999, 0, -42, 1)
INTEGERS = (0, -1, 1, 999_999_999)
DAYS = (
    "1969-12-31",
    "1903-02-28",
    "2999-12-31",
    "2024-02-29",
    "1970-01-01",
    "2038-01-19",
    "1582-10-15",
)
# Before 1970, far ahead, and on both sides of the hours that are missing or come twice.
INSTANTS = (
    -86_401,
    -2_208_988_800,
    7_258_118_400,
    1_710_064_799,
    1_710_064_800,
    1_730_622_600,
    1_730_626_200,
    2_147_483_648,
)
