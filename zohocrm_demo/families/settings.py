"""Settings of the company and its rules: features, variables, working time, templates, webhooks."""

from __future__ import annotations

from datetime import date
from typing import Any

from zohocrm_demo.answers import NO_CONTENT, Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.rows import known_param, pick, rows_named
from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.references import Row, ref


def features(context: Context) -> list[Row]:
    """All features, or the one of the path or those of `api_names`; by `module` if it is there."""
    rows: list[Row] = context.organisation.content("features")
    module = context.params.get("module")
    if module is not None:
        if pick(context.organisation.modules, module, "api_name") is None:
            raise ZohoError("INVALID_MODULE")
        rows = [row for row in rows if row["module_supported"]]
    names, details = context.params.get("api_names"), {"param_name": "api_names"}
    if "one" in context.variables:
        names, details = context.variables["one"], {}
    if names is None:
        return rows
    found = [pick(rows, name, "api_name") for name in names.split(",")]
    if None in found:
        raise ZohoError("INVALID_DATA", **details)
    return [row for row in found if row is not None]


def variables(context: Context) -> list[Row]:
    """The variables of `group`, by its id or API name; 400 INVALID_DATA for an unknown one."""
    wanted, rows = context.params["group"], context.organisation.variables
    own = [row for row in rows if wanted in ref(row["variable_group"]).values()]
    if not own:
        raise ZohoError("INVALID_DATA", param_name="group")
    return own


def shifts(context: Context) -> Answer:
    """All shifts, or one, and how many have users; the list has null for details of a shift."""
    rows = context.organisation.shift_hours
    whole = [_whole_shift(context, shift) for shift in rows]
    staffed = sum(bool(shift["users"]) for shift in whole)
    if "one" in context.variables:
        whole = [shift for shift in whole if shift["id"] == context.variables["one"]]
    else:
        details = dict.fromkeys(("break_hours", "users", "holidays"))
        whole = [{**shift, **details} for shift in whole]
    count = {"total_shift_with_user": staffed}
    return json_answer({"shift_count": count, "shift_hours": whole}) if whole else NO_CONTENT


def _whole_shift(context: Context, shift: Row) -> Row:
    users, holidays = (
        [row for row in rows if (row[key] or {}).get("id") == shift["id"]]
        for rows, key in (
            (context.organisation.users, "$current_shift"),
            (context.organisation.holidays, "shift_hour"),
        )
    )
    workers, days = [], []
    for user in users:
        row = {"role": user["role"], "name": user["full_name"], **ref(user, "id", "email", "zuid")}
        workers.append({**row, "effective_from": user["created_time"][:10]})
    for row in holidays:
        # Here the year is a text, in the list of holidays a number.
        day = {"date": row["date"], "year": str(row["year"]), "name": row["name"]}
        text = f"{date.fromisoformat(row['date']):%m/%d/%Y}"
        days.append({**day, "userFmt": text, "id": row["id"]})
    return {
        **shift,
        "users": workers or None,
        "users_count": len(users),
        "holidays": days or None,
    }


def is_in_category(context: Context, row: Row, category: str) -> bool:
    """Whether a category has the template."""
    if category in {"created_by_me", "shared_with_me"}:
        caller = context.organisation.users[0]["id"]
        return bool((row["created_by"]["id"] == caller) == (category == "created_by_me"))
    if category in {"favorite", "associated"}:
        return bool(row[category])
    return bool(row["category"] == category)


def channels(context: Context) -> list[Row]:
    """The caller's channels, one row a module; 400 INVALID_MODULE for an unknown `module`."""
    module = context.params.get("module")
    if module is not None and pick(context.organisation.modules, module, "api_name") is None:
        raise ZohoError("INVALID_MODULE", param_name="module")
    return rows_named(context, "notifications")


def count_rules(context: Context) -> Answer:
    """`rules_count`: an object of limits, and how many rules there are and are active."""
    counts = _counts(rows_named(context, "workflow_rules"))
    limits = read_file("module_settings.yaml")["rule_limits"]
    return json_answer({"rules_count": {**limits, **dict(reversed(counts.items()))}})


def _counts(rules: list[Row]) -> dict[str, int]:
    active = sum(rule["status"]["active"] for rule in rules)
    return {"active_rules_configured": active, "total_rules_configured": len(rules)}


def counts_by_module(context: Context) -> list[Row]:
    """How many rules there are and are active, a row per module with rules."""
    groups: dict[str, list[Row]] = {}
    for rule in rows_named(context, "workflow_rules"):
        groups.setdefault(rule["module"]["api_name"], []).append(rule)
    return [{"module": rules[0]["module"], **_counts(rules)} for rules in groups.values()]


def configurations(context: Context) -> Any:
    """What may set rules of `module` off, and what they may do."""
    del context
    return read_file("module_settings.yaml")["workflow_configurations"]


def field_updates(context: Context) -> list[Row]:
    """All field updates, with what `include_inner_details` names of their fields."""
    keys = [key for key in context.params.get("include_inner_details", "").split(",") if key]
    rows = []
    for row in context.organisation.field_updates:
        fields = context.organisation.fields.get(row["module"]["api_name"], [])
        known = pick(fields, row["field"]["id"]) or {}
        rows.append({**row, "field": {**row["field"], **{key: known.get(key) for key in keys}}})
    return rows


def webhook_failures(context: Context) -> list[Row]:
    """The failures of the days `from` to `to`, of all webhooks or one, of all modules or one."""
    automation = context.organisation
    hook = known_param(context, "webhook_id", automation.webhooks)
    first, last = context.params.get("from", ""), context.params.get("to", "9999-12-31")
    return [
        row
        for row in automation.webhook_failures
        if hook in {None, row["webhook"]["id"]}
        and context.module_name in {None, row["entity_details"]["module"]["api_name"]}
        and first <= row["failure_time"][:10] <= last
    ]
