"""The settings as JSON Schema: what `--about` tells, and what Meltano asks for."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from tap_zohocrm_modules.config.settings import (
    DATA_CENTERS,
    MODULE_STATUSES,
    SECRETS,
    Environment,
    ReadPath,
    Settings,
)

_DEFAULT = Settings()


def settings_schema() -> dict[str, Any]:
    """Return the JSON Schema of the settings, each with its description and default."""
    schema = th.PropertiesList(*_properties()).to_dict()
    # The demo organisation brings its own credentials.
    schema["if"] = {
        "properties": {"environment": {"const": Environment.DEMO.value}},
        "required": ["environment"],
    }
    schema["else"] = {"required": list(SECRETS)}
    return schema


def _properties() -> list[th.Property[Any]]:
    return [
        th.Property(
            "client_id",
            th.StringType,
            secret=True,
            title="Client ID",
            description=(
                "Client ID of the OAuth client, from Zoho's API console. Required, unless"
                " `environment` is `demo`."
            ),
        ),
        th.Property(
            "client_secret",
            th.StringType,
            secret=True,
            title="Client secret",
            description=(
                "Client secret of the OAuth client. Required, unless `environment` is `demo`."
            ),
        ),
        th.Property(
            "refresh_token",
            th.StringType,
            secret=True,
            title="Refresh token",
            description=(
                "Refresh token made with that client; it decides which organisation is read, with"
                " whose permissions. Required, unless `environment` is `demo`."
            ),
        ),
        th.Property(
            "data_center",
            th.StringType,
            default=_DEFAULT.data_center,
            allowed_values=list(DATA_CENTERS),
            title="Data centre",
            description=(
                "Data centre that holds the organisation: the end of the address that Zoho CRM"
                " has in the browser. `uk` and `ae` need `accounts_url` and `api_url` as well,"
                " since Zoho does not document their hosts in full."
            ),
        ),
        th.Property(
            "environment",
            th.StringType,
            default=_DEFAULT.environment.value,
            allowed_values=[member.value for member in Environment],
            title="Environment",
            description=(
                "The organisation's environment to read. `demo` needs no account: the tap then"
                " serves itself a sample organisation on this machine."
            ),
        ),
        th.Property(
            "accounts_url",
            th.URIType,
            title="Accounts URL",
            description="Host that gives access tokens, in place of the data centre's.",
            examples=["https://accounts.zoho.eu"],
        ),
        th.Property(
            "api_url",
            th.URIType,
            title="API URL",
            description=(
                "Host of the API. Wins over the `api_domain` that comes with the access token,"
                " which wins over the data centre's."
            ),
            examples=["https://www.zohoapis.eu"],
        ),
        th.Property(
            "start_date",
            th.DateTimeType,
            title="Start date",
            description=(
                "Records modified earlier are not read. A date-time, or a date (midnight UTC)."
            ),
            examples=["2024-01-31T00:00:00Z", "2024-01-31"],
        ),
        th.Property(
            "module_statuses",
            th.ArrayType(th.StringType(allowed_values=list(MODULE_STATUSES))),
            title="Module statuses",
            description="Only modules of these statuses are read into `modules`; all by default.",
        ),
        th.Property(
            "record_modules",
            th.ArrayType(th.StringType),
            default=list(_DEFAULT.record_modules),
            title="Record modules",
            description=(
                "API names of the modules that become streams of records; `*` and `?` stand for"
                " any characters or any one. Fewer modules make discovery cheaper; `[]` means none."
            ),
        ),
        th.Property(
            "read_path",
            th.StringType,
            default=_DEFAULT.read_path.value,
            allowed_values=[member.value for member in ReadPath],
            title="Read path",
            description=(
                "How records are read: Get Records (`rest`), queries (`coql`), Bulk Read (`bulk`),"
                " or for each module whichever costs the fewest credits (`auto`)."
            ),
        ),
        th.Property(
            "max_concurrency",
            th.IntegerType(minimum=1),
            title="Simultaneous calls",
            description=(
                "API calls made at the same time. By default what the organisation's edition"
                " allows, or 5 where that cannot be found out."
            ),
        ),
        th.Property(
            "credit_budget",
            th.IntegerType(minimum=1),
            title="Credit budget",
            description=(
                "API credits that one run may spend. Before the call that would pass it the run"
                " stops with its STATE written and exit code 1."
            ),
        ),
        th.Property(
            "emit_tombstones",
            th.BooleanType,
            default=_DEFAULT.emit_tombstones,
            title="Emit tombstones",
            description=(
                "Emit deleted records as rows with `id` and `_sdc_deleted_at` in their module's"
                " stream, so that loaders can mark or delete them."
            ),
        ),
        th.Property(
            "ignore_missing_permissions",
            th.BooleanType,
            default=_DEFAULT.ignore_missing_permissions,
            title="Ignore missing permissions",
            description=(
                "Warn, rather than fail at the end of the run, when a chosen stream cannot be"
                " read for want of a scope or a permission."
            ),
        ),
        th.Property(
            "cutoff_lag",
            th.NumberType(minimum=0),
            default=_DEFAULT.cutoff_lag,
            title="Cut-off lag",
            description=(
                "Seconds that a run's upper bound lies behind the clock of Zoho's server, so that"
                " records which become visible late are not passed over."
            ),
        ),
        th.Property(
            "request_timeout",
            th.NumberType(minimum=1),
            default=_DEFAULT.request_timeout,
            title="Request timeout",
            description="Seconds to wait for a connection, and for each piece of an answer.",
        ),
        th.Property(
            "emit_activate_version_messages",
            th.BooleanType,
            default=False,
            title="Emit ACTIVATE_VERSION messages",
            description=(
                "End each full-table stream with ACTIVATE_VERSION, by which loaders remove rows"
                " that Zoho no longer has."
            ),
        ),
    ]
