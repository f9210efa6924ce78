"""Modules, as the Modules API shows them: those of the data files, and those added later.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from itertools import cycle, islice, product
from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.directory import Directory
from zohocrm_demo.organisation.fields import make_field, read_rows
from zohocrm_demo.organisation.layouts import associate, standard_layout, views
from zohocrm_demo.organisation.references import (
    FIRST,
    Row,
    make_id,
    ref,
)
from zohocrm_demo.organisation.related_lists import related_lists

if TYPE_CHECKING:
    from zohocrm_demo.organisation.sample import Organisation

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
    first, step = (
        (FIRST["standard_modules"], 2) if kind in _OF_ZOHO else (FIRST["custom_modules"], 1_007)
    )
    return make_id(first + step * (position - 1))


def _profiles(directory: Directory, wanted: int | list[str]) -> list[Row]:
    names = list(directory.refs("profile"))[:wanted] if isinstance(wanted, int) else wanted
    return [directory.ref("profile", name) for name in names]


def directory_of(organisation: Organisation) -> Directory:
    """A directory of an organisation's present modules and fields."""
    directory = Directory()
    directory.modules = {row["api_name"]: ref(row) for row in organisation.modules}
    directory.know_fields(organisation.fields)
    return directory


def admit(organisation: Organisation, directory: Directory, api_names: list[str]) -> None:
    """Make modules known by name, so that lookups may lead to them before they are built."""
    first = _next_position(organisation)
    new = {
        name: {"api_name": name, "id": module_id("custom", position)}
        for position, name in enumerate(api_names, first)
    }
    directory.modules = {**directory.modules, **new}


def build(
    organisation: Organisation, directory: Directory, api_name: str, label: str, fields: str
) -> Row:
    """Add a custom module that is known by name, with a layout and views; returns it."""
    traits = traits_of({"label": label, "sort": "custom"})
    numbered = sum(row["generated_type"] == "custom" for row in organisation.modules)
    position = _next_position(organisation)
    module = make_module(directory, api_name, traits, position, {"custom": numbered})
    rows = read_rows(fields)
    own = [make_field(directory, row, module, number) for number, row in enumerate(rows, 1)]
    organisation.modules.append(module)
    organisation.fields[api_name] = own
    organisation.layouts[api_name] = [standard_layout(directory, module, own)]
    organisation.custom_views[api_name] = views(directory, module, own)
    associate({api_name: own}, organisation.layouts)
    return module


def enlarge(organisation: Organisation, modules: int, fields: int) -> None:
    """Add made-up modules until there are so many modules and fields; ValueError: there are."""
    present = sum(map(len, organisation.fields.values()))
    known = [row["api_name"] for row in organisation.modules]
    count, missing = modules - len(known), fields - present
    if count < 0 or missing < 0 or (missing and not count):
        raise ValueError(f"the sample has {len(known)} modules and {present} fields already")
    generated = dict(_generated(known, count, missing))
    directory = directory_of(organisation)
    admit(organisation, directory, list(generated))
    for name, lines in generated.items():
        label = name.replace("_", " ")
        build(organisation, directory, name, f"{label}/{label}s", lines)
    organisation.related_lists = related_lists(
        directory, organisation.modules, organisation.fields, organisation.open_lookups
    )


def _next_position(organisation: Organisation) -> int:
    return 1 + max((int(row["sequence_number"]) for row in organisation.modules), default=0)


def _generated(known: list[str], count: int, fields: int) -> Iterator[tuple[str, str]]:
    content = read_file("generated.yaml")
    every = (
        f"{'_'.join(pair)}_{number}"
        for number in itertools.count(1)
        for pair in product(*content["names"])
    )
    names = list(islice((name for name in every if name not in known), count))
    targets = cycle(names)
    first: str = content["first"]
    least = len(read_rows(first))
    for place, name in enumerate(names):
        own = fields * (place + 1) // count - fields * place // count - least
        lines = [
            pattern.replace("<n>", str(number)).replace("<module>", next(targets))
            for number, pattern in enumerate(islice(cycle(content["fields"]), max(0, own)), 1)
        ]
        yield name, first + "\n".join(lines)
