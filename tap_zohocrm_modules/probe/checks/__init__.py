"""What an account is asked, a file for each part of the API."""

from __future__ import annotations

from collections.abc import Mapping

from tap_zohocrm_modules.probe.assumption import Check
from tap_zohocrm_modules.probe.checks import deletions, export, hosts, lists, modules, queries

CHECKS: Mapping[Check, tuple[str, ...]] = {
    lists.pages: ("sorted_by_time", "since_with_token"),
    lists.since: ("since_is_inclusive",),
    lists.rows: ("keys_of_rows",),
    lists.unknown_field: ("unknown_field",),
    lists.values: ("layout_type", "composite_fields", "display_values"),
    queries.limit: ("query_limit",),
    queries.keys: ("query_keys",),
    queries.converted: ("converted_leads",),
    deletions.pages: ("deleted_pages", "deleted_cap"),
    export.result: ("export_file", "export_separator", "export_booleans", "export_zone"),
    hosts.clocks: ("clocks",),
    modules.refusals: ("refusing_modules", "concurrency"),
    hosts.headers: ("throttled_credits", "headers"),
}
"""All checks, with the ids of what each looks at; what takes
all that is left of the credits comes last but for what all headers showed."""
