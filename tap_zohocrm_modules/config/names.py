"""Names of settings that do not exist: typing errors, and what they probably mean."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Collection, Iterable

_SURE = 0.8
"""So alike (`difflib`), a name is a typing error of the other."""


@dataclasses.dataclass(frozen=True, slots=True)
class UnknownNames:
    """Unknown settings, a sentence each: near misses are errors, the others deserve a warning."""

    errors: list[str]
    warnings: list[str]


def unknown_names(config: Iterable[str], known: Collection[str]) -> UnknownNames:
    """Return what is wrong with the names of a configuration.

    A setting that nearly has one of our names is meant, and a run without it would be another run
    than the user wants.
    """
    errors, warnings = [], []
    for key in config:
        if key in known:
            continue
        close = _closest(key, known)
        if close is None:
            warnings.append(f"There is no setting {key!r}: it has no effect.")
        else:
            errors.append(f"{key} is no setting: did you mean {close}?")
    return UnknownNames(errors, warnings)


def _closest(key: str, known: Collection[str]) -> str | None:
    plain = {_plain(name): name for name in known}
    found = difflib.get_close_matches(_plain(key), plain, n=1, cutoff=_SURE)
    return plain[found[0]] if found else None


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
