"""The options of the command line beside the SDK's, in one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from tap_zohocrm_modules.config.parsing import SettingsError


def own_options() -> list[click.Option]:
    """Return the options beside the SDK's."""
    forms = click.Choice(["table", "json"])
    return [
        click.Option(
            ["--plan"],
            is_flag=False,
            flag_value="table",
            type=forms,
            help="Say what a run of the selection would read and cost, and make no record.",
        ),
        click.Option(
            ["--set-up", "set_up"],
            is_flag=True,
            help="Ask for an OAuth client and a code, fill in .env, and run the check.",
        ),
        click.Option(
            ["--probe"],
            is_flag=False,
            flag_value="table",
            type=forms,
            help=(
                "Ask the account which assumptions about Zoho hold there, without a value of any"
                " record: at most 60 credits beside one bulk job."
            ),
        ),
        click.Option(
            ["--verify"],
            metavar="URL",
            help=(
                "Compare the tables of the selected streams with Zoho, and emit nothing. An"
                " SQLAlchemy URL, env:NAME for the variable that holds it, or the path of a"
                " .duckdb file or of a folder of Arrow or Parquet files."
            ),
        ),
        click.Option(["--verify-schema"], metavar="NAME", help="Where the tables are."),
        click.Option(
            ["--verify-sample"],
            metavar="N",
            type=click.IntRange(min=0),
            help="Records of each stream that are compared value by value. [default: 100]",
        ),
        click.Option(["--verify-format"], type=forms, help="[default: table]"),
        click.Option(
            ["--repair"],
            is_flag=False,
            flag_value="some",
            type=click.Choice(["some", "all"]),
            help=(
                "With --verify: write the messages that mend what differs to standard output, and"
                " the report to standard error. --repair=all does so however much differs."
            ),
        ),
    ]


def asks_to_verify(options: Mapping[str, Any], plan: str | None) -> bool:
    """Whether the options are those of a comparison; SettingsError: they do not go together."""
    if options.get("verify") is None:
        alone = [name for name, value in options.items() if value is not None]
        names = ", ".join(f"--{name.replace('_', '-')}" for name in alone)
        if alone:
            raise SettingsError([f"{names}: only together with --verify URL"])
        return False
    if plan is not None:
        raise SettingsError(["--plan and --verify: one at a time"])
    return True
