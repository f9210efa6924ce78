"""The stream this tap is named after: every module of the organisation.

https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from typing_extensions import override

from tap_zohocrm_modules.streams.metadata import MetadataStream

_PROFILES_LISTED = 50


class ModulesStream(MetadataStream):
    """One row a module, in the order of the organisation's menu, then of ids."""

    @override
    def arrange(self, records: Iterator[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        modules = sorted(records, key=_menu_order)
        if names := [str(module["api_name"]) for module in modules if module["has_more_profiles"]]:
            self.logger.warning(
                "Zoho lists the first %d profiles of a module only; these have more, as"
                " profile_count says: %s.",
                _PROFILES_LISTED,
                ", ".join(names),
            )
        return modules


def _menu_order(module: Mapping[str, Any]) -> tuple[bool, int, int, str]:
    position, module_id = module["sequence_number"], module["id"]
    return position is None, position or 0, len(module_id), module_id
