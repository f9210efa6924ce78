"""Settings of the company: features, variables, working time, templates, tags, webhooks.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-features.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-variables.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-shift-hours.html,
https://www.zoho.com/crm/developer/docs/api/v8/email-templates.html,
https://www.zoho.com/crm/developer/docs/api/v8/notifications/get-details.html
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.rows import pick, ref, rows_named

if TYPE_CHECKING:
    from zohocrm_demo.organisation.references import Row
    from zohocrm_demo.routes import Context


def features(context: Context) -> list[Row]:
    """All features, or the one of the path or those of `api_names`; by `module` if it is there.

    Raises:
        ZohoError: 400 INVALID_MODULE, or INVALID_DATA for a name that no feature has.
    """
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
    return {
        **shift,
        "users": [_worker(user) for user in users] or None,
        "users_count": len(users),
        "holidays": [_holiday(row) for row in holidays] or None,
    }


def _worker(user: Row) -> Row:
    row = {"role": user["role"], "name": user["full_name"], **ref(user, "id", "email", "zuid")}
    return {**row, "effective_from": user["created_time"][:10]}


def _holiday(row: Row) -> Row:
    # Here the year is a text, in the list of holidays a number.
    shown = {"date": row["date"], "year": str(row["year"]), "name": row["name"]}
    day = f"{date.fromisoformat(row['date']):%m/%d/%Y}"
    return {**shown, "userFmt": day, "id": row["id"]}


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
