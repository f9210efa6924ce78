"""The organisation whose records have children, and what a destination has to hold of them."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Mapping
from typing import Any

from zohocrm_demo import DemoOrganisation, Organisation, sample_organisation

PARENTS = ("Deals", "Contacts", "Campaigns", "Leads")
"""The modules that there are."""

LISTS = (
    "Deals.Contact_Roles",
    "Campaigns.Leads",
    "Contacts.Emails",
    "Deals.Shares",
    "Deals.Timeline",
)
"""The lists of children that a seed chooses from."""

# Those that lookups of the parents lead to are made up along with them.
_KEPT = (*PARENTS, "Accounts", "Vendors", "Contact_Roles", "Emails")
_CONTENT = ("users", "profiles", "roles", "tags", "contact_roles", "user_groups", "related_lists")
# What a row says besides its key, as the tap emits it, and as the organisation keeps it.
_VALUES: Mapping[str, str] = {
    "Deals.Contact_Roles": "Contact_Role",
    "Campaigns.Leads": "Member_Status",
    "Contacts.Emails": "subject",
    "Deals.Shares": "permission",
    "Deals.Timeline": "action",
}

Key = tuple[str, str]
Rows = dict[Key, Any]
"""By parent and key of the child, the one value that is compared."""


def new_child_organisation() -> Organisation:
    """Return a new organisation without records."""
    content: dict[str, Any] = pickle.loads(_pickled())  # noqa: S301 - our own values
    made = Organisation(company=content["company"])
    made.modules = content["modules"]
    made.fields = content["fields"]
    made.open_lookups = content["open_lookups"]
    made.layouts = content["layouts"]
    for name in _CONTENT:
        made.put(name, content[name])
    return made


@functools.cache
def _pickled() -> bytes:
    sample = sample_organisation(sample="awkward")
    return pickle.dumps(
        {
            "company": sample.company,
            "modules": [row for row in sample.modules if row["api_name"] in _KEPT],
            "fields": {name: rows for name, rows in sample.fields.items() if name in _KEPT},
            "open_lookups": sample.open_lookups,
            "layouts": {name: rows for name, rows in sample.layouts.items() if name in _KEPT},
            **{name: sample.content(name) for name in _CONTENT},
        }
    )


def stream_of(entry: str) -> str:
    """Return what the stream of a list is called."""
    return entry.replace(".", "_")


def truth(demo: DemoOrganisation, entry: str) -> Rows:
    """Return what the organisation has of a list, by its own store and not by any call."""
    module, _, name = entry.partition(".")
    records, children = demo.organisation.records, demo.organisation.children
    return {
        (str(record.id), child.key): _plain(child.row.get(_VALUES[entry]))
        for record in records.scan(module)
        for child in children.of_record(module, str(record.id), name)
    }


def value_of(entry: str, record: Mapping[str, Any]) -> Any:
    """Return the value of a row that is compared."""
    return record.get(_VALUES[entry])


def _plain(value: Any) -> Any:
    return value["id"] if isinstance(value, dict) else value
