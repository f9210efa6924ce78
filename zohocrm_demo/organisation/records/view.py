"""What the ids in a record refer to, seen by the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.references import Row, by_api_name, module_ref

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from zohocrm_demo.organisation import Organisation


class OrganisationView:
    """Looks ids up in the organisation; made anew for each call, for both may change."""

    def __init__(
        self,
        organisation: Organisation,
        zone: tzinfo,
        namer: Callable[[str], Callable[[str], str | None]],
        *,
        names_in_coql: bool = False,
    ) -> None:
        self.zone = zone
        self.names_in_coql = names_in_coql
        self._organisation = organisation
        self._namer = namer
        self._namers: dict[str, Callable[[str], str | None]] = {}
        self._users: dict[str, Row] = {user["id"]: user for user in organisation.users}
        self._territories = {territory["id"]: territory for territory in organisation.territories}
        self._modules = by_api_name(organisation.modules)

    def user_row(self, user_id: str) -> Row:
        """A user with all keys; empty for unknown ones."""
        return self._users.get(user_id, {})

    def user(self, user_id: str) -> Row:
        """`{name, id, email}` of a user."""
        user = self.user_row(user_id)
        return {"name": user.get("full_name"), "id": user_id, "email": user.get("email")}

    def reference(self, module: str, record_id: str) -> Row:
        """`{name, id}` of a record; a deleted one has no name any more."""
        name_of = self._namers.get(module)
        if name_of is None:
            name_of = self._namers[module] = self._namer(module)
        return {"name": name_of(record_id), "id": record_id}

    def module_reference(self, api_name: str) -> Row:
        """`{api_name, id}` of a module."""
        return module_ref(self._modules[api_name])

    def tag(self, module: str, name: str) -> Row:
        """`{name, id, color_code}` of a tag; null where nobody has described it."""
        for tag in self._organisation.tags.get(module, ()):
            if tag["name"] == name:
                return {"name": name, "id": tag["id"], "color_code": tag["color_code"]}
        return {"name": name, "id": None, "color_code": None}

    def territory(self, territory_id: str) -> Row:
        """`{name, id}` of a territory."""
        return {"name": self._territories[territory_id]["name"], "id": territory_id}

    def layout(self, module: str, layout_id: str) -> Row:
        """`{name, display_label, id}` of a layout."""
        for layout in self._organisation.layouts.get(module, ()):
            if layout["id"] == layout_id:
                label = layout.get("display_label", layout["name"])
                return {"name": layout["name"], "display_label": label, "id": layout_id}
        return {"name": None, "display_label": None, "id": layout_id}
