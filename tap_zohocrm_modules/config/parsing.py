"""From a configuration to typed values, or to every problem that it has."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from tap_zohocrm_modules.config.choices import Environment, PrivateFields
from tap_zohocrm_modules.config.setting import Setting

_KEY = "private_field_key"
_WITHOUT_KEY = (
    f"private_fields is hash, which needs {_KEY}: set it to a long random text, and keep it, for"
    " another one makes other hashes"
)
_SURE = 0.8
"""So alike (`difflib`), a name is a typing error of the other."""


class SettingsError(ValueError):
    """One or more settings are wrong; each problem is one sentence that names its key."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def read_values(config: Mapping[str, Any], table: Mapping[str, Setting]) -> dict[str, Any]:
    """Return the parsed values of the settings that a configuration holds; see Settings.parse."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for key, entry in table.items():
        raw = config.get(key)
        if raw is None or raw == "":
            continue
        try:
            values[key] = entry.kind.parse(raw)
        except ValueError as error:
            shown = "" if entry.secret else f" is {_shown(raw)}, which"
            problems.append(f"{key}{shown} {error}")
    secrets = [key for key, entry in table.items() if entry.required]
    if values.get("private_fields") is PrivateFields.HASH and not values.get(_KEY):
        wrong = any(problem.startswith(_KEY) for problem in problems)
        problems += [] if wrong else [_WITHOUT_KEY]
    problems += _missing(values, secrets, wrong={problem.split()[0] for problem in problems})
    if problems:
        raise SettingsError(problems)
    return values


def _missing(values: Mapping[str, Any], secrets: Sequence[str], wrong: set[str]) -> list[str]:
    """Return what a run against a real organisation still needs."""
    if values.get("environment") is Environment.DEMO:
        return []
    problems = []
    if absent := [key for key in secrets if key not in values and key not in wrong]:
        problems.append(
            f"{', '.join(absent)} {'is' if len(absent) == 1 else 'are'} missing: the README says"
            " how to get one (environment: demo needs none)"
        )
    return problems


def _shown(raw: object) -> str:
    if isinstance(raw, str) and "@" in raw:
        # What precedes the last @ of an address may be a password.
        raw = f"***@{raw.rpartition('@')[2]}"
    text = repr(raw)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - one line of a terminal


def check_names(config: Iterable[str], known: Collection[str]) -> tuple[list[str], list[str]]:
    """Return what is wrong with the names of a configuration: errors, and warnings.

    A name that is nearly a setting's means that setting, and a run without it would be another run
    than the user wants.
    """
    alike = {_plain(name): name for name in known}
    errors, warnings = [], []
    for key in config:
        if key in known:
            continue
        if close := difflib.get_close_matches(_plain(key), alike, n=1, cutoff=_SURE):
            errors.append(f"{key} is not a setting: did you mean {alike[close[0]]}?")
        else:
            warnings.append(f"{key!r} is not a setting, and has no effect.")
    return errors, warnings


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
