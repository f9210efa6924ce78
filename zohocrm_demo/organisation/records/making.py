"""The makers of one module's values, made when first wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.records.kinds import COMPUTED, kind_of
from zohocrm_demo.organisation.records.makers import Maker, maker_of
from zohocrm_demo.organisation.records.origins import converted
from zohocrm_demo.organisation.records.world import World
from zohocrm_demo.organisation.references import by_api_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.organisation.records.origins import Origins
    from zohocrm_demo.organisation.records.placement import Placement
    from zohocrm_demo.organisation.references import Row

_KEPT_APART = frozenset({"id", "Created_Time", "Modified_Time"})


def world_of(
    organisation: Organisation,
    placement: Callable[[str], Placement],
    fields: Callable[[str], Mapping[str, Row]],
    origins: Origins,
    seed: int,
) -> World:
    """What makers must know of an organisation; they know modules by their first names."""
    tags, layouts = organisation.customization.tags, organisation.customization.layouts
    now = origins.present_name
    return World(
        placement=placement,
        fields=lambda module: fields(now(module)),
        users=[user["id"] for user in organisation.users if user["status"] == "active"],
        tags=lambda module: [tag["name"] for tag in tags.get(now(module), ())],
        territories=[territory["id"] for territory in organisation.territories],
        layouts=lambda module: [one["id"] for one in layouts.get(now(module), ())],
        scoring_rules=[
            {"name": rule["name"], "id": rule["id"]}
            for rule in organisation.automation.scoring_rules
        ],
        module_ids={name: row["id"] for name, row in by_api_name(organisation.modules).items()},
        origins=origins,
        seed=seed,
    )


class Makers:
    """A maker of values for each field of a module, those added later included.

    Args:
        world: The organisation around.
        module: The module's API name.
        fields: Tells the fields of a module.
    """

    def __init__(
        self, world: World, module: str, fields: Callable[[str], Mapping[str, Row]]
    ) -> None:
        self._world = world
        self._module = module
        self._fields = fields
        self._made: dict[str, Maker] = {}

    def get(self, name: str) -> Maker | None:
        """The maker of a field's values; None for fields that aren't kept as values."""
        maker = self._made.get(name)
        if maker is None:
            field = self._fields(self._module).get(name)
            if field is None or name in _KEPT_APART or kind_of(field) in COMPUTED:
                return None
            maker = self._made[name] = self._maker_of(field)
        return maker

    def _maker_of(self, field: Row) -> Maker:
        origins = self._world.origins
        first = origins.first_field(self._module, field)
        if first is None:
            return lambda _: None
        make = maker_of(self._world, origins.first_name(self._module), first)
        if first["data_type"] == field["data_type"]:
            return make
        return lambda row: converted(field, make(row))

    def values(self, row: int) -> dict[str, Any]:
        """All values of a row."""
        makers = {name: self.get(name) for name in self._fields(self._module)}
        return {name: maker(row) for name, maker in makers.items() if maker is not None}
