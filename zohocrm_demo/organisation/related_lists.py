"""Related lists, made out of the lookups that point at a module.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/related-list-meta.html
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, TypeAlias

from zohocrm_demo.organisation.children.child import LINKS
from zohocrm_demo.organisation.directory import Directory
from zohocrm_demo.organisation.references import (
    FIRST,
    Fields,
    Row,
    by_api_name,
    has_tab,
    make_id,
    ref,
    several_targets,
)

# The module that has the list, the module listed, what the list is called, and keys of its own.
_List: TypeAlias = "tuple[str, Row, str | None, dict[str, Any]]"

_ACTIONS = {"Notes": "addNote", "Attachments": "attachFile"}
_HISTORIES = frozenset({"field_tracker", "picklisttracker"})
_LISTED = frozenset({"default", "custom"})
_WITHOUT_EMAILS = frozenset({"Tasks", "Events", "Calls", "Products", "Price_Books"})
_SURVEYED = frozenset({"Leads", "Contacts"})


def related_lists(
    directory: Directory, modules: list[Row], fields: Fields, open_lookups: Fields
) -> Fields:
    """The related lists of every module with a tab, by name; their names go into the lookups."""
    made: Fields = {module["api_name"]: [] for module in modules if has_tab(module)}
    wanted = list(_of_fields(modules, fields, open_lookups)) + list(_fixed(by_api_name(modules)))
    wanted += _links(by_api_name(modules))
    shown = (one for one in wanted if one[0] in made)
    for count, (parent, listed, called, own) in enumerate(shown, 1):
        row = _row(directory, made[parent], listed, called, count)
        lookup, allowed = own.pop("lookup", None), own.pop("allowed", True)
        if not allowed:
            row["record_operations"] = dict.fromkeys(row["record_operations"], False)
        row.update(own)
        made[parent].append(row)
        if lookup is not None:
            lookup.update(ref(row, "api_name", "display_label"))
    return {name: lists for name, lists in made.items() if lists}


def _of_fields(modules: list[Row], fields: Fields, open_lookups: Fields) -> Iterator[_List]:
    """The lists that fields make in other modules."""
    known = by_api_name(modules)
    for module in modules:
        kind, supported = module["generated_type"], module["api_supported"]
        for field in fields.get(module["api_name"], []):
            lookup, many = field["lookup"], field["multiselectlookup"]
            if kind in _HISTORIES:
                if field["data_type"] == "lookup":
                    name = module["plural_label"].replace(" ", "_")
                    yield module["parent_module"]["api_name"], module, name, {"allowed": False}
            elif kind not in _LISTED or not supported:
                continue
            elif lookup:
                own = {"id": lookup["id"], "connectedlookupApiName": field["api_name"]}
                yield lookup["module"]["api_name"], module, None, {**own, "lookup": lookup}
            elif field["data_type"] == "multiselectlookup":
                linking = many["linking_details"]["module"]["api_name"]
                other = known[many["connected_details"]["module"]["api_name"]]
                for here, there in ((module, other), (other, module)):
                    own = {"type": "multiselectlookup", "connectedmodule": there["api_name"]}
                    yield here["api_name"], there, None, {**own, "linkingmodule": linking}
            else:
                for target in several_targets(field, open_lookups):
                    yield target, module, None, {}


def _fixed(modules: dict[str, Row]) -> Iterator[_List]:
    """The lists that come of no field: mails and surveys, which name no module."""
    nowhere = {"module": None, "href": None}
    for name in modules:
        if name not in _WITHOUT_EMAILS:
            yield name, modules["Emails"], "Emails", {"allowed": False, **nowhere}
        if name in _SURVEYED:
            hidden = {"status": "user_hidden", "visibility": 0}
            label = {"display_label": "Zoho Survey", "name": "Zoho Survey"}
            yield name, modules["Emails"], "Zoho_Survey", {**nowhere, **hidden, **label}


def _links(modules: dict[str, Row]) -> Iterator[_List]:
    """The lists of records that are linked to each other: contact roles, campaign members."""
    for kind, link in LINKS.items():
        module, name = kind.split(".")
        yield module, modules[link["child"]], name if name != link["child"] else None, {}
        if "inverse" in link:
            yield link["child"], modules[module], None, {}


def _row(
    directory: Directory, lists: list[Row], listed: Row, called: str | None, count: int
) -> Row:
    name, taken = called or listed["api_name"], {row["api_name"] for row in lists}
    free = (f"{name}{number or ''}" for number in itertools.count())
    api_name = next(one for one in free if one not in taken)
    return directory.shape(
        "related_list",
        id=make_id(FIRST["related_lists"] + count),
        number=len(lists) + 1,
        label=called.replace("_", " ") if called else listed["plural_label"],
        api_name=api_name,
        name=api_name.replace("_", " "),
        module=listed["api_name"],
        plural_label=listed["plural_label"],
        action=_ACTIONS.get(listed["api_name"]),
        type="default" if listed["generated_type"] == "default" else "custom_lookup",
    )
