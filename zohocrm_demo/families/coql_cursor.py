"""A place in a COQL query, moving from piece to piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.families.coql_tokens import RESERVED, Token, syntax_error, tokens

if TYPE_CHECKING:
    from zohocrm_demo.errors import ZohoError


class Cursor:
    """Reads a query from left to right.

    Args:
        query: The query.
    """

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = tokens(query)
        self._next = 0

    def opens_bracket(self) -> bool:
        """Whether the piece after the next one is an opening bracket."""
        return not self.at_end() and self._tokens[self._next + 1].is_symbol("(")

    @property
    def now(self) -> Token:
        """The piece that comes next."""
        return self._tokens[self._next]

    def take(self) -> Token:
        """Take the next piece."""
        token = self.now
        self._next += 1
        return token

    def wrong(self) -> ZohoError:
        """400 SYNTAX_ERROR at the next piece."""
        return syntax_error(self._query, self.now.place)

    def word(self, word: str) -> None:
        """Take this keyword, or raise SYNTAX_ERROR."""
        if not self.skip_word(word):
            raise self.wrong()

    def skip_word(self, *words: str) -> bool:
        """Take one of these keywords if it comes next, and say whether it did."""
        if self.now.is_word(*words):
            self._next += 1
            return True
        return False

    def symbol(self, symbol: str) -> None:
        """Take this symbol, or raise SYNTAX_ERROR."""
        if not self.skip_symbol(symbol):
            raise self.wrong()

    def skip_symbol(self, symbol: str) -> bool:
        """Take this symbol if it comes next, and say whether it did."""
        if self.now.is_symbol(symbol):
            self._next += 1
            return True
        return False

    def at_end(self) -> bool:
        """Whether nothing comes any more."""
        return self.now.kind == "end"

    def ends_clause(self) -> bool:
        """Whether the clause ends here."""
        return self.at_end() or self.now.is_word("group", "order", "limit", "offset")

    def name(self) -> str:
        """Take a name: reserved words and names with spaces stand in quotes."""
        token = self.now
        if token.kind == "text" and token.text.strip():
            return self.take().text
        if token.kind != "name" or "#" in token.text:
            raise self.wrong()
        if token.text.lower() in RESERVED:
            raise self.wrong()
        return self.take().text
