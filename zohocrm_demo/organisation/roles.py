"""The roles of the sample organisation: one tree, with the CEO at its top.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/get-roles.html
"""

from __future__ import annotations

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.local_time import local
from zohocrm_demo.organisation.people import role_refs, user_refs
from zohocrm_demo.organisation.references import Row
from zohocrm_demo.organisation.wide_ids import OWN_ROLES

# Role: the role above. The first two came with the organisation and were never changed.
_ABOVE = {
    "CEO": None,
    "Sales Director": "CEO",
    "Sales": "Sales Director",
    "Service": "CEO",
    "Laboratory": "CEO",
    "Finance": "CEO",
    "North Sales": "Sales",
    "South Sales": "Sales",
    "Field Service": "Service",
    "Water Chemistry": "Laboratory",
    "Seasonal Sampling": "Water Chemistry",
}
_AS_DELIVERED = frozenset({"CEO", "Sales Director"})
_FORECASTERS = {"Sales Director": "Tomás", "Sales": "Amara"}


def roles() -> list[Row]:
    """Every role; the keys of time and author end in `__s`."""
    ids = {role["name"]: role["id"] for role in role_refs()}
    own = [name for name in _ABOVE if name not in ids]
    ids.update({name: make_id(OWN_ROLES + 3 * index) for index, name in enumerate(own)})
    return [_role(name, above, ids) for name, above in _ABOVE.items()]


def _role(name: str, above: str | None, ids: dict[str, str]) -> Row:
    users = user_refs()
    delivered = name in _AS_DELIVERED
    forecaster = _FORECASTERS.get(name)
    return {
        "display_label": name,
        "created_by__s": None if delivered else users["Ingrid"],
        "modified_by__s": None if delivered else users["Ingrid"],
        "forecast_manager": None if forecaster is None else users[forecaster],
        "share_with_peers": name == "CEO",
        "modified_time__s": None if delivered else local("2024-02-06T17:05:40"),
        "name": name,
        "description": "Samplers hired for a season" if name == "Seasonal Sampling" else None,
        "reporting_to": None if above is None else {"name": above, "id": ids[above]},
        "id": ids[name],
        "api_name": name.replace(" ", "_"),
        "created_time__s": None if delivered else local("2019-03-12T18:00:00"),
    }
