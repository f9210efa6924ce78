"""Users and what they belong to: profiles, territories, groups."""

from __future__ import annotations

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.calls import Context
from zohocrm_demo.families.rows import value_at, without
from zohocrm_demo.organisation import Organisation
from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.references import Row, ref
from zohocrm_demo.params import is_number

_STATUSES = ("active", "inactive", "deleted")
# What the users of a territory lack, and what they have besides.
_NOT_THERE = ("Reporting_To", "share_among_subordinates", "imap_status", "ezuid", "image_link")
_THERE_ONLY = {"category": "regular_user", "Isonline": False, "offset": -28_800_000}


def users(context: Context) -> list[Row]:
    """The users of `type`: all but the deleted ones unless it is there."""
    everybody = context.organisation.users
    kind = context.params.get("type", "AllUsers")
    wanted = read_file("module_settings.yaml")["user_types"][kind]
    # The organisation's first user is the one who granted the token.
    return [
        user
        for user in (everybody[:1] if kind == "CurrentUser" else everybody)
        if (user["status"] == "deleted") is (kind == "DeletedUsers")
        and all(value_at(user, path) in values for path, values in wanted.items())
    ]


def unavailability(context: Context) -> list[Row]:
    """Absences, of all users or those of groups, roles and territories; `zuid` on demand only."""
    organisation, params = context.organisation, context.params
    if not is_number(context.variables.get("one", "1")):
        raise ZohoError("INVALID_URL_PATTERN")
    rows: list[Row] = organisation.users_unavailability
    if "include_inner_details" not in params:
        rows = [{**row, "user": without(row["user"], ("zuid",))} for row in rows]
    names = ("group_ids", "role_ids", "territory_ids")
    groups, roles, places = (params.get(name, "").split(",") for name in names)
    if not params.keys() & set(names):
        return rows
    wanted = {user["id"] for user in organisation.users if user["role"]["id"] in roles}
    wanted.update(*(_members_of_group(organisation, group) for group in groups))
    wanted.update(*(organisation.territory_users.get(place, ()) for place in places))
    return [row for row in rows if row["user"]["id"] in wanted]


def profiles(context: Context) -> list[Row]:
    """All profiles but those of light users, or those of `type`, without their permissions."""
    kind = context.params.get("type")
    hidden = set() if "Lite" in context.params.get("include_types", "") else {"lite_profile"}
    return [
        row
        for row in context.organisation.profiles
        if kind in {None, row["type"]} and row["type"] not in hidden
    ]


def whole_profiles(context: Context) -> list[Row]:
    """All profiles with `permissions_details` and `sections`."""
    organisation = context.organisation
    sections = _sections(organisation.permissions)
    whole = []
    for profile in organisation.profiles:
        granted = frozenset(organisation.granted_permissions.get(profile["id"], ()))
        details = [{**row, "enabled": row["id"] in granted} for row in organisation.permissions]
        whole.append({**profile, "permissions_details": details, "sections": sections})
    return whole


def _sections(permissions: list[Row]) -> list[Row]:
    categories: dict[str, Row] = {}
    for permission in permissions:
        name = (permission["module"] or {"api_name": "General"})["api_name"]
        category = categories.setdefault(
            name, {"display_label": name.replace("_", " "), "permissions_details": []}
        )
        category |= {"name": name, "module": permission["module"]}
        category["permissions_details"].append(permission["id"])
    general = categories.pop("General", None)
    return [
        {"name": "ModulePermissions", "categories": list(categories.values())},
        {"name": "AdminPermissions", "categories": [] if general is None else [general]},
    ]


def territories(context: Context) -> list[Row]:
    """All territories, or those right below the one that the path names."""
    above = context.known.get("territory")
    rows = context.organisation.territories
    if above is not None:
        rows = [row for row in rows if (row["reporting_to"] or {}).get("id") == above["id"]]
    asked = context.params.get("include_inner_details", "")
    keys = [item.rpartition(".")[2] for item in filter(None, asked.split(","))]
    users = {user["id"]: user for user in context.organisation.users}
    shown = []
    for row in rows:
        manager = row["manager"]
        if manager is not None and keys:
            user = users.get(manager["id"], {})
            manager = {**manager, **{key: user.get(key) for key in keys}}
        shown.append({**row, "manager": manager})
    return shown


def users_of_territory(context: Context) -> list[Row]:
    """The users of the territory that the path names."""
    ids = context.organisation.territory_users.get(context.known["territory"]["id"], [])
    there = (user for user in context.organisation.users if user["id"] in ids)
    return [{**without(user, _NOT_THERE), **_THERE_ONLY} for user in there]


def user_counts_of_territories(context: Context) -> list[Row]:
    """How many users each territory has; the count is a text."""
    users_of = context.organisation.territory_users
    return [
        {"count": str(len(users_of.get(row["id"], ()))), "territory": ref(row, "name", "id")}
        for row in context.organisation.territories
    ]


def territories_of_user(context: Context) -> list[Row]:
    """The territories of the user whom the path names, with keys in capitals."""
    organisation, user = context.organisation, context.known["user"]["id"]
    rows = []
    for row in organisation.territories:
        if user in organisation.territory_users.get(row["id"], ()):
            manager, above = (
                one and {"Name": one["name"], "id": one["id"]}
                for one in (row["manager"], row["reporting_to"])
            )
            own = {"id": row["id"], "Manager": manager, "Reporting_To": above}
            rows.append({**own, "Name": row["name"]})
    return rows


def groups(context: Context) -> list[Row]:
    """The groups with the count of their sources; those of the user whom the path names."""
    organisation, user = context.organisation, context.known.get("user")
    return [
        {**group, "sources_count": _count(organisation, group)}
        for group in organisation.user_groups
        if user is None or user["id"] in _members_of_group(organisation, group["id"])
    ]


def sources(context: Context) -> list[Row]:
    """A group's sources, of all sorts or `type`; users of any status or `user_type`."""
    kind, status = context.params.get("type"), context.params.get("user_type")
    statuses = _user_statuses(context.organisation)
    return [
        source
        for source in context.known["group"]["sources"]
        if kind in {None, source["type"]}
        and (status is None or statuses.get(source["source"]["id"]) == status)
    ]


def user_counts_of_groups(context: Context) -> list[Row]:
    """How many users each group has, those of its sources included."""
    organisation = context.organisation
    rows = []
    for group in organisation.user_groups:
        count = len(_members_of_group(organisation, group["id"]))
        rows.append({"user_group": ref(group, "name", "id"), "count": count})
    return rows


def _count(organisation: Organisation, group: Row) -> Row:
    statuses = _user_statuses(organisation)
    count: Row = {"roles": 0, "groups": 0, "territories": 0, "users": dict.fromkeys(_STATUSES, 0)}
    for source in group["sources"]:
        if source["type"] == "users":
            count["users"][statuses[source["source"]["id"]]] += 1
        else:
            count[source["type"]] += 1
    return count


def _user_statuses(organisation: Organisation) -> dict[str, str]:
    """`active`, `inactive` or `deleted`: in groups Zoho has no other word for the disabled."""
    return {
        user["id"]: user["status"] if user["status"] in _STATUSES else "inactive"
        for user in organisation.users
    }


def _with_those_below(rows: list[Row], root: str) -> set[str]:
    """The id `root` and the ids of all rows that report to it, directly or not."""
    found = {root}
    grown = True
    while grown:
        below = {row["id"] for row in rows if (row["reporting_to"] or {}).get("id") in found}
        grown = not below <= found
        found |= below
    return found


def _members_of_group(
    organisation: Organisation, group_id: str, above: frozenset[str] = frozenset()
) -> set[str]:
    """The ids of the users of a group, of groups within it too; none for an unknown one."""
    groups = [] if group_id in above else organisation.user_groups
    return {
        member
        for group in groups
        if group["id"] == group_id
        for source in group["sources"]
        for member in _members_of_source(organisation, source, above | {group_id})
    }


def _members_of_source(organisation: Organisation, source: Row, above: frozenset[str]) -> set[str]:
    source_id, kind = source["source"]["id"], source["type"]
    if kind == "users":
        return {source_id}
    if kind == "groups":
        return _members_of_group(organisation, source_id, above)
    deep = source["subordinates" if kind == "roles" else "sub_territories"]
    every = organisation.content(kind)
    found = _with_those_below(every, source_id) if deep else {source_id}
    if kind == "roles":
        return {user["id"] for user in organisation.users if user["role"]["id"] in found}
    return set().union(*(organisation.territory_users.get(one, ()) for one in found))
