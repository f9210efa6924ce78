"""What `--set-up` does, step by step."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from tap_zohocrm_modules.config.choices import DATA_CENTERS, Environment
from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.config.settings import TABLE
from tap_zohocrm_modules.config.sources import ENVIRONMENT, read_config
from tap_zohocrm_modules.set_up.data_centers import Client, Found, exchange
from tap_zohocrm_modules.set_up.env_file import shadowed, write_env
from tap_zohocrm_modules.set_up.questions import Questions
from tap_zohocrm_modules.set_up.scopes import FIRST_STREAMS, scope_text, unknown_streams
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS
from tap_zohocrm_modules.zoho.transport.connection import TimeLimits
from tap_zohocrm_modules.zoho.transport.http import HttpClient
from tap_zohocrm_modules.zoho.transport.machine import Machine
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy

logger = logging.getLogger(__name__)

_ALL = "*"


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """What the settings say already of where the organisation is, and what is read of it."""

    data_center: str | None = None
    accounts_url: str | None = None
    child_lists: tuple[str, ...] = ()
    audit_log_export: bool = False

    @classmethod
    def parse(cls, config: Mapping[str, Any]) -> Known:
        """Return what a configuration says; SettingsError: it is wrong, or there is no account."""
        if config.get("environment") == Environment.DEMO.value:
            raise SettingsError(["environment is 'demo', which needs no account: unset it first"])
        return cls(
            _parsed(config, "data_center"),
            _parsed(config, "accounts_url"),
            _parsed(config, "child_lists") or (),
            _parsed(config, "audit_log_export") or False,
        )


def _parsed(config: Mapping[str, Any], key: str) -> Any:
    raw = config.get(key)
    try:
        return None if raw is None else TABLE[key].kind.parse(raw)
    except ValueError as error:
        raise SettingsError([f"{key} is {raw!r}, which {error}"]) from error


@dataclasses.dataclass(frozen=True, slots=True)
class SetUp:
    """One set-up: who answers, and what is known before."""

    questions: Questions
    prefix: str  # what the names of the environment variables begin with
    known: Known
    policy: RetryPolicy
    times: TimeLimits
    machine: Machine
    chosen: frozenset[str] | None = None  # the streams of a catalog; None without one

    def run(self, env_file: Path, show: Callable[[str], object]) -> dict[str, str]:
        """Fill in `env_file`, and return the settings that it sets; `show` takes a line a step.

        Raises:
            SettingsError: an answer is missing or cannot be right.
            ZohoError: no data centre takes the client and the code.
            UnreadableFileError: the file cannot be written.
        """
        say, ask = self.questions.say, self.questions.ask
        say(f"Scopes, to copy:\n\n  {self._scopes()}\n")
        say(_console_text(self.known.data_center))
        client = Client(
            ask("Client ID", key="client_id", hidden=True),
            ask("Client secret", key="client_secret", hidden=True),
            ask("Code", key="code", hidden=True),
        )
        _check(client)
        with contextlib.closing(self._http()) as http:
            center, url = self.known.data_center, self.known.accounts_url
            found = exchange(http, client, self.policy, first=center, accounts_url=url)
        name = found.data_center or "none of the known ones"
        show(f"account  ok: data centre {name} ({found.accounts_url}) exchanged the code")
        values = self._values(client, found)
        variables = {f"{self.prefix}{key.upper()}": value for key, value in values.items()}
        show(f"file     ok: {write_env(env_file, variables)}")
        for name in shadowed(variables):
            logger.warning("%s in the environment wins over %s: unset it.", name, env_file.name)
        return values

    def _scopes(self) -> str:
        if self.chosen is not None:
            return self._text(self.chosen, records=bool(unknown_streams(self.chosen)))
        ask = self.questions.ask
        records = ask(
            "Do you want records of modules too, or metadata only? (y/n, Enter for y)",
            key="set_up_records",
            default="y",
        )
        typed = ask(
            f"Lists, separated by commas (Enter for {', '.join(FIRST_STREAMS)}; * for all)",
            key="set_up_streams",
            default=",".join(FIRST_STREAMS),
        )
        names = [name.strip() for name in typed.split(",") if name.strip()]
        names = [*ENDPOINTS] if names == [_ALL] else names
        if wrong := unknown_streams(names):
            raise SettingsError([f"{', '.join(wrong)}: no such list; docs/streams names them all"])
        return self._text(names, records=not records.lower().startswith("n"))

    def _text(self, names: Collection[str], *, records: bool) -> str:
        lists, asks = self.known.child_lists, self.known.audit_log_export
        return scope_text(names, records=records, child_lists=lists, asks_for_exports=asks)

    def _http(self) -> HttpClient:
        url = self.known.accounts_url or "https://accounts.zoho.com"
        session = self.machine.session(pool=1, url=url)
        return HttpClient(session, self.times, machine=self.machine)

    def _values(self, client: Client, found: Found) -> dict[str, str]:
        values = {
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "refresh_token": found.refresh_token,
        }
        center = DATA_CENTERS[found.data_center] if found.data_center else None
        if found.data_center:
            values["data_center"] = found.data_center
        if center is None or center.accounts_url != found.accounts_url:
            values["accounts_url"] = found.accounts_url
        if center is None and found.api_url is not None:
            values["api_url"] = found.api_url
        return values


def environment(schema: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the settings of `.env` and the environment; the code is not one of them."""
    found = read_config((ENVIRONMENT,), schema, prefix)
    return {key: value for key, value in found.items() if key != "code"}


def _console_text(center: str | None) -> str:
    url = DATA_CENTERS[center].accounts_url if center else None
    console = (url or "https://accounts.zoho.com").replace("//accounts.", "//api-console.")
    where = "" if url else " (or with the ending that Zoho CRM has in your browser: .eu, .in, ...)"
    return (
        f"Open {console}{where}, choose Self Client and create it.\n"
        "Its tab Client Secret shows the first two answers; in its tab Generate Code paste the\n"
        "scopes, choose 10 minutes, and copy the code.\n"
    )


def _check(client: Client) -> None:
    """Find what was pasted into the wrong place; SettingsError names the answer, not its value."""
    problems = [
        f"the {name} is empty or has blanks in it: copy it again"
        for name, value in (
            ("client ID", client.client_id),
            ("client secret", client.client_secret),
            ("code", client.code),
        )
        if not re.fullmatch(r"[!-~]{1,4096}", value)
    ]
    if client.client_secret == client.client_id:
        problems.append("the client secret is the client ID again: copy the second line of the tab")
    if problems:
        raise SettingsError(problems)
