"""Settings as users hand them over: files, the environment, and a `.env` file."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dotenv import dotenv_values, find_dotenv

ENVIRONMENT = "ENV"
"""The value of `--config` that stands for the environment."""

_WORDS = {"true": True, "1": True, "yes": True, "on": True} | {
    "false": False, "0": False, "no": False, "off": False
}  # fmt: skip

_DEEPEST = 200

_NOT_SETTINGS = ("_", "loglevel")
"""How names of variables begin that steer the SDK or Meltano."""


class UnreadableFileError(ValueError):
    """A file named on the command line is not there, or is not what it should be."""


def read_config(sources: Iterable[str], schema: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the settings of all sources; later files win, and the environment wins over files.

    Args:
        sources: Paths of JSON files, and `ENV` for the environment.
        schema: JSON Schema of the settings, by which texts of the environment get their types.
        prefix: What the names of environment variables begin with.

    Raises:
        UnreadableFileError: a file is missing, or holds no JSON object; or `.env` is not text.
    """
    sources = tuple(sources)
    config: dict[str, Any] = {}
    for path in sources:
        if path != ENVIRONMENT:
            try:
                text = Path(path).read_bytes()
            except OSError as error:
                raise UnreadableFileError(f"--config {path}: {error.strerror}.") from error
            config |= parse_object("--config", path, text)
    if ENVIRONMENT in sources:
        config |= _environment(schema, prefix)
    return config


def parse_object(option: str, name: str, text: bytes) -> dict[str, Any]:
    """Return the JSON object that a text in UTF-8 is; UnreadableFileError: it is none."""
    deep = (
        f"{option} {name}: is nested more than {_DEEPEST} deep: it is nothing that the tap knows."
    )
    try:
        value = json.loads(text.decode("utf-8-sig"))
    except RecursionError as error:
        raise UnreadableFileError(deep) from error
    except ValueError as error:
        # The decoder's own words may quote the file, and the file may hold secrets.
        raise UnreadableFileError(f"{option} {name}: is not valid JSON.") from error
    if not isinstance(value, dict):
        raise UnreadableFileError(f"{option} {name}: must hold a JSON object.")
    if _is_deeper(value, _DEEPEST):
        raise UnreadableFileError(deep)
    return value


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects lie in one another more than so many levels deep."""
    level = [value]
    for _ in range(levels):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _environment(schema: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    path = find_dotenv(usecwd=True)
    try:
        variables = {**dotenv_values(path), **os.environ}
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"{path}: is not text in UTF-8: save it as such.") from error
    settings = schema["properties"]
    config = {}
    for variable, text in variables.items():
        key = variable.removeprefix(prefix).lower()
        # Names that are nobody's go on to the check of names: they may be typing errors.
        if text and variable.startswith(prefix) and not key.startswith(_NOT_SETTINGS):
            config[key] = _typed(text, settings.get(key, {}).get("type", ()))
    return config


def _typed(text: str, kinds: Iterable[str]) -> Any:
    """Return the text as one of these JSON types, or as it is: the settings then refuse it."""
    kinds = frozenset([kinds] if isinstance(kinds, str) else kinds)
    if "boolean" in kinds:
        return _WORDS.get(text.lower(), text)
    if kinds & {"integer", "number"}:
        if re.fullmatch(r"-?\d{1,15}", text):
            return int(text)
        is_fraction = "number" in kinds and re.fullmatch(r"-?\d{1,15}\.\d{1,6}", text)
        return float(text) if is_fraction else text
    if kinds & {"array", "object"}:
        try:
            return json.loads(text)
        except ValueError:
            listed = "array" in kinds and not text.startswith(("[", "{"))
            return [item.strip() for item in text.split(",")] if listed else text
    return text
