"""COQL, letter by letter: words, names, numbers and quoted texts with their places.

Source: https://www.zoho.com/crm/developer/docs/api/v8/COQL-Overview.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

from zohocrm_demo.errors import ZohoError

_KEYWORDS = """
    select from where and or not in like between is null order group by limit offset as asc desc
    true false
"""
# Words of SQL that no column may be called by without quotes. Zoho gives External as an example
# and no list; these are SQL's own.
_OTHER_RESERVED = """
    all any array both case cast check column condition constraint create cross cube current
    current_date current_time current_timestamp current_user date day default delete describe
    distinct drop each else end escape every except exists external fetch filter for foreign
    full function grant having hour inner insert intersect interval into join key lag language
    lead leading left local match measures merge method minute month natural new no of old on
    only out outer over overlaps partition percent period position precision primary procedure
    range rank recursive references result return revoke right rollup row rows second set show
    similar some start static sum table then time timestamp to top trailing trigger truncate
    union unique unknown update upper user using value values view when window with within year
"""
KEYWORDS = frozenset(_KEYWORDS.split())
RESERVED = KEYWORDS | frozenset(_OTHER_RESERVED.split())
AGGREGATES = frozenset({"SUM", "MIN", "MAX", "AVG", "COUNT"})

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
_NEAR = 20


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a query.

    Attributes:
        kind: `end` comes last and has no text.
        text: As written; a quoted text without its quotes and with its inner ones undoubled.
        place: Where it begins, from 0.
    """

    kind: Literal["text", "number", "name", "symbol", "end"]
    text: str
    place: int

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these keywords; they are written in any case."""
        return self.kind == "name" and self.text.lower() in words

    def is_symbol(self, *symbols: str) -> bool:
        """Whether it is one of these symbols."""
        return self.kind == "symbol" and self.text in symbols


def tokens(query: str) -> list[Token]:
    """Take a query to pieces.

    Raises:
        ZohoError: 400 SYNTAX_ERROR.
    """
    found: list[Token] = []
    place = 0
    while place < len(query):
        match = _PATTERN.match(query, place)
        if match is None:
            raise syntax_error(query, place)
        text = match.group()
        match match.lastgroup:
            case "text":
                quote = text[0]
                found.append(Token("text", text[1:-1].replace(quote * 2, quote), place))
            case "number" | "name" | "symbol" as kind:
                found.append(Token(kind, text, place))
            case _:
                pass
        place = match.end()
    return [*found, Token("end", "", len(query))]


def syntax_error(query: str, place: int) -> ZohoError:
    """400 SYNTAX_ERROR; `details {line, column, near}`, both counted from 1."""
    before = query[:place]
    line = before.count("\n") + 1
    column = place - (before.rfind("\n") + 1) + 1
    details = {"line": line, "column": column, "near": query[place : place + _NEAR]}
    return ZohoError(400, "SYNTAX_ERROR", "error occurred while parsing the query", details)


def missing_clause(clause: str) -> ZohoError:
    """400 SYNTAX_ERROR; `details {clause}`."""
    return ZohoError(400, "SYNTAX_ERROR", f"missing clause {clause}", {"clause": clause})


def invalid_query(message: str, **details: Any) -> ZohoError:
    """400 INVALID_QUERY: it can be parsed, but not answered."""
    return ZohoError(400, "INVALID_QUERY", message, details)


def over_limit(message: str, limit: int, clause: str) -> ZohoError:
    """400 LIMIT_EXCEEDED; `details {limit, clause}`."""
    return ZohoError(400, "LIMIT_EXCEEDED", message, {"limit": limit, "clause": clause})
