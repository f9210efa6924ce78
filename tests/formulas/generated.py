"""Formulas by chance, of every type, and rows for them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

FIELDS = {
    "number": ("Amount", "Rate", "Pieces"),
    "text": ("Name", "Stage"),
    "boolean": ("Won", "Open"),
    "date": ("Begins", "Ends"),
    "datetime": ("Made", "Seen"),
}
KINDS = {
    "Amount": "number",
    "Rate": "number",
    "Pieces": "integer",
    "Name": "string",
    "Stage": "string",
    "Won": "boolean",
    "Open": "boolean",
    "Begins": "date",
    "Ends": "date",
    "Made": "timestamp",
    "Seen": "timestamp",
}
_TEXTS = ("", "a", "Closed Won", "Closed Lost", " déjà\tvu ", "船 💧", "It's", "100%", "{x}", "Ab")
_NUMBERS = ("0", "1", "2", "12", "0.5", "100", "1440", "3.25", ".1")


class Maker:
    """Makes formulas; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def formula(self, depth: int) -> tuple[str, str]:
        """A formula, and the type that it returns."""
        type_ = self._random.choice(list(FIELDS))
        return self.of_type(type_, depth), type_

    def of_type(self, type_: str, depth: int) -> str:
        """A formula of this type."""
        if depth <= 0 or self._random.random() < 0.1:
            return self._leaf(type_)
        if self._random.random() < 0.1:
            yes, no = self.of_type(type_, depth - 1), self.of_type(type_, depth - 1)
            return f"If({self.of_type('boolean', depth - 1)},{yes},{no})"
        return str(getattr(self, f"_{type_}")(depth - 1))

    def _leaf(self, type_: str) -> str:
        literals: dict[str, Sequence[str]] = {
            "number": _NUMBERS,
            "text": ("''", "'a'", "' '", "'Closed Won'", '"It\'s"', "'—'"),
            "boolean": ("true", "False"),
            "date": ("Datepart(Newdate(2024,2,28,12,30,'PM'))",),
            "datetime": ("Newdate(2024,7,1,06,30,'AM')", "Newdate(2023,12,28,12,0,'AM')"),
        }
        fields = [f"${{{name}}}" for name in FIELDS[type_]]
        return self._random.choice([*fields, *fields, *literals[type_]])

    def _number(self, depth: int) -> str:
        one, two = self.of_type("number", depth), self.of_type("number", depth)
        text = self.of_type("text", depth)
        when = self.of_type(self._random.choice(["date", "datetime"]), depth)
        return self._random.choice(
            [
                *(f"({one}{sign}{two})" for sign in "+-*/%"),
                *(f"{name}({one})" for name in ("Abs", "Ceil", "Floor", "Round", "-", "+")),
                *(f"{name}({one},{two})" for name in ("Max", "MIN")),
                *(f"{name}({one})" for name in ("Sqrt", "Naturallog", "Base10log")),
                f"Round({one},{self._random.randint(0, 3)})",
                f"{self._leaf('number')}^{self._random.randint(0, 3)}",
                f"Len({text})",
                *(f"{part}({when})" for part in ("Year", "Month", "Dayofmonth", "Weekday")),
                f"Hour({self.of_type('datetime', depth)})",
                f"Datecomp({when},{self.of_type('date', depth)})/1440",
                f"Find({text},'a',1)",
            ]
        )

    def _text(self, depth: int) -> str:
        one, two = self.of_type("text", depth), self.of_type("text", depth)
        return self._random.choice(
            [
                f"Concat({one},{two})",
                f"Concat({one},'-',{two},{one})",
                *(f"{name}({one})" for name in ("Lower", "Upper", "Trim", "Tostring")),
                f"Substring({one},1,{self._random.randint(1, 6)})",
                f"Replace({one},'a',{two})",
                f"Tostring({self.of_type('number', depth)})",
            ]
        )

    def _boolean(self, depth: int) -> str:
        kind = self._random.choice(["number", "text", "date", "datetime"])
        one, two = self.of_type(kind, depth), self.of_type(kind, depth)
        yes, no = self.of_type("boolean", depth), self.of_type("boolean", depth)
        text = self.of_type("text", depth)
        signs = ["==", "!=", "="] if kind == "text" else ["==", "!=", "<", ">", "<=", ">="]
        return self._random.choice(
            [
                *[f"({one}{self._random.choice(signs)}{two})"] * 4,
                f"And({yes},{no})",
                f"Or({yes},{no},{yes})",
                f"({yes} && {no})",
                f"({yes} || {no})",
                f"Not({yes})",
                f"!({yes})",
                *(f"{name}({text},'a')" for name in ("Contains", "Startswith", "Endswith")),
                f"IsPositive({self.of_type('number', depth)})",
            ]
        )

    def _date(self, depth: int) -> str:
        unit = self._random.choice(["DAY", "MONTH", "YEAR"])
        count = self._random.choice(["1", "-3", "30", "${Pieces}", "Floor(${Rate})", "${Rate}"])
        name = self._random.choice(["Adddate", "Subdate"])
        return self._random.choice(
            [
                f"{name}({self.of_type('date', depth)},{count},'{unit}')",
                f"Datepart({self.of_type('datetime', depth)})",
                f"Max({self.of_type('date', depth)},{self._leaf('date')})",
            ]
        )

    def _datetime(self, depth: int) -> str:
        unit = self._random.choice(["HOUR", "minute", "DAY", "MONTH"])
        when = self.of_type("datetime", depth)
        return self._random.choice(
            [
                f"Adddate({when},{self._random.randint(1, 40)},'{unit}')",
                f"Min({when},{self.of_type('date', depth)})",
                f"Newdate(Year({when}),3,15,8,0,'AM')",
            ]
        )

    def rows(self, count: int) -> list[dict[str, Any]]:
        """Rows of all fields, some of which are empty."""
        return [self._row() for _ in range(count)]

    def _row(self) -> dict[str, Any]:
        chance = self._random
        first = datetime(2019, 1, 1, tzinfo=timezone.utc)
        row: dict[str, Any] = {
            "Amount": chance.choice([0.0, 1.5, -3.5, 90000.0, chance.uniform(-1e6, 1e6)]),
            "Rate": chance.choice([0.0, 0.5, 12.25, -7.0, chance.uniform(-100, 100)]),
            "Pieces": chance.choice([0, 1, -2, 31, chance.randint(-400, 400)]),
            "Name": chance.choice(_TEXTS),
            "Stage": chance.choice(_TEXTS),
            "Won": chance.random() < 0.5,
            "Open": chance.random() < 0.5,
            **{
                name: date(2019, 1, 1) + timedelta(days=chance.randrange(3000))
                for name in FIELDS["date"]
            },
            **{
                name: first + timedelta(minutes=chance.randrange(4_000_000))
                for name in FIELDS["datetime"]
            },
        }
        return {name: None if chance.random() < 0.15 else value for name, value in row.items()}
