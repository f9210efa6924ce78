"""The table of settings: parsing, JSON Schema, `.env.example` and docs follow from it."""

from __future__ import annotations

import dataclasses
import fnmatch
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tap_zohocrm_modules.config.batch import BATCH, BatchConfig
from tap_zohocrm_modules.config.choices import (
    DATA_CENTERS,
    MODULE_STATUSES,
    Environment,
    PrivateFields,
    ReadPathChoice,
)
from tap_zohocrm_modules.config.parsing import read_values
from tap_zohocrm_modules.config.setting import (
    FLAG,
    FOLDER,
    PAST_INSTANT,
    URL,
    count,
    member_of,
    names,
    one_of,
    optional,
    seconds,
    secret,
    setting,
    table_of,
)

_MOST_CREDITS = 10**9
_MOST_DAYS = 36_500


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """What a user wants of a run, checked and typed. Durations are seconds."""

    client_id: str = secret(
        "Client ID",
        "Client ID of the OAuth client, from Zoho's API console. Required, unless"
        " `environment` is `demo`.",
    )
    client_secret: str = secret(
        "Client secret",
        "Client secret of the OAuth client. Required, unless `environment` is `demo`.",
    )
    refresh_token: str = secret(
        "Refresh token",
        "Refresh token made with that client; it decides which organisation is read, with"
        " whose permissions. Required, unless `environment` is `demo`.",
    )
    data_center: str = setting(
        one_of(*DATA_CENTERS),
        "Data centre",
        "Data centre that holds the organisation: the end of the address that Zoho CRM"
        " has in the browser. The hosts of `uk` and `ae` are as seen in use, since Zoho does"
        " not document all of them; `accounts_url` and `api_url` override them.",
        default="us",
    )
    environment: Environment = setting(
        member_of(Environment),
        "Environment",
        "The organisation's environment to read. `demo` needs no account: the tap then"
        " serves itself a sample organisation on this machine.",
        default="production",
    )
    accounts_url: str | None = optional(
        URL,
        "Accounts URL",
        "Host that issues access tokens, in place of the data centre's.",
        "https://accounts.zoho.eu",
    )
    api_url: str | None = optional(
        URL,
        "API URL",
        "Host of the API. Wins over the `api_domain` that comes with the access token,"
        " which wins over the data centre's.",
        "https://www.zohoapis.eu",
    )
    start_date: datetime | None = optional(
        PAST_INSTANT,
        "Start date",
        "Records modified earlier are not read. A past date-time, or a date (midnight UTC).",
        "2024-01-31T00:00:00Z",
        "2024-01-31",
    )
    module_statuses: tuple[str, ...] = setting(
        names(*MODULE_STATUSES),
        "Module statuses",
        "Only modules of these statuses are read into `modules`; all by default.",
        default=[],
    )
    record_modules: tuple[str, ...] = setting(
        names(),
        "Record modules",
        "API names of the modules that become streams of records; `*` and `?` stand for"
        " any characters or any one. Fewer modules make discovery cheaper; `[]` means none.",
        default=["*"],
    )
    read_path: ReadPathChoice = setting(
        member_of(ReadPathChoice),
        "Read path",
        "How records are read: Get Records (`rest`), queries (`coql`), Bulk Read (`bulk`),"
        " or for each module whichever costs the fewest credits (`auto`).",
        default="auto",
    )
    max_concurrency: int | None = optional(
        count(most=100),
        "Simultaneous calls",
        "API calls made at the same time. By default what the organisation's edition"
        " allows, or 5 where that cannot be found out. Several processes share the"
        " organisation's limit: divide it among them.",
    )
    credit_budget: int | None = optional(
        count(most=_MOST_CREDITS),
        "Credit budget",
        "API credits that one run may spend. Before the call that would pass it the run"
        " stops with its STATE written and exit code 1.",
    )
    credit_reserve: int | None = optional(
        count(most=_MOST_CREDITS),
        "Credit reserve",
        "API credits to leave to others each day. When Zoho says that fewer are left, the run"
        " stops with its STATE written and exit code 1.",
    )
    emit_tombstones: bool = setting(
        FLAG,
        "Emit tombstones",
        "Emit deleted records as rows with `id` and `_sdc_deleted_at` in their module's"
        " stream, so that loaders can mark or delete them.",
        default=True,
    )
    ignore_missing_permissions: bool = setting(
        FLAG,
        "Ignore missing permissions",
        "Warn, rather than fail at the end of the run, when a chosen stream cannot be"
        " read for want of a scope or a permission.",
        default=False,
    )
    formula_expressions: bool = setting(
        FLAG,
        "Formula expressions",
        "Read layouts for the texts of formulas (`formula.expression` of the stream `fields`)"
        " though the stream `layouts` is not chosen: one more call for each module.",
        default=False,
    )
    private_fields: PrivateFields = setting(
        member_of(PrivateFields),
        "Private fields",
        "What becomes of fields that Zoho marks as personal, as health data or as encrypted:"
        " `keep` them, `hash` their values (equal ones stay equal), or `omit` their columns.",
        default="keep",
    )
    private_field_key: str = secret(
        "Key for private fields",
        "Key of these hashes (HMAC-SHA-256), needed for `hash`. Another key makes other hashes.",
        required=False,
    )
    backfill_new_columns: bool = setting(
        FLAG,
        "Backfill new columns",
        "Fill a column that is new since the last run for all old records, by the cheapest"
        " path within the budget. If false, a warning names the column in each run.",
        default=True,
    )
    refresh_days: int | None = optional(
        count(most=_MOST_DAYS),
        "Refresh interval",
        "Days after which a module is read whole again if it has fields whose values change"
        " without `Modified_Time` (formulas, roll-ups). Never by default.",
    )
    refresh_modules: tuple[str, ...] | None = optional(
        names(),
        "Modules to refresh",
        "API names of the modules that `refresh_days` reads whole again. By default those with"
        " fields whose values change without `Modified_Time`.",
        ["Deals"],
    )
    child_lists: tuple[str, ...] = setting(
        names(),
        "Child lists",
        "Children of records as streams, as `Module.List`: related lists by API name, `Emails`,"
        " `Emails.content`, `Email_Drafts`, `Email_Sharing`, `Timeline`, `Shares`, `Blueprint`,"
        " `Locks`, `Scores`; `*` stands for any characters. A call for each record that changed.",
        default=[],
    )
    child_sweep_days: int | None = optional(
        count(most=_MOST_DAYS),
        "Child sweep interval",
        "Days after which the children of all records are read again, in slices that fit the credit"
        " budget, for what changes of their records do not show. Never by default.",
    )
    audit_log_export: bool = setting(
        FLAG,
        "Audit log exports",
        "Let the stream `audit_log` ask Zoho for exports of what is new, which needs a scope that"
        " creates; otherwise it reads the newest export that somebody made.",
        default=False,
    )
    delete_sweep_days: int | None = optional(
        count(most=_MOST_DAYS),
        "Delete sweep interval",
        "Days after which the ids that exist are compared with those known, to emit the"
        " deletions that Zoho's own lists leave out: older than 60 or 120 days, rows of"
        " subforms, linking modules. Never by default.",
    )
    cutoff_lag: float = setting(
        seconds(least=0),
        "Cutoff lag",
        "Seconds that a run's cutoff lies behind the clock of Zoho's API host, so that"
        " records which become visible late are not missed.",
        default=10,
    )
    lookback: float = setting(
        seconds(least=0),
        "Lookback",
        "Seconds before its bookmark from which an increment asks again for what was modified or"
        " deleted, since changes can become visible later than the second that they name. What"
        " was emitted is not emitted again: STATE remembers up to 5,000 records of a module.",
        default=300,
    )
    request_timeout: float = setting(
        seconds(least=1),
        "Request timeout",
        "Seconds to wait for a connection, and for each piece of an answer.",
        default=300,
    )
    total_timeout: float = setting(
        seconds(least=1),
        "Total timeout",
        "Seconds that one call may take, from its start to the last byte of its answer.",
        default=900,
    )
    token_cache: bool = setting(
        FLAG,
        "Token cache",
        "Share one access token among processes, through a file that only the user can read."
        " Zoho issues ten access tokens per ten minutes and refresh token.",
        default=True,
    )
    token_cache_dir: Path | None = optional(
        FOLDER,
        "Token cache folder",
        "Folder of that file, such as a shared volume. By default the user's cache folder.",
        "/var/cache/tap-zohocrm-modules",
    )
    batch_config: BatchConfig | None = optional(
        BATCH,
        "Batch configuration",
        "Write BATCH messages with files in Arrow IPC (`arrow`) or `parquet` format in place"
        " of RECORD messages. Needs the extra `arrow`.",
        {"encoding": {"format": "arrow"}, "storage": {"root": "file:///tmp/batches"}},
    )
    emit_activate_version_messages: bool = setting(
        FLAG,
        "Emit ACTIVATE_VERSION messages",
        "End each full-table stream with ACTIVATE_VERSION, by which loaders remove rows"
        " that Zoho no longer has.",
        default=False,
    )

    @classmethod
    def parse(cls, config: Mapping[str, Any]) -> Settings:
        """Return the settings that `config` holds; other keys are left to the SDK.

        Raises:
            SettingsError: naming every wrong key, its value (never a secret's) and what is allowed.
        """
        return cls(**read_values(config, TABLE))

    def reads_module(self, api_name: str) -> bool:
        """Whether `record_modules` names this module."""
        return any(fnmatch.fnmatchcase(api_name, pattern) for pattern in self.record_modules)


TABLE = table_of(Settings)
SECRETS = tuple(key for key, entry in TABLE.items() if entry.required)
NUMBERS = tuple(key for key, entry in TABLE.items() if entry.kind.is_number)


def settings_schema() -> dict[str, Any]:
    """Return the JSON Schema of the settings, which `--about` shows and Meltano asks for."""
    return {
        "type": "object",
        "properties": {key: entry.schema() for key, entry in TABLE.items()},
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        # The demo organisation brings its own credentials.
        "if": {
            "properties": {"environment": {"const": Environment.DEMO.value}},
            "required": ["environment"],
        },
        "else": {"required": list(SECRETS)},
    }
