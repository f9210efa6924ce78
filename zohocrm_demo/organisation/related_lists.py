"""Related lists, made out of the lookups that point at a module.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/related-list-meta.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.ids import RELATED_LISTS, make_id
from zohocrm_demo.organisation.references import Fields, Row, by_api_name, has_tab, several_targets

if TYPE_CHECKING:
    from zohocrm_demo.organisation.directory import Directory

_ACTIONS = {"Notes": "addNote", "Attachments": "attachFile"}
_HISTORIES = frozenset({"field_tracker", "picklisttracker"})
_LISTED = frozenset({"default", "custom"})
_WITHOUT_EMAILS = frozenset({"Tasks", "Events", "Calls", "Products", "Price_Books"})
_SURVEYED = frozenset({"Leads", "Contacts"})


def related_lists(
    directory: Directory, modules: list[Row], fields: Fields, open_lookups: Fields
) -> Fields:
    """The related lists of every module with a tab, by the module's API name.

    A list that comes of a lookup has the id, API name and label that the lookup has; the lookups
    in `fields` are brought into line with them.
    """
    builder = _Builder(directory, modules, open_lookups)
    for module in modules:
        for field in fields.get(module["api_name"], []):
            builder.follow(module, field)
    for module in modules:
        builder.add_fixed(module)
    return {name: lists for name, lists in builder.lists.items() if lists}


class _Builder:
    def __init__(self, directory: Directory, modules: list[Row], open_lookups: Fields) -> None:
        self._open_lookups = open_lookups
        self._directory = directory
        self._modules = by_api_name(modules)
        self.lists: Fields = {module["api_name"]: [] for module in modules if has_tab(module)}
        self._count = 0

    def follow(self, module: Row, field: Row) -> None:
        """Add the lists that a field of `module` makes in other modules."""
        kind = module["generated_type"]
        if kind in _HISTORIES:
            if field["data_type"] == "lookup":
                name = module["plural_label"].replace(" ", "_")
                self._add(module["parent_module"]["api_name"], module, name, allowed=False)
        elif kind not in _LISTED or not module["api_supported"]:
            return
        elif field["lookup"]:
            self._follow_lookup(module, field)
        elif field["data_type"] == "multiselectlookup":
            self._follow_many(module, field["multiselectlookup"])
        else:
            for target in several_targets(field, self._open_lookups):
                self._add(target, module)

    def add_fixed(self, module: Row) -> None:
        """Add the lists that come of no field: mails and surveys, which name no module."""
        name = module["api_name"]
        if name not in self.lists or name in _WITHOUT_EMAILS:
            return
        emails = self._modules["Emails"]
        self._add(name, emails, "Emails", allowed=False, module=None, href=None)
        if name in _SURVEYED:
            self._add(
                name,
                emails,
                "Zoho_Survey",
                module=None,
                href=None,
                status="user_hidden",
                visibility=0,
                display_label="Zoho Survey",
                name="Zoho Survey",
            )

    def _follow_lookup(self, module: Row, field: Row) -> None:
        lookup = field["lookup"]
        row = self._add(
            lookup["module"]["api_name"],
            module,
            id=lookup["id"],
            connectedlookupApiName=field["api_name"],
        )
        if row is not None:
            lookup.update(api_name=row["api_name"], display_label=row["display_label"])

    def _follow_many(self, module: Row, lookup: Row) -> None:
        linking = lookup["linking_details"]["module"]["api_name"]
        other = self._modules[lookup["connected_details"]["module"]["api_name"]]
        for here, there in ((module, other), (other, module)):
            self._add(
                here["api_name"],
                there,
                type="multiselectlookup",
                connectedmodule=there["api_name"],
                linkingmodule=linking,
            )

    def _add(
        self,
        parent: str,
        listed: Row,
        called: str | None = None,
        *,
        allowed: bool = True,
        **own: object,
    ) -> Row | None:
        lists = self.lists.get(parent)
        if lists is None:
            return None
        self._count += 1
        api_name = _free(called or listed["api_name"], {row["api_name"] for row in lists})
        row = self._directory.shape(
            "related_list",
            id=make_id(RELATED_LISTS + self._count),
            number=len(lists) + 1,
            label=called.replace("_", " ") if called else listed["plural_label"],
            api_name=api_name,
            name=api_name.replace("_", " "),
            module=listed["api_name"],
            plural_label=listed["plural_label"],
            action=_ACTIONS.get(listed["api_name"]),
            type="default" if listed["generated_type"] == "default" else "custom_lookup",
            allowed=allowed,
        )
        row.update(own)
        lists.append(row)
        return row


def _free(name: str, taken: set[str]) -> str:
    number, free = 1, name
    while free in taken:
        free = f"{name}{number}"
        number += 1
    return free
