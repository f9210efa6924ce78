"""Finds tables and columns by their names, which loaders fold, prefix and suffix."""

from __future__ import annotations

import collections
import re
from collections.abc import Callable, Collection, Mapping, Sequence

_OTHER_SIGN = re.compile(r"[^0-9a-z]+")


def _folded(name: str) -> str:
    """Return a name whatever its case, each run of other signs one underscore."""
    return _OTHER_SIGN.sub("_", name.lower())


def _squeezed(name: str) -> str:
    """Return the letters and digits of a name, whatever their case."""
    return _OTHER_SIGN.sub("", name.lower())


_SPELLINGS: Sequence[Callable[[str], str]] = (str, str.lower, _folded, _squeezed)
"""The ways to compare two names, the strictest first."""


def matches(wanted: Collection[str], found: Collection[str]) -> dict[str, str]:
    """Return which of the names found is meant by each wanted one, as far as that is plain.

    A name that is spelt more alike wins; where two would do equally well, none does. What loaders
    put before or behind all names alike is passed over.
    """
    known = _spelt_alike(wanted, found)
    if before_and_after := _affixes(wanted, found, known):
        before, after = before_and_after
        bare = {
            name[len(before) : len(name) - len(after)]: name
            for name in found
            if name not in known.values()
            and len(name) > len(before) + len(after)
            and name.lower().startswith(before)
            and name.lower().endswith(after)
        }
        left = [name for name in wanted if name not in known]
        known.update((name, bare[one]) for name, one in _spelt_alike(left, bare).items())
    return known


def _spelt_alike(wanted: Collection[str], found: Collection[str]) -> dict[str, str]:
    known: dict[str, str] = {}
    for spelling in _SPELLINGS:
        left = [name for name in wanted if name not in known]
        taken = {*known.values()}
        spelt: dict[str, list[str]] = collections.defaultdict(list)
        for name in found:
            if name not in taken:
                spelt[spelling(name)].append(name)
        meant = collections.Counter(map(spelling, left))
        for name in left:
            candidates = spelt.get(spelling(name), [])
            if len(candidates) == 1 and meant[spelling(name)] == 1:
                known[name] = candidates[0]
    return known


def _affixes(
    wanted: Collection[str], found: Collection[str], known: Mapping[str, str]
) -> tuple[str, str] | None:
    """Return what most names found have before and behind the wanted ones, in lower case.

    None if more of them have nothing: a loader treats all names alike.
    """
    votes: collections.Counter[tuple[str, str]] = collections.Counter()
    left = [name.lower() for name in wanted if name not in known]
    for name in found:
        for inner in left:
            before, middle, after = name.lower().partition(inner)
            if middle and not (before[-1:].isalnum() or after[:1].isalnum()):
                votes[before, after] += 1
    # Of equally many, what adds less.
    best = max(votes, key=lambda pair: (votes[pair], -len("".join(pair)), pair), default=None)
    return best if best is not None and votes[best] > len(known) else None
