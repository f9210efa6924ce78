"""The stream this tap is named after: every module of the organisation.

https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_zohocrm_modules.schemas import load_schema
from tap_zohocrm_modules.streams.base import ZohoStream
from tap_zohocrm_modules.zoho.errors import UnreadableAnswerError
from tap_zohocrm_modules.zoho.metadata import read_modules

if TYPE_CHECKING:
    from tap_zohocrm_modules.tap import TapZohoCRMModules

_PROFILES_LISTED = 50


class ModulesStream(ZohoStream):
    """One row a module, in the order of the organisation's menu, then of ids."""

    primary_keys = ("id",)

    def __init__(self, tap: TapZohoCRMModules) -> None:
        super().__init__(tap, name="modules", schema=load_schema("modules"))

    @override
    def rows(self) -> Iterable[Mapping[str, Any]]:
        return read_modules(self.tap.client, self.tap.settings.module_statuses)

    @override
    def arrange(self, records: Iterator[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        modules: dict[str, dict[str, Any]] = {}
        for module in records:
            if modules.setdefault(module["id"], module) != module:
                raise UnreadableAnswerError(
                    f"Zoho answered with two different modules of the id {module['id']}."
                )
        self._tell_of_unlisted_profiles(modules.values())
        return sorted(modules.values(), key=_menu_order)

    def _tell_of_unlisted_profiles(self, modules: Iterable[Mapping[str, Any]]) -> None:
        if names := [str(module["api_name"]) for module in modules if module["has_more_profiles"]]:
            self.logger.warning(
                "Zoho lists the first %d profiles of a module only; these have more, as"
                " profile_count tells: %s.",
                _PROFILES_LISTED,
                ", ".join(sorted(names)),
            )


def _menu_order(module: Mapping[str, Any]) -> tuple[bool, int, int, str]:
    position, module_id = module["sequence_number"], module["id"]
    return position is None, position or 0, len(module_id), module_id
