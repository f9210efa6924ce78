"""Versions v2 to v8 of the API, by the table of what older ones do otherwise."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.organisation.data_files import read_file

_PATH = re.compile(r"(/crm/(?:bulk/)?)(v[\d.]+)(/.*)?")


@dataclass(frozen=True, slots=True)
class Version:
    """One version; `data/versions.yaml` says what the traits mean."""

    name: str = "v8"
    fields_are_optional: bool = False
    pages_are_endless: bool = False
    module_is_text: bool = False


@functools.lru_cache(maxsize=4_096)
def versioned(path: str) -> tuple[str, Version]:
    """The path as v8 has it, and the version that it names; ZohoError: there is no such call."""
    match = _PATH.fullmatch(path)
    if match is None:
        return path, Version()
    base, name, rest = match.groups(default="")
    table: dict[str, Any] = read_file("versions.yaml")
    if name not in table["versions"]:
        raise ZohoError("VERSION_NOT_SUPPORTED", version=name)
    names = list(table["versions"])
    for beginning, first in table["since"].items():
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(beginning))
        if re.match(rf"{pattern}(/|$)", rest) and names.index(name) < names.index(first):
            raise ZohoError("INVALID_URL_PATTERN")
    return f"{base}v8{rest}", Version(name, **table["versions"][name])
