"""COQL, piece by piece: words, names, numbers and quoted texts with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.families.records_access import ACCESS

_RESERVED = frozenset(ACCESS["reserved"].split())
_PATTERN = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    | (?P<name>[^\W\d][\w$]*(?:\.[^\W\d][\w$]*)*(?:\#\d+)?)
    | (?P<symbol><=|>=|!=|[=<>(),])
    """,
    re.VERBOSE,
)
_PIECE = re.compile(r"\w+|\S")


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a query, from 0; a quoted text without its quotes, with inner ones undoubled."""

    kind: str
    text: str
    place: int

    def says(self, *words: str) -> bool:
        """Whether it is one of these symbols or keywords, which are written in any case."""
        return self.kind in {"name", "symbol"} and self.text.lower() in words


def tokens(query: str) -> list[Token]:
    """Take a query to pieces; 400 SYNTAX_ERROR."""
    found: list[Token] = []
    place = 0
    while place < len(query):
        match = _PATTERN.match(query, place)
        if match is None:
            raise syntax_error(query, place)
        kind, text = str(match.lastgroup), match.group()
        if kind == "text":
            text = text[1:-1].replace(text[0] * 2, text[0])
        if kind != "space":
            found.append(Token(kind, text, place))
        place = match.end()
    return [*found, Token("end", "", len(query))]


def syntax_error(query: str, place: int) -> ZohoError:
    """400 SYNTAX_ERROR; `details {line, column, near}`, both counted from 1."""
    before = query[:place]
    line, column = before.count("\n") + 1, place - before.rfind("\n")
    piece = _PIECE.match(query, place)
    near = "" if piece is None else piece.group()
    return ZohoError("SYNTAX_ERROR", line=line, column=column, near=near)


class Cursor:
    """Reads a query from left to right; `now` is the piece that comes next."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = iter(tokens(query))
        self.now = next(self._tokens)
        self.then = next(self._tokens, self.now)

    def take(self) -> Token:
        """Take the next piece."""
        token, self.now = self.now, self.then
        self.then = next(self._tokens, self.now)
        return token

    def wrong(self) -> ZohoError:
        """400 SYNTAX_ERROR at the next piece."""
        return syntax_error(self._query, self.now.place)

    def skip(self, *words: str) -> bool:
        """Take one of these symbols or keywords if it comes next, and say whether it did."""
        return self.now.says(*words) and bool(self.take())

    def expect(self, word: str) -> None:
        """Take this symbol or keyword, or raise SYNTAX_ERROR."""
        if not self.skip(word):
            raise self.wrong()

    def at_end(self) -> bool:
        """Whether nothing comes any more."""
        return self.now.kind == "end"

    def ends_clause(self) -> bool:
        """Whether the clause ends here."""
        return self.at_end() or self.now.says("group", "order", "limit", "offset", ")")

    def name(self) -> str:
        """Take a name: reserved words and names with spaces stand in quotes."""
        token = self.now
        quoted = token.kind == "text" and token.text.strip()
        plain = token.kind == "name" and "#" not in token.text
        if not quoted and (not plain or token.text.lower() in _RESERVED):
            raise self.wrong()
        return self.take().text
