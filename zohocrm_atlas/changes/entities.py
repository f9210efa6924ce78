"""What is compared of each kind of entity, and what a change of it is called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Entity:
    """How values of one kind are compared: by which attributes, and what each change is called."""

    name: str
    stream: str
    values: str
    attributes: Mapping[str, str]


ENTITIES = (
    Entity(
        "module",
        "modules",
        "modules",
        MappingProxyType(
            {
                "api_name": "renamed",
                "label": "renamed",
                "singular_label": "renamed",
                "kind": "retyped",
                "profiles": "repermissioned",
                "status": "changed",
                "api_supported": "changed",
                "description": "changed",
                "parent": "changed",
            }
        ),
    ),
    Entity(
        "field",
        "fields",
        "fields",
        MappingProxyType(
            {
                "api_name": "renamed",
                "label": "renamed",
                "data_type": "retyped",
                "json_type": "retyped",
                "length": "retyped",
                "decimals": "retyped",
                "access": "repermissioned",
                **dict.fromkeys(
                    (
                        "required",
                        "unique",
                        "read_only",
                        "visible",
                        "in_use",
                        "formula",
                        "default",
                        "description",
                        "global_picklist",
                        "target",
                        "layouts",
                        "pii",
                    ),
                    "changed",
                ),
            }
        ),
    ),
    Entity(
        "picklist value",
        "picklist_values",
        "picklist_values",
        MappingProxyType(
            {
                "label": "renamed",
                "value": "renamed",
                "colour": "changed",
                "position": "changed",
                "in_use": "changed",
            }
        ),
    ),
    Entity(
        "relationship",
        "relationships",
        "relationships",
        MappingProxyType({"label": "renamed", "kind": "retyped", "linking_module": "changed"}),
    ),
    Entity(
        "layout",
        "layouts",
        "layouts",
        MappingProxyType(
            {
                "name": "renamed",
                "profiles": "repermissioned",
                "status": "changed",
                "fields": "changed",
                "required": "changed",
            }
        ),
    ),
    Entity(
        "profile",
        "profiles",
        "profiles",
        MappingProxyType(
            {"name": "renamed", "permissions": "repermissioned", "description": "changed"}
        ),
    ),
)
