"""What kinds of modules are called, and how they are coloured (`kinds.json`)."""

from __future__ import annotations

from zohocrm_atlas.beside import read_beside
from zohocrm_atlas.model.entities import Module

_KINDS = read_beside(__file__, dict[str, tuple[str, str]])


def kind_name(module: Module) -> str:
    """The kind of a module, for people."""
    unknown = module.kind.replace("_", " ").capitalize() or "Other"
    return _KINDS.get(module.kind, (unknown,))[0]


def kind_class(module: Module) -> str:
    """The class of the style sheet for modules of this kind."""
    return _KINDS.get(module.kind, ("", "other"))[1]
