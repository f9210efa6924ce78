"""Modules in groups by what they are for, so that a map of many can be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import ceil

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.beside import read_beside
from zohocrm_atlas.model.entities import Module

_BY_NAME = read_beside(__file__, dict[str, str])
"""Groups, and the API names of Zoho's modules in them (`groups.json`)."""
_GROUPS = {name: group for group, names in _BY_NAME.items() for name in names.split()}
CUSTOM, OTHER = "Custom", "System"
_ATTACHED = {"subform", "static_subform", "linking", "field_tracker", "picklisttracker"}
_LARGEST = 40
_MOST = 14
"""Groups that a large one is split into: with the others, they fit into a window."""


def groups_of(atlas: Atlas) -> Mapping[str, Sequence[Module]]:
    """Groups and their modules; a group that is too large is split by the alphabet."""
    names = {module.api_name: _group(atlas, module) for module in atlas.modules}
    found: defaultdict[str, list[Module]] = defaultdict(list)
    for module in atlas.modules:
        found[names[module.api_name]].append(module)
    order = [*_BY_NAME, CUSTOM, OTHER]
    return {
        title: part
        for group in order
        if group in found
        for title, part in _parts(group, found[group])
    }


def _group(atlas: Atlas, module: Module) -> str:
    if module.api_name in _GROUPS:
        return _GROUPS[module.api_name]
    if module.kind in _ATTACHED:
        owner = atlas.module(module.parent or _owner(atlas, module))
        if owner and owner.kind not in _ATTACHED:
            return _group(atlas, owner)
    return CUSTOM if module.kind in {"custom", *_ATTACHED} else OTHER


def _owner(atlas: Atlas, module: Module) -> str:
    """What leads to a subform, or what a linking module leads to first."""
    leading = [each.source for each in atlas.incoming(module.api_name) if each.kind == "subform"]
    led_to = [each.target for each in atlas.outgoing(module.api_name)]
    return next(iter((*leading, *led_to)), "")


def _parts(title: str, modules: Sequence[Module]) -> Sequence[tuple[str, Sequence[Module]]]:
    size = max(_LARGEST, ceil(len(modules) / _MOST))
    if len(modules) <= size:
        return [(title, modules)]
    parts = [modules[start : start + size] for start in range(0, len(modules), size)]
    return [(f"{title}: {part[0].label[:12]} to {part[-1].label[:12]}", part) for part in parts]
