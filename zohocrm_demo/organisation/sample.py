"""The sample organisation, put together out of the data files."""

from __future__ import annotations

import functools
import pickle
from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation import module_settings, picklists
from zohocrm_demo.organisation.custom_views import custom_views
from zohocrm_demo.organisation.directory import Directory
from zohocrm_demo.organisation.fields import fields as all_fields
from zohocrm_demo.organisation.fields import open_lookups
from zohocrm_demo.organisation.layouts import associate, layouts
from zohocrm_demo.organisation.model import Organisation
from zohocrm_demo.organisation.modules import modules as all_modules
from zohocrm_demo.organisation.new_modules import enlarge
from zohocrm_demo.organisation.references import Fields, Row, field_ref
from zohocrm_demo.organisation.related_lists import related_lists

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIELDS_PER_MODULE = 40


def sample_organisation(
    *,
    seed: int = 0,
    records: Mapping[str, int] | None = None,
    modules: int | None = None,
    fields: int | None = None,
) -> Organisation:
    """Brightwater Instruments: the same values every time, a copy of your own.

    Args:
        seed: Makes other values in the records.
        records: How many records modules have, by API name, where not as many as usual.
        modules: How many modules there are; made-up ones come after those of the sample.
        fields: How many fields all modules have together; about 40 a made-up module by default.

    Raises:
        LookupError: `records` names a module that isn't there.
        ValueError: The sample has more modules or fields than wanted.
    """
    content = pickle.loads(_pickled_sample())  # noqa: S301 - our own values
    sample = Organisation(**content)
    if modules is not None:
        present = sum(map(len, sample.fields.values()))
        more = _FIELDS_PER_MODULE * (modules - len(sample.modules))
        enlarge(sample, modules, present + more if fields is None else fields)
    sample.records.seed = seed
    sample.records.fill_with_sample()
    for name, count in (records or {}).items():
        if sample.module(name) is None:
            raise LookupError(f"the organisation has no module {name}")
        sample.records.resize(name, count)
    return sample


@functools.cache
def _pickled_sample() -> bytes:
    """The sample's content; to read it again takes a fifth of the time of making it."""
    return pickle.dumps(_content())


def _content() -> dict[str, Any]:
    directory = Directory()
    listed = all_modules(directory)
    by_module = all_fields(directory, listed)
    directory.fields = {
        f"{name}.{field['api_name']}": field_ref(field)
        for name, own in by_module.items()
        for field in own
    }
    for module in listed:
        if module["generated_type"] == "static_subform":
            own = [field_ref(field) for field in by_module[module["api_name"]]]
            module["static_subform_properties"] = {"fields": own}
    content: dict[str, Any] = {"modules": listed, "fields": by_module}
    content |= _derived(directory, listed, by_module)
    directory.layouts, directory.views = (
        {
            f"{name}.{row['name']}": {"name": row["name"], "id": row["id"]}
            for name, rows in content[key].items()
            for row in rows
        }
        for key in ("layouts", "custom_views")
    )
    content |= directory.lists()
    content["granted_permissions"] = module_settings.granted_permissions(
        content["profiles"], content["permissions"]
    )
    return content


def _derived(directory: Directory, modules: list[Row], fields: Fields) -> dict[str, Any]:
    # What follows from modules and fields. Fields learn what they are part of: the order matters.
    made = layouts(directory, modules, fields)
    associate(fields, made)
    targets = open_lookups(directory, fields)
    global_picklists = picklists.global_picklists(directory, fields)
    return {
        "layouts": made,
        "global_picklists": global_picklists,
        "replaced_values": picklists.replaced_values(global_picklists),
        "open_lookups": targets,
        "related_lists": related_lists(directory, modules, fields, targets),
        "custom_views": custom_views(directory, modules, fields),
        "pipelines": picklists.pipelines(directory, fields, made),
        "map_dependencies": picklists.map_dependencies(directory, fields, made),
        "wizards": module_settings.wizards(directory, made),
        "data_sharing": module_settings.data_sharing(modules),
        "permissions": module_settings.permissions(directory, modules),
    }
