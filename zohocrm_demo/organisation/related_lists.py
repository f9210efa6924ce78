"""Related lists, made out of the lookups that point at a module.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/related-list-meta.html
"""

from __future__ import annotations

from typing import Any

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.references import (
    RELATED_LISTS,
    Fields,
    Row,
    by_api_name,
    has_tab,
    module_ref,
)

_ACTIONS = {"Notes": "addNote", "Attachments": "attachFile"}
_HISTORIES = frozenset({"field_tracker", "picklisttracker"})
_LISTED = frozenset({"default", "custom"})
_WITHOUT_EMAILS = frozenset({"Tasks", "Events", "Calls", "Products", "Price_Books"})


def related_lists(modules: list[Row], fields: Fields) -> dict[str, list[Row]]:
    """The related lists of every module with a tab, by the module's API name.

    A list that comes of a lookup has the id, API name and label that the lookup tells; the
    lookups in `fields` are brought into line with them.
    """
    builder = _Builder(modules)
    for module in modules:
        for field in fields.get(module["api_name"], []):
            builder.follow(module, field)
    for module in modules:
        builder.add_fixed(module)
    return {name: lists for name, lists in builder.lists.items() if lists}


class _Builder:
    def __init__(self, modules: list[Row]) -> None:
        self._modules = by_api_name(modules)
        self.lists: dict[str, list[Row]] = {
            module["api_name"]: [] for module in modules if has_tab(module)
        }
        self._count = 0

    def follow(self, module: Row, field: Row) -> None:
        """Add the lists that a field of `module` makes in other modules."""
        kind = module["generated_type"]
        if kind in _HISTORIES:
            self._follow_history(module, field)
        elif kind not in _LISTED or not module["api_supported"]:
            return
        elif field["data_type"] == "lookup":
            self._follow_lookup(module, field)
        elif field["data_type"] == "multi_module_lookup":
            for target in field["multi_module_lookup"]["modules"]:
                self._add(target["api_name"], module)
        elif field["data_type"] == "multiselectlookup":
            self._follow_many(module, field["multiselectlookup"])

    def add_fixed(self, module: Row) -> None:
        """Add the lists that come of no field."""
        name = module["api_name"]
        if name not in self.lists or name in _WITHOUT_EMAILS:
            return
        # The page shows no module for mails and surveys; e-mails have none of their own.
        emails = self._add(name, self._modules["Emails"], "Emails")
        if emails is not None:
            emails.update(module=None, href=None, record_operations=_operations(allowed=False))
        if name in {"Leads", "Contacts"}:
            survey = self._add(name, self._modules["Emails"], "Zoho_Survey")
            if survey is not None:
                survey.update(
                    module=None,
                    href=None,
                    status="user_hidden",
                    visibility=0,
                    display_label="Zoho Survey",
                    name="Zoho Survey",
                )

    def _follow_lookup(self, module: Row, field: Row) -> None:
        lookup = field["lookup"]
        row = self._add(lookup["module"]["api_name"], module, list_id=lookup["id"])
        if row is not None:
            row["connectedlookupApiName"] = field["api_name"]
            lookup.update(api_name=row["api_name"], display_label=row["display_label"])

    def _follow_history(self, module: Row, field: Row) -> None:
        if field["data_type"] == "lookup":
            label = module["plural_label"]
            row = self._add(module["parent_module"]["api_name"], module, label.replace(" ", "_"))
            if row is not None:
                row["record_operations"] = _operations(allowed=False)

    def _follow_many(self, module: Row, lookup: Row) -> None:
        linking = lookup["linking_details"]["module"]["api_name"]
        other = self._modules[lookup["connected_details"]["module"]["api_name"]]
        for here, there in ((module, other), (other, module)):
            row = self._add(here["api_name"], there)
            if row is not None:
                row.update(
                    type="multiselectlookup",
                    connectedmodule=there["api_name"],
                    linkingmodule=linking,
                )

    def _add(
        self, parent: str, module: Row, name: str | None = None, *, list_id: str | None = None
    ) -> Row | None:
        lists = self.lists.get(parent)
        if lists is None:
            return None
        self._count += 1
        label = name.replace("_", " ") if name else module["plural_label"]
        taken = {row["api_name"] for row in lists}
        api_name = _free(name or module["api_name"], taken)
        row: dict[str, Any] = {
            "id": list_id or make_id(RELATED_LISTS + self._count),
            # A number in quotes: so it is in Zoho's answers.
            "sequence_number": str(len(lists) + 1),
            "display_label": label,
            "api_name": api_name,
            "module": {**module_ref(module), "plural_label": module["plural_label"]},
            "name": api_name.replace("_", " "),
            "action": _ACTIONS.get(module["api_name"]),
            "href": f"{api_name}/{{ENTITYID}}",
            "type": "default" if module["generated_type"] == "default" else "custom_lookup",
            "field_enabled": True,
            "customize_sort": True,
            "customize_fields": True,
            "customize_display_label": True,
            "status": "visible",
            "visibility": 1,
            "personality_name": api_name,
            "record_operations": _operations(allowed=True),
            "connectedmodule": None,
            "linkingmodule": None,
            "parent_related_lists": None,
        }
        lists.append(row)
        return row


def _free(name: str, taken: set[str]) -> str:
    number = 1
    free = name
    while free in taken:
        free = f"{name}{number}"
        number += 1
    return free


def _operations(*, allowed: bool) -> dict[str, bool]:
    names = ("edit", "create", "bulk_edit", "delete", "disassociate", "assign")
    return dict.fromkeys(names, allowed)
