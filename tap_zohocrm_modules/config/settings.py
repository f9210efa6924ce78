"""The tap's settings: what they may be, and one frozen value parsed from them.

Data centres: https://www.zoho.com/crm/developer/docs/api/v8/multi-dc.html
"""

from __future__ import annotations

import dataclasses
import enum
import fnmatch
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


class Environment(enum.Enum):
    """Which of an organisation's environments is read."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    DEVELOPER = "developer"
    DEMO = "demo"


class ReadPath(enum.Enum):
    """How a module's records are read."""

    AUTO = "auto"
    REST = "rest"
    COQL = "coql"
    BULK = "bulk"


MODULE_STATUSES = ("visible", "user_hidden", "system_hidden", "scheduled_for_deletion")


@dataclasses.dataclass(frozen=True, slots=True)
class DataCenter:
    """One of Zoho's data centres; a host that Zoho does not document is None."""

    accounts_url: str | None
    api_url: str | None

    @property
    def established(self) -> bool:
        """Whether both hosts are documented by Zoho."""
        return self.accounts_url is not None and self.api_url is not None


DATA_CENTERS: Mapping[str, DataCenter] = {
    "us": DataCenter("https://accounts.zoho.com", "https://www.zohoapis.com"),
    "eu": DataCenter("https://accounts.zoho.eu", "https://www.zohoapis.eu"),
    "in": DataCenter("https://accounts.zoho.in", "https://www.zohoapis.in"),
    "au": DataCenter("https://accounts.zoho.com.au", "https://www.zohoapis.com.au"),
    "jp": DataCenter("https://accounts.zoho.jp", "https://www.zohoapis.jp"),
    "cn": DataCenter("https://accounts.zoho.com.cn", "https://www.zohoapis.com.cn"),
    "ca": DataCenter("https://accounts.zohocloud.ca", "https://www.zohoapis.ca"),
    "sa": DataCenter("https://accounts.zoho.sa", "https://www.zohoapis.sa"),
    "uk": DataCenter("https://accounts.zoho.uk", None),
    "ae": DataCenter(None, None),
}


class SettingsError(ValueError):
    """One or more settings are wrong; each problem is one sentence that names its key."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a run may be told, checked and typed. Durations are seconds."""

    client_id: str = dataclasses.field(default="", repr=False)
    client_secret: str = dataclasses.field(default="", repr=False)
    refresh_token: str = dataclasses.field(default="", repr=False)
    data_center: str = "us"
    environment: Environment = Environment.PRODUCTION
    accounts_url: str | None = None
    api_url: str | None = None
    start_date: datetime | None = None
    module_statuses: tuple[str, ...] = ()
    record_modules: tuple[str, ...] = ("*",)
    read_path: ReadPath = ReadPath.AUTO
    max_concurrency: int | None = None
    credit_budget: int | None = None
    emit_tombstones: bool = True
    ignore_missing_permissions: bool = False
    emit_activate_version_messages: bool = False
    cutoff_lag: float = 10
    request_timeout: float = 300

    @classmethod
    def parse(cls, config: Mapping[str, Any]) -> Settings:
        """Return the settings that `config` holds; other keys are left to the SDK.

        Raises:
            SettingsError: naming every wrong key, its value (never a secret's) and what is allowed.
        """
        values: dict[str, Any] = {}
        problems: list[str] = []
        for key, reader in _READERS.items():
            raw = config.get(key)
            if raw is None or raw == "":
                continue
            try:
                values[key] = reader(raw)
            except ValueError as error:
                shown = "" if key in SECRETS else f" is {_shown(raw)}, which"
                problems.append(f"{key}{shown} {error}")
        problems += _missing(values, wrong={problem.split()[0] for problem in problems})
        if problems:
            raise SettingsError(problems)
        return cls(**values)

    def reads_module(self, api_name: str) -> bool:
        """Whether `record_modules` names this module."""
        return any(fnmatch.fnmatchcase(api_name, pattern) for pattern in self.record_modules)


NUMBERS = ("max_concurrency", "credit_budget", "cutoff_lag", "request_timeout")
SECRETS = ("client_id", "client_secret", "refresh_token")


def _missing(values: Mapping[str, Any], wrong: set[str]) -> list[str]:
    """What a run against a real organisation cannot do without."""
    if values.get("environment") is Environment.DEMO:
        return []
    problems = []
    if wanting := [key for key in SECRETS if key not in values and key not in wrong]:
        problems.append(
            f"{', '.join(wanting)} {'is' if len(wanting) == 1 else 'are'} missing: the README tells"
            " how to get one (environment: demo needs none)"
        )
    name = values.get("data_center", "us")
    absent = [key for key in ("accounts_url", "api_url") if key not in values and key not in wrong]
    if not DATA_CENTERS[name].established and absent:
        problems.append(
            f"data_center is {name!r}, whose hosts Zoho does not document in full:"
            f" set {' and '.join(absent)} as well"
        )
    return problems


def _shown(raw: object) -> str:
    if isinstance(raw, str) and "@" in raw:
        # What stands before the last @ of an address may be a password.
        raw = f"***@{raw.rpartition('@')[2]}"
    text = repr(raw)
    return text if len(text) <= 80 else f"{text[:77]}..."  # noqa: PLR2004 - one line of a terminal


# Readers raise ValueError whatever is wrong: its text is the end of a sentence on the setting.


def _secret(raw: object) -> str:
    if not isinstance(raw, str):
        raise ValueError("must be a string (its value is not shown)")  # noqa: TRY004
    if raw != raw.strip() or not raw.isprintable():
        raise ValueError("has blanks or line breaks around it or inside (its value is not shown)")
    return raw


def _one_of(*allowed: str) -> Callable[[object], str]:
    def read(raw: object) -> str:
        if not isinstance(raw, str) or raw not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return raw

    return read


def _member(kind: Callable[[str], T], allowed: Callable[[object], str]) -> Callable[[object], T]:
    return lambda raw: kind(allowed(raw))


def _url(raw: object) -> str:
    try:
        parts = urlsplit(raw) if isinstance(raw, str) and _URL_TEXT.fullmatch(raw) else None
        right = parts is not None and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        parts, right = None, False
    if parts is None or not right or parts.scheme not in {"http", "https"}:
        raise ValueError("must be a URL such as https://accounts.zoho.eu")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise ValueError("must be a scheme and a host only, such as https://accounts.zoho.eu")
    if parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise ValueError("must begin with https://, for secrets travel over it")
    return f"{parts.scheme}://{parts.netloc}"


_LONGEST = 86_400.0
_URL_TEXT = re.compile(r"[!-~]+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _instant(raw: object) -> datetime:
    wrong = "must be a date-time such as 2024-01-31T00:00:00Z or a date such as 2024-01-31"
    if not isinstance(raw, str) or not _DATE.match(raw):
        raise ValueError(wrong)
    try:
        # Before Python 3.11 fromisoformat() does not know the Z that RFC 3339 allows.
        instant = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", raw))
        return instant.replace(tzinfo=instant.tzinfo or timezone.utc).astimezone(timezone.utc)
    except (ValueError, OverflowError) as error:
        raise ValueError(wrong) from error


def _names(allowed: Callable[[object], str] | None = None) -> Callable[[object], tuple[str, ...]]:
    def read(raw: object) -> tuple[str, ...]:
        if not isinstance(raw, (list, tuple)) or not all(isinstance(name, str) for name in raw):
            raise ValueError('must be a list of names such as ["Leads", "Deals"]')
        return tuple(dict.fromkeys(allowed(name) if allowed else name for name in raw))

    return read


def _count(*, most: int) -> Callable[[object], int]:
    def read(raw: object) -> int:
        if isinstance(raw, str) and re.fullmatch(r"\d{1,9}", raw):
            raw = int(raw)
        if not isinstance(raw, int) or isinstance(raw, bool) or not 1 <= raw <= most:
            raise ValueError(f"must be a whole number, 1 or more and at most {most}")
        return raw

    return read


def _seconds(*, least: float) -> Callable[[object], float]:
    def read(raw: object) -> float:
        try:
            seconds = math.nan if isinstance(raw, bool) else float(raw)  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            seconds = math.nan
        if not least <= seconds <= _LONGEST:
            raise ValueError(f"must be a number of seconds from {least:g} to {_LONGEST:g}")
        return seconds

    return read


def _flag(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ValueError("must be true or false")  # noqa: TRY004
    return raw


_ENVIRONMENTS = tuple(member.value for member in Environment)
_READ_PATHS = tuple(member.value for member in ReadPath)

_READERS: Mapping[str, Callable[[object], Any]] = {
    "client_id": _secret,
    "client_secret": _secret,
    "refresh_token": _secret,
    "data_center": _one_of(*DATA_CENTERS),
    "environment": _member(Environment, _one_of(*_ENVIRONMENTS)),
    "accounts_url": _url,
    "api_url": _url,
    "start_date": _instant,
    "module_statuses": _names(_one_of(*MODULE_STATUSES)),
    "record_modules": _names(),
    "read_path": _member(ReadPath, _one_of(*_READ_PATHS)),
    "max_concurrency": _count(most=100),
    "credit_budget": _count(most=10**9),
    "emit_tombstones": _flag,
    "ignore_missing_permissions": _flag,
    "emit_activate_version_messages": _flag,
    "cutoff_lag": _seconds(least=0),
    "request_timeout": _seconds(least=1),
}
