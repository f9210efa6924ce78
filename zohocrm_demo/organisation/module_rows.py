"""The shorthand for modules: one row a module, and the sorts that modules come in.

Kinds of generated modules and their flags:
https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """What makes one module differ from the others of its sort.

    Attributes:
        api_name: API name.
        labels: Singular and plural label, separated by `/`.
        sort: A key of `SORTS`.
        parent: API name of the parent module.
        changed: When and by whom it was changed last: `UTC first-name`; None for never.
        extra: Keys that override those of the sort.
    """

    api_name: str
    labels: str
    sort: str
    parent: str | None = None
    changed: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


_RECORDS = {
    "global_search_supported": True,
    "deletable": True,
    "creatable": True,
    "recycle_bin_on_delete": True,
    "presence_sub_menu": True,
    "lookupable": True,
    "isBlueprintSupported": True,
    "sub_menu_available": True,
    "editable": True,
    "api_supported": True,
    "quick_create": True,
}
_OFF_MENU = {"show_as_tab": False, "presence_sub_menu": False, "sub_menu_available": False}
_HIDDEN = {
    **_OFF_MENU,
    "status": "system_hidden",
    "api_supported": True,
    "business_card_field_limit": 0,
}

SORTS: dict[str, dict[str, Any]] = {
    "page": {},
    "records": _RECORDS,
    "activities": {**_RECORDS, "lookupable": False, "isBlueprintSupported": True},
    "hidden": _HIDDEN,
    "children": {
        **_RECORDS,
        **_HIDDEN,
        "lookupable": False,
        "isBlueprintSupported": False,
        "quick_create": False,
        "recycle_bin_on_delete": False,
    },
    "line_items": {
        **_HIDDEN,
        "generated_type": "subform",
        "creatable": True,
        "editable": True,
        "deletable": True,
        "status": "visible",
    },
    "subform": {
        **_HIDDEN,
        "generated_type": "subform",
        "creatable": True,
        "editable": True,
        "deletable": True,
        "status": "visible",
        "profiles": (),
    },
    "static_subform": {**_HIDDEN, "generated_type": "static_subform", "profiles": ()},
    "field_tracker": {**_HIDDEN, "generated_type": "field_tracker", "viewable": False},
    "picklisttracker": {**_HIDDEN, "generated_type": "picklisttracker", "viewable": False},
    "linking": {
        **_HIDDEN,
        "generated_type": "linking",
        "creatable": True,
        "editable": True,
        "deletable": True,
        "status": "visible",
        "profiles": (),
    },
    "files": {**_HIDDEN, "api_supported": False, "viewable": False, "profiles": ()},
    "web": {"generated_type": "web", "profiles": ("Administrator", "Standard")},
    "webtab_link": {"generated_type": "webtab_link", "profiles": ("Administrator",)},
    "custom": {**_RECORDS, "generated_type": "custom"},
}
