"""A formula's tree into SQL of one dialect."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from zohocrm_atlas.formulas.functions import (
    BOOLEAN,
    DATE,
    DATETIME,
    NUMBER,
    TEXT,
    Function,
    functions,
)
from zohocrm_atlas.formulas.parser import (
    Call,
    Expression,
    Literal,
    NotUnderstoodError,
    Reference,
    Value,
)
from zohocrm_atlas.formulas.pieces import TIMES, Piece, called, quoted
from zohocrm_atlas.formulas.times import Times

_LONGEST = 50_000
_COMPARED = frozenset({"==", "!=", "<", "<=", ">", ">="})
_ZERO = MappingProxyType({NUMBER: "0e0", TEXT: "''", BOOLEAN: "false"})
_FEW, _MOST_DECIMALS = 9, 9


class Translator:
    """Translates the formulas of one module.

    Args:
        dialect: duckdb, postgres, snowflake or bigquery.
        field: The column of a field by the name that the formula has for it.
        zone: The organisation's time zone; empty if it is not known.
        assume_default: Whether empty fields count as 0, '' or false.
    """

    def __init__(
        self,
        dialect: str,
        field: Callable[[str], Piece],
        zone: str,
        *,
        assume_default: bool,
    ) -> None:
        self._dialect = dialect
        self._field = field
        self._times = Times(dialect, zone)
        self._assume_default = assume_default
        self._special: Mapping[str, Callable[[Sequence[Piece]], Piece]] = {
            "if": self._if,
            "max": lambda parts: self._most("greatest", parts),
            "min": lambda parts: self._most("least", parts),
            "^": self._power,
            "round": self._round,
            "substring": self._substring,
            "replace": self._replace,
            "newdate": self._times.new_date,
            "adddate": self._times.add,
            "subdate": lambda parts: self._times.add(parts, sign="-"),
            "datecomp": self._minutes,
            "/": self._divide,
            **{name: partial(self._sum, name) for name in ("+", "-", "concat")},
        }

    def translate(self, tree: Expression, type_: str) -> str:
        """The SQL of a whole formula that returns this type.

        Raises:
            NotUnderstoodError: A part of it has no certain meaning.
        """
        piece = self._piece(tree)
        if type_ in TIMES and piece.type in TIMES:
            piece = self._times.date(piece) if type_ == DATE else self._times.instant(piece)
        if piece.type != type_:
            raise NotUnderstoodError(f"it returns {type_}, and is {called(piece.type)}")
        if type_ == DATETIME:
            return self._times.sql("loaded", piece.sql)
        return f"nullif({piece.sql}, '')" if type_ == TEXT else piece.sql

    def as_number(self, sql: str) -> str:
        """A column as the number that formulas count with."""
        return f"cast({sql} as {self._times.sql('double')})"

    def _piece(self, tree: Expression) -> Piece:
        if isinstance(tree, Literal):
            return self._literal(tree.value)
        if isinstance(tree, Reference):
            return self._reference(tree.name)
        return self._call(tree)

    def _literal(self, value: Value) -> Piece:
        if isinstance(value, bool):
            return Piece(str(value).lower(), BOOLEAN, literal=value)
        if isinstance(value, str):
            return Piece(quoted(value, self._dialect), TEXT, literal=value)
        sql = f"{value!r}" if "e" in repr(value) else f"{value!r}e0"
        return Piece(sql, NUMBER, whole=isinstance(value, int), literal=value)

    def _reference(self, name: str) -> Piece:
        piece = self._field(name)
        sql = piece.sql
        if piece.type == NUMBER:
            sql = self.as_number(sql)
        elif piece.type == DATETIME:
            sql = self._times.sql("column", sql)
        zero = _ZERO.get(piece.type) if self._assume_default else None
        if zero:
            sql = f"coalesce({sql}, {zero})"
        return dataclasses.replace(piece, sql=sql, empty=not zero, direct=True)

    def _call(self, call: Call) -> Piece:
        parts = [self._piece(each) for each in call.arguments]
        if call.name in _COMPARED:
            found = self._compare(call.name, parts)
        elif call.name in self._special:
            found = self._special[call.name](parts)
        else:
            found = self._plain(call.name, parts)
        if len(found.sql) > _LONGEST:
            raise NotUnderstoodError(f"its SQL would be longer than {_LONGEST:,} characters")
        return found

    def _plain(self, name: str, parts: Sequence[Piece]) -> Piece:
        known = functions()
        function = known.known.get(name)
        if function is None or not _fits(function, parts):
            if name in known.left_open:
                raise NotUnderstoodError(known.left_open[name])
            if function is None:
                raise NotUnderstoodError(f"there is no function {name}")
        takes = [*function.takes, *function.takes[-1:] * (len(parts) - len(function.takes))]
        if len(takes) != len(parts):
            raise NotUnderstoodError(f"{name} takes {len(function.takes)} values")
        found = [self._as(kind, part, name) for kind, part in zip(takes, parts, strict=True)]
        several = [part.sql for part in found]
        if function.infix:
            sql = f"({function.infix.join(several)})" if len(several) > 1 else several[0]
        else:
            sql = function.sql[self._dialect].format(*several)
        return Piece(
            sql,
            function.returns,
            empty=function.empty or any(part.empty for part in found),
            whole=function.whole == "always"
            or (function.whole == "same" and all(part.whole for part in found)),
        )

    def _as(self, kind: str, part: Piece, name: str) -> Piece:
        if kind == "local" and part.type in TIMES:
            if part.type == DATE and name in {"hour", "minute"}:
                raise NotUnderstoodError(f"{name} of a date without time")
            return part if part.type == DATE else self._times.local(part)
        if kind == DATETIME and part.type in TIMES:
            return self._times.instant(part)
        if kind != part.type:
            wanted = "a date" if kind in {"local", DATETIME} else called(kind)
            raise NotUnderstoodError(f"{name} takes {wanted}, not {called(part.type)}")
        return part

    def _sum(self, name: str, parts: Sequence[Piece]) -> Piece:
        """A field that is added counts as zero, if it is empty, whatever else it counts as."""
        return self._plain(name, [self._filled(part) for part in parts])

    def _divide(self, parts: Sequence[Piece]) -> Piece:
        """By zero, it is empty."""
        found = self._plain("/", parts)
        divided, by = parts
        if not by.literal:
            return found
        return dataclasses.replace(found, sql=f"({divided.sql} / {by.sql})", empty=divided.empty)

    def _minutes(self, parts: Sequence[Piece]) -> Piece:
        """Between two dates, whole days, whatever the clocks did on them."""
        if all(part.type == DATE for part in parts):
            parts = [self._times.midnight(part) for part in parts]
        return self._plain("datecomp", parts)

    def _filled(self, part: Piece) -> Piece:
        if not (part.direct and part.empty and part.type in {NUMBER, TEXT}):
            return part
        return dataclasses.replace(
            part, sql=f"coalesce({part.sql}, {_ZERO[part.type]})", empty=False
        )

    def _compare(self, name: str, parts: Sequence[Piece]) -> Piece:
        left, right = self._alike(parts)
        if left.type in {TEXT, BOOLEAN} and name not in {"==", "!="}:
            raise NotUnderstoodError(f"{name} between texts")
        sign = {"==": "=", "!=": "<>"}.get(name, name)
        return Piece(f"({left.sql} {sign} {right.sql})", BOOLEAN, empty=left.empty or right.empty)

    def _if(self, parts: Sequence[Piece]) -> Piece:
        if len(parts) != 3:  # noqa: PLR2004
            raise NotUnderstoodError("If takes 3 values")
        condition = self._as(BOOLEAN, parts[0], "If")
        yes, no = self._alike(parts[1:])
        test = condition.sql
        cases = f"{test} when true then {yes.sql} when false then {no.sql}"
        if not condition.empty:
            cases = f"when {test} then {yes.sql} else {no.sql}"
        return Piece(
            f"case {cases} end",
            yes.type,
            empty=condition.empty or yes.empty or no.empty,
            whole=yes.whole and no.whole,
        )

    def _most(self, function: str, parts: Sequence[Piece]) -> Piece:
        if not parts:
            raise NotUnderstoodError(f"{function} of nothing")
        several = self._alike(parts)
        if several[0].type not in {NUMBER, *TIMES}:
            raise NotUnderstoodError(f"the {function} of {called(several[0].type)}")
        sql = f"{function}({', '.join(part.sql for part in several)})"
        nullable = [part.sql for part in several if part.empty]
        if nullable and self._dialect in {"duckdb", "postgres"}:
            # There, the others count where one is null.
            some = " or ".join(f"{each} is null" for each in nullable)
            sql = f"case when {some} then null else {sql} end"
        whole = all(part.whole for part in several)
        return Piece(sql, several[0].type, empty=bool(nullable), whole=whole)

    def _power(self, parts: Sequence[Piece]) -> Piece:
        base, exponent = (self._as(NUMBER, part, "^") for part in parts)
        if exponent.count is None or not 0 <= exponent.count <= _FEW:
            raise NotUnderstoodError(f"^ by anything but a whole number up to {_FEW}")
        return Piece(f"power({base.sql}, {exponent.sql})", NUMBER, base.empty, base.whole)

    def _round(self, parts: Sequence[Piece]) -> Piece:
        """Halves go up, those of negative numbers, too: -3.5 is rounded to -3."""
        places = parts[1].count if len(parts) > 1 else 0
        if len(parts) not in {1, 2} or places not in range(_MOST_DECIMALS + 1):
            raise NotUnderstoodError("Round takes a number, and how many decimals as a number")
        number = self._as(NUMBER, parts[0], "Round")
        if not places:
            return Piece(f"floor({number.sql} + 0.5e0)", NUMBER, number.empty, whole=True)
        scale = f"1e{places}"
        sql = f"(floor({number.sql} * {scale} + 0.5e0) / {scale})"
        return Piece(sql, NUMBER, number.empty)

    def _substring(self, parts: Sequence[Piece]) -> Piece:
        bounds = [part.count for part in parts[1:]]
        if len(bounds) != 2 or bounds[0] != 1 or (bounds[1] or 0) < 1:  # noqa: PLR2004
            raise NotUnderstoodError(functions().left_open["substring"])
        text = self._as(TEXT, parts[0], "Substring")
        return Piece(f"substr({text.sql}, 1, {bounds[1]})", TEXT, text.empty)

    def _replace(self, parts: Sequence[Piece]) -> Piece:
        if len(parts) != 3 or not parts[1].literal:  # noqa: PLR2004
            raise NotUnderstoodError("Replace takes three texts, the second of them as it is")
        several = [self._as(TEXT, part, "Replace") for part in parts]
        sql = f"replace({', '.join(part.sql for part in several)})"
        return Piece(sql, TEXT, any(part.empty for part in several))

    def _alike(self, parts: Sequence[Piece]) -> Sequence[Piece]:
        """The parts as of one type: a date beside date-times is its midnight."""
        types = {part.type for part in parts}
        if types == TIMES:
            return [self._times.instant(part) for part in parts]
        if len(types) > 1:
            found = " and ".join(sorted(called(each) for each in types))
            raise NotUnderstoodError(f"{found} beside each other")
        return parts


def _fits(function: Function, parts: Sequence[Piece]) -> bool:
    return all(
        kind in {part.type, "local", DATETIME}
        for kind, part in zip(function.takes, parts, strict=False)
    )
