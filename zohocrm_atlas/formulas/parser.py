"""The text of a formula into a tree of calls; operators are calls, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeAlias

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, VisitError

_DEEPEST = 60
_CHAINED = frozenset({"+", "*", "&&", "||"})
_SHOWN = 30
Value: TypeAlias = float | str | bool


class NotUnderstoodError(Exception):
    """A formula that is left out, and why."""


@dataclass(frozen=True)
class Literal:
    """A number, a text, true or false."""

    value: Value


@dataclass(frozen=True)
class Reference:
    """A field, as the formula spells it: `${Amount}`."""

    name: str


@dataclass(frozen=True)
class Call:
    """A function or an operator, and what it is applied to.

    Attributes:
        name: In lower case; one minus is `-`, a sign alone is `negative`.
    """

    name: str
    arguments: Sequence[Expression]
    depth: int


Expression: TypeAlias = Literal | Reference | Call


def parse(text: str) -> Expression:
    """The tree of a formula.

    Raises:
        NotUnderstoodError: It is not in the grammar.
    """
    try:
        found: Expression = _lark().parse(text)  # type: ignore[assignment] # the transformer's
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        if token is not None and token.type == "$END":
            raise NotUnderstoodError("it ends too early") from error
        at = getattr(error, "pos_in_stream", 0)
        rest = " ".join(text[at : at + _SHOWN].split())
        raise NotUnderstoodError(f"character {at + 1} is not understood: {rest}") from error
    except VisitError as error:
        if isinstance(error.orig_exc, NotUnderstoodError):
            raise error.orig_exc from error
        raise
    return found


def references(tree: Expression) -> Iterator[str]:
    """The fields that it names."""
    if isinstance(tree, Reference):
        yield tree.name
    elif isinstance(tree, Call):
        for each in tree.arguments:
            yield from references(each)


def calls(tree: Expression) -> Iterator[str]:
    """The functions and operators that it names."""
    if isinstance(tree, Call):
        yield tree.name
        for each in tree.arguments:
            yield from calls(each)


@cache
def _lark() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text("utf-8")
    # Transformed while it is parsed: a walk over the tree would be as deep as the formula.
    return Lark(grammar, parser="lalr", transformer=_Builder())


def _call(name: str, arguments: Sequence[Expression]) -> Call:
    depth = 1 + max((each.depth for each in arguments if isinstance(each, Call)), default=0)
    if depth > _DEEPEST:
        raise NotUnderstoodError(f"it is nested more than {_DEEPEST} deep")
    return Call(name, tuple(arguments), depth)


@v_args(inline=True)
class _Builder(Transformer[Token, Expression]):
    """What the grammar's rules make."""

    def number(self, token: Token) -> Expression:
        return Literal(int(token) if token.isdecimal() else float(token))

    def text(self, token: Token) -> Expression:
        return Literal(token[1:-1])

    def boolean(self, token: Token) -> Expression:
        return Literal(token.lower() == "true")

    def reference(self, token: Token) -> Expression:
        return Reference(token[2:-1].strip())

    def call(self, name: Token, *arguments: Expression | None) -> Expression:
        return _call(name.lower(), [each for each in arguments if each is not None])

    def sign(self, sign: Token, operand: Expression) -> Expression:
        if sign == "+":
            return operand
        if isinstance(operand, Literal) and not isinstance(operand.value, (bool, str)):
            return Literal(-operand.value)
        return _call("negative", [operand])

    def negation(self, operand: Expression) -> Expression:
        return _call("not", [operand])

    def operation(self, left: Expression, sign: Token, right: Expression) -> Expression:
        name = "==" if sign == "=" else str(sign)
        if name in _CHAINED and isinstance(left, Call) and left.name == name:
            return _call(name, [*left.arguments, right])
        return _call(name, [left, right])
