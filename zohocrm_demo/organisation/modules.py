"""The modules of the sample organisation, as the Modules API shows them.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.ids import CUSTOM_MODULES, STANDARD_MODULES, make_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zohocrm_demo.organisation.directory import Directory
    from zohocrm_demo.organisation.references import Row

_MOST_PROFILES = 50
_DEFAULT_PROFILES = ("Administrator", "Standard", "Field Engineer")
_OF_ZOHO = frozenset({"default", "field_tracker"})

# The names that Zoho numbers: what a module is called by is in its API name only.
_NUMBERED = {"custom": "CustomModule", "linking": "LinkingModule", "subform": "SubForm"}


def modules(directory: Directory) -> list[Row]:
    """Every module of `modules.yaml`, in its order; the directory knows them from now on."""
    known = {
        name: traits_of(traits) for name, traits in read_file("modules.yaml")["modules"].items()
    }
    directory.modules = {
        name: {"api_name": name, "id": module_id(traits.get("generated_type", "default"), place)}
        for place, (name, traits) in enumerate(known.items(), 1)
    }
    counts: dict[str, int] = {}
    return [
        make_module(directory, name, traits, position, counts)
        for position, (name, traits) in enumerate(known.items(), 1)
    ]


def make_module(
    directory: Directory,
    api_name: str,
    traits: Mapping[str, Any],
    position: int,
    counts: dict[str, int],
) -> Row:
    """One module."""
    own = dict(traits)
    singular, plural = own.pop("label").split("/")
    kind = own.get("generated_type", "default")
    profiles = _profiles(directory, own.pop("profiles", _DEFAULT_PROFILES))
    changed, by, parent = (own.pop(key, None) for key in ("changed", "by", "parent"))
    numbered = _NUMBERED.get(kind) if own.pop("sort") != "line_items" else None
    if numbered is not None:
        counts[kind] = counts.get(kind, 0) + 1
    return {
        **directory.shape(
            "module",
            api_name=api_name,
            id=directory.modules[api_name]["id"],
            singular=singular,
            plural=plural,
            position=position,
            module_name=api_name if numbered is None else f"{numbered}{counts[kind]}",
            has_more_profiles=len(profiles) > _MOST_PROFILES,
            profiles=profiles[:_MOST_PROFILES],
            profile_count=len(profiles),
            private_profile=None,
            parent_module={} if parent is None else directory.ref("module", parent),
            modified_time=changed,
            modified_by=None if by is None else directory.ref("user", by),
        ),
        **directory.fill(own),
    }


def traits_of(own: Mapping[str, Any]) -> dict[str, Any]:
    """What `modules.yaml` says of a module, with what it says of the module's sort."""
    return {**read_file("modules.yaml")["sorts"][own["sort"]], **own}


def module_id(kind: str, position: int) -> str:
    """The id of the module at this place of the menu, from 1."""
    first, step = (STANDARD_MODULES, 2) if kind in _OF_ZOHO else (CUSTOM_MODULES, 1_007)
    return make_id(first + step * (position - 1))


def _profiles(directory: Directory, wanted: int | list[str]) -> list[Row]:
    names = list(directory.refs("profile"))[:wanted] if isinstance(wanted, int) else wanted
    return [directory.ref("profile", name) for name in names]
