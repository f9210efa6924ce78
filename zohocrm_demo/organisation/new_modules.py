"""Modules beside those of the data files: one that somebody adds, or hundreds made to measure."""

from __future__ import annotations

from itertools import cycle, islice, product
from typing import TYPE_CHECKING

from zohocrm_demo.organisation.custom_views import views
from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.directory import Directory
from zohocrm_demo.organisation.field_rows import read_rows
from zohocrm_demo.organisation.fields import make_field
from zohocrm_demo.organisation.layouts import associate, standard_layout
from zohocrm_demo.organisation.modules import make_module, module_id, traits_of
from zohocrm_demo.organisation.references import Row, field_ref, module_ref
from zohocrm_demo.organisation.related_lists import related_lists

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zohocrm_demo.organisation.model import Organisation


def directory_of(organisation: Organisation) -> Directory:
    """A directory of an organisation's present modules and fields."""
    directory = Directory()
    directory.modules = {row["api_name"]: module_ref(row) for row in organisation.modules}
    directory.fields = {
        f"{name}.{field['api_name']}": field_ref(field)
        for name, own in organisation.fields.items()
        for field in own
    }
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
    customization = organisation
    customization.layouts[api_name] = [standard_layout(directory, module, own)]
    customization.custom_views[api_name] = views(directory, module, own)
    associate({api_name: own}, customization.layouts)
    return module


def enlarge(organisation: Organisation, modules: int, fields: int) -> None:
    """Add made-up modules until there are so many modules and fields.

    Raises:
        ValueError: There are more already.
    """
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
    names = list(islice((name for name in _names(content["names"]) if name not in known), count))
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


def _names(words: list[list[str]]) -> Iterator[str]:
    number = 1
    while True:
        for pair in product(*words):
            yield f"{'_'.join(pair)}_{number}"
        number += 1
