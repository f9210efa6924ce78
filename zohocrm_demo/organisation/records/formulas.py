"""What formulas give: an interpreter of their texts.

Source: https://help.zoho.com/portal/en/kb/crm/customize-crm-account/customizing-fields/articles/create-formula-fields

Values are float, str, bool, date, aware datetime, or None for what is empty. What leads nowhere (a
division by zero, the root of a negative number, a day outside the calendar) is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, TypeAlias

from zohocrm_demo.organisation.records.formula_functions import functions

Lookup: TypeAlias = Callable[[str], Any]
"""The value of a field by its API name."""
Formula: TypeAlias = Callable[[Lookup], Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*|\.\d+)|(?P<text>'[^']*'|\"[^\"]*\")|\$\{(?P<field>[^}]+)\}"
    r"|(?P<name>\w+)|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/%^<>=!(),]))"
)
# How tightly operators bind.
_TIGHT: Mapping[str, int] = {
    **dict.fromkeys(("==", "=", "!="), 3),
    **dict.fromkeys(("<", ">", "<=", ">="), 4),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "%"), 6),
    "||": 1,
    "&&": 2,
    "^": 8,
}
_UNARY = 7


@dataclass(frozen=True, slots=True)
class _Node:
    """A part of a formula; `field` is its name where it is nothing but a field."""

    value: Formula
    field: str = ""


def interpreted(text: str, zone: tzinfo) -> Formula:
    """The formula of this text; days and hours are those of the zone.

    Raises:
        ValueError: The text is not a formula.
    """
    return _Interpreter(text, zone).whole().value


class _Interpreter:
    """Reads a text from left to right."""

    def __init__(self, text: str, zone: tzinfo) -> None:
        self._tokens = list(_tokens(text))
        self._at = 0
        self._functions = functions(zone)

    def whole(self) -> _Node:
        node = self._expression(0)
        if self._peek():
            raise ValueError(f"{self._peek()} after the end")
        return node

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _next(self, wanted: str = "") -> tuple[str, str]:
        if self._at == len(self._tokens):
            raise ValueError("the formula ends too early")
        kind, token = self._tokens[self._at]
        if wanted and token != wanted:
            raise ValueError(f"{token} in place of {wanted}")
        self._at += 1
        return kind, token

    def _expression(self, least: int) -> _Node:
        left = self._operand()
        while self._is_sign() and _TIGHT.get(self._peek(), -1) > least:
            sign = self._next()[1]
            left = self._applied(
                "==" if sign == "=" else sign, left, self._expression(_TIGHT[sign])
            )
        return left

    def _is_sign(self) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at][0] == "sign"

    def _operand(self) -> _Node:
        kind, token = self._next()
        if kind == "number":
            number = float(token)
            return _Node(lambda _: number)
        if kind == "text":
            return _Node(lambda _: token[1:-1])
        if kind == "field":
            return _Node(lambda lookup: lookup(token), token)
        if kind == "name":
            return self._named(token)
        return self._after(token)

    def _after(self, sign: str) -> _Node:
        if sign == "(":
            inner = self._expression(0)
            self._next(")")
            return inner
        if sign in {"-", "+", "!"}:
            operand = self._expression(_UNARY)
            return operand if sign == "+" else self._applied(f"{sign}1", operand)
        raise ValueError(f"{sign} in place of a value")

    def _named(self, name: str) -> _Node:
        if name.lower() in {"true", "false"}:
            return _Node(lambda _: name.lower() == "true")
        arguments = []
        self._next("(")
        while self._peek() != ")":
            arguments.append(self._expression(0))
            if self._peek() != ")":
                self._next(",")
        self._next(")")
        return self._applied(name.lower(), *arguments)

    def _applied(self, name: str, *nodes: _Node) -> _Node:
        if name == "if":
            condition, yes, no = (node.value for node in nodes)
            branches: Mapping[Any, Formula] = {True: yes, False: no, None: lambda _: None}
            return _Node(lambda lookup: branches[condition(lookup)](lookup))
        if name in {"&&", "and", "||", "or"}:
            end = name in {"||", "or"}
            return _Node(lambda lookup: _decided(end, (node.value(lookup) for node in nodes)))
        function = self._functions.get(name)
        if function is None:
            raise ValueError(f"no function {name}")
        zero = _ADDED.get(name)

        def value(lookup: Lookup) -> Any:
            found = [node.value(lookup) for node in nodes]
            if zero is not None:
                # An empty field that is added does not spoil the sum.
                pairs = zip(found, nodes, strict=True)
                found = [zero if one is None and node.field else one for one, node in pairs]
            if any(one is None for one in found):
                return None
            try:
                return function(*found)
            except (ArithmeticError, ValueError, OverflowError):
                return None

        return _Node(value)


_ADDED: Mapping[str, Any] = {"+": 0.0, "-": 0.0, "concat": ""}


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"{text[at : at + 20]} in a formula")
        kind = str(found.lastgroup)
        yield kind, found[kind].strip() if kind == "field" else found[kind]
        at = found.end()


def _decided(end: bool, values: Iterator[Any]) -> bool | None:  # noqa: FBT001 - what ends it
    """False ends an And, true an Or; what is empty leaves it open."""
    is_open = False
    for value in values:
        if value is end:
            return value is True
        is_open |= value is None
    return None if is_open else not end
