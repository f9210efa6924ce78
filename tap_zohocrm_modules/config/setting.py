"""A setting: the kinds of values that it may hold, and what people need to know of it."""

from __future__ import annotations

import dataclasses
import enum
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Generic, TypeVar, cast
from urllib.parse import urlsplit

T = TypeVar("T")
E = TypeVar("E", bound=enum.Enum)

_METADATA = "setting"
_NO_DEFAULT: tuple[Any, ...] = (None, "", [])
_LONGEST = 86_400.0
_URL_TEXT = re.compile(r"[!-~]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclasses.dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """What a setting may hold: JSON Schema keywords, and the reader of a raw value.

    `parse` raises ValueError for a wrong value; its text completes the sentence "<setting> is
    <value>, which ...".
    """

    schema: Mapping[str, Any]
    parse: Callable[[object], T]

    @property
    def is_number(self) -> bool:
        """Whether text that spells a number is as good as the number."""
        return self.schema["type"] in {"integer", "number"}


def _secret(raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueError("must be a string (its value is not shown)")  # noqa: TRY004
    if raw != raw.strip() or not raw.isprintable():
        raise ValueError("has blanks or line breaks around it or inside (its value is not shown)")
    return raw


def _url(raw: object) -> str:
    try:
        parts = urlsplit(raw) if isinstance(raw, str) and _URL_TEXT.fullmatch(raw) else None
        right = parts is not None and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        parts, right = None, False
    if parts is None or not right or parts.scheme not in {"http", "https"}:
        raise ValueError("must be a URL such as https://accounts.zoho.eu")
    # Also an empty user name: a password may follow it.
    if parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must be a scheme and a host only, such as https://accounts.zoho.eu")
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise ValueError("must begin with https://, for secrets travel over it")
    return f"{parts.scheme}://{parts.netloc}"


_LONG_AGO = datetime(1900, 1, 1, tzinfo=timezone.utc)


def _instant(raw: object) -> datetime:
    wrong = "must be a date-time such as 2024-01-31T00:00:00Z or a date such as 2024-01-31"
    if not isinstance(raw, str) or not _DATE.match(raw):
        raise ValueError(wrong)
    try:
        # Before Python 3.11 fromisoformat() does not know the Z that RFC 3339 allows.
        instant = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", raw))
        instant = instant.replace(tzinfo=instant.tzinfo or timezone.utc).astimezone(timezone.utc)
    except (ValueError, OverflowError) as error:
        raise ValueError(wrong) from error
    # Who names a year long before Zoho wants everything; and 0001 has no second before it.
    return max(instant, _LONG_AGO)


def _past_instant(raw: object) -> datetime:
    instant = _instant(raw)
    if instant > datetime.now(timezone.utc):
        raise ValueError("is in the future: nothing would be read; set a date in the past")
    return instant


def _flag(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ValueError("must be true or false")  # noqa: TRY004
    return raw


def _folder(raw: object) -> Path:
    if not isinstance(raw, str) or not raw.isprintable():
        raise ValueError("must be the path of a folder")
    try:
        return Path(raw).expanduser()
    except RuntimeError as error:
        raise ValueError("must be the path of a folder, and that home is unknown") from error


SECRET: Kind[str] = Kind({"type": "string"}, _secret)
URL: Kind[str] = Kind({"type": "string", "format": "uri"}, _url)
INSTANT: Kind[datetime] = Kind({"type": "string", "format": "date-time"}, _instant)
PAST_INSTANT: Kind[datetime] = Kind({"type": "string", "format": "date-time"}, _past_instant)
FLAG: Kind[bool] = Kind({"type": "boolean"}, _flag)
FOLDER: Kind[Path] = Kind({"type": "string"}, _folder)


def one_of(*allowed: str) -> Kind[str]:
    """Return the kind of a text that is one of these."""

    def parse(raw: object) -> str:
        if not isinstance(raw, str) or raw not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return raw

    return Kind({"type": "string", "enum": list(allowed)}, parse)


def member_of(kind: type[E]) -> Kind[E]:
    """Return the kind of an enumeration's values."""
    values = one_of(*(member.value for member in kind))
    return Kind(values.schema, lambda raw: kind(values.parse(raw)))


def names(*allowed: str) -> Kind[tuple[str, ...]]:
    """Return the kind of a list of names, of these only if there are any; repeats count once."""
    one = one_of(*allowed) if allowed else None

    def parse(raw: object) -> tuple[str, ...]:
        if not isinstance(raw, (list, tuple)) or not all(isinstance(name, str) for name in raw):
            raise ValueError('must be a list of names such as ["Leads", "Deals"]')
        return tuple(dict.fromkeys(one.parse(name) if one else name for name in raw))

    items = {"type": ["string"], **({"enum": list(allowed)} if allowed else {})}
    return Kind({"type": "array", "items": items}, parse)


def count(*, most: int) -> Kind[int]:
    """Return the kind of a whole number from 1 to `most`."""

    def parse(raw: object) -> int:
        if isinstance(raw, str) and re.fullmatch(r"\d{1,9}", raw):
            raw = int(raw)
        if not isinstance(raw, int) or isinstance(raw, bool) or not 1 <= raw <= most:
            raise ValueError(f"must be a whole number, 1 or more and at most {most}")
        return raw

    return Kind({"type": "integer", "minimum": 1}, parse)


def seconds(*, least: int) -> Kind[float]:
    """Return the kind of a duration in seconds, from `least` to a day."""

    def parse(raw: object) -> float:
        try:
            value = math.nan if isinstance(raw, bool) else float(raw)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            value = math.nan
        if not least <= value <= _LONGEST:
            raise ValueError(f"must be a number of seconds from {least:g} to {_LONGEST:g}")
        return value

    return Kind({"type": "number", "minimum": least}, parse)


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """One entry of the table of settings, carried by the dataclass field that holds its value."""

    kind: Kind[Any]
    title: str  # its label in forms
    description: str  # its meaning, in full sentences of Markdown
    default: Any = None  # as a configuration has it
    examples: tuple[Any, ...] = ()  # as a configuration has them
    secret: bool = False
    required: bool = False  # of an organisation that is not the sample

    def schema(self) -> dict[str, Any]:
        """Return its JSON Schema; `null` means the default."""
        schema = {**self.kind.schema, "type": [self.kind.schema["type"], "null"]}
        schema |= {"title": self.title, "description": self.description}
        if self.default not in _NO_DEFAULT:
            schema["default"] = self.default
        if self.examples:
            schema["examples"] = list(self.examples)
        if self.secret:
            schema |= {"secret": True, "writeOnly": True}
        return schema


def setting(kind: Kind[T], title: str, description: str, *, default: object) -> T:
    """Return the field of a setting with a default, which is spelled as in a configuration."""
    entry = Setting(kind, title, description, default)
    field: T = cast(
        "Any", dataclasses.field(default=kind.parse(default), metadata={_METADATA: entry})
    )
    return field


def optional(kind: Kind[T], title: str, description: str, *examples: object) -> T | None:
    """Return the field of a setting that is None by default."""
    entry = Setting(kind, title, description, examples=examples)
    field: T | None = dataclasses.field(default=None, metadata={_METADATA: entry})
    return field


def secret(title: str, description: str, *, required: bool = True) -> str:
    """Return the field of a secret, which no text shows; it is empty where it is absent."""
    entry = Setting(SECRET, title, description, secret=True, required=required)
    field: str = dataclasses.field(default="", repr=False, metadata={_METADATA: entry})
    return field


def table_of(settings: type[Any]) -> Mapping[str, Setting]:
    """Return the settings of a dataclass by their keys, in its order."""
    return {field.name: field.metadata[_METADATA] for field in dataclasses.fields(settings)}
