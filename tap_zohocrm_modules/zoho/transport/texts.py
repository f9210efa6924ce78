"""Texts for people, made of what others sent."""

from __future__ import annotations


def one_line(text: str) -> str:
    """Return the text as one line of printable characters, so that it cannot forge a log."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def counted(number: int, what: str) -> str:
    """Return how many there are of what, as `1 call` or `2,000 calls`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
