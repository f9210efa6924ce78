"""Words and names as people and files need them."""

from __future__ import annotations

import re

_NO_ANCHOR = re.compile(r"[^\w-]+")


def anchor(name: str) -> str:
    """A fragment for a name: letters of any script and digits stay, the rest are hyphens."""
    # Most are API names: a large organisation asks for hundreds of thousands.
    return name if name.isascii() and name.isidentifier() else _NO_ANCHOR.sub("-", name)


def counted(number: int | str, noun: str) -> str:
    """`1 field`, `2 fields`."""
    return f"{number} {noun}{'' if str(number) == '1' else 's'}"


def free(name: str, taken: set[str], separator: str = "_") -> str:
    """The name, or the first of `name_2`, `name_3` ... that is not taken; it is then.

    No two differ in case alone, since some file systems and databases hold such names for the same.
    """
    found, count = name, 1
    while found.casefold() in taken:
        count += 1
        found = f"{name}{separator}{count}"
    taken.add(found.casefold())
    return found
