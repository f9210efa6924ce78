"""The organisation behind the demo, free to be edited between runs, and the sample of one."""

from __future__ import annotations

import functools
import gc
import pickle
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias

from typing_extensions import override

from zohocrm_demo.organisation import module_settings
from zohocrm_demo.organisation.audit_log import AuditLog
from zohocrm_demo.organisation.children.store import Children
from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.directory import Directory
from zohocrm_demo.organisation.fields import complete, open_lookups
from zohocrm_demo.organisation.fields import fields as all_fields
from zohocrm_demo.organisation.layouts import associate, custom_views, layouts
from zohocrm_demo.organisation.modules import enlarge
from zohocrm_demo.organisation.modules import modules as all_modules
from zohocrm_demo.organisation.records.store import RecordStore
from zohocrm_demo.organisation.references import Fields, Row, ref
from zohocrm_demo.organisation.related_lists import related_lists
from zohocrm_demo.organisation.schema_changes import SchemaChanges

_OWN = frozenset(
    {"content_by_name", "records", "children", "files", "audit_log", "schema"}
    | {"customization", "automation"}
)


class Organisation:
    """One organisation's data in Zoho's shapes; `contents.yaml` names its lists and objects."""

    def __init__(self, company: Row, **content: Any) -> None:
        names = read_file("contents.yaml")
        self.content_by_name: dict[str, Any] = {
            **{name: [] for name in names["lists"]},
            **{name: {} for name in (*names["by_module"], *names["by_id"], *names["objects"])},
            "company": company,
            **content,
        }
        self.records = RecordStore(self)
        self.children = Children(self.records, self.content)
        self.files: dict[str, bytes] = {}  # the contents of attachments that have any, by id
        self.audit_log = AuditLog(self.records, self.content)
        self.schema = SchemaChanges(self)
        self.customization = self.automation = self  # their lists are here

    def __getattr__(self, name: str) -> Any:
        """A list or object."""
        if name == "content_by_name" or name not in self.content_by_name:
            raise AttributeError(name)
        return self.content_by_name[name]

    @override
    def __setattr__(self, name: str, value: Any) -> None:
        """Replace a list or object."""
        if name in _OWN:
            super().__setattr__(name, value)
        else:
            self.content_by_name[name] = value

    def module(self, name_or_id: str) -> Row | None:
        """The module of this API name (case-sensitive) or id."""
        named = (row for row in self.modules if name_or_id in {row["api_name"], row["id"]})
        return next(named, None)

    def the_module(self, name: str) -> Row:
        """The same, or LookupError."""
        module = self.module(name)
        if module is None:
            raise LookupError(f"no module {name}")
        return module

    def content(self, name: str) -> Any:
        """A list or object by its name: `currencies`, `tags`, `webhooks`; None if there is none."""
        return self.content_by_name.get(name)

    def put(self, name: str, content: Any) -> None:
        """Replace a list or object by name; a new name is added."""
        self.content_by_name[name] = content


_FIELDS_PER_MODULE = 40
Sample: TypeAlias = Literal["plain", "awkward"]


def sample_organisation(
    *,
    seed: int = 0,  # makes other values in the records
    records: Mapping[str, int] | None = None,  # how many modules have, where not as many as usual
    modules: int | None = None,  # how many there are, with made-up ones
    fields: int | None = None,  # of all modules together; about 40 a made-up module by default
    sample: Sample = "plain",  # `awkward`: what has broken clients, and gaps in metadata
) -> Organisation:
    """Brightwater Instruments, a copy of your own; LookupError or ValueError for wrong sizes."""
    with _uncollected():
        content = pickle.loads(_pickled_sample())  # noqa: S301 - our own values
    made = Organisation(**content)
    if modules is not None:
        present = sum(map(len, made.fields.values()))
        more = _FIELDS_PER_MODULE * (modules - len(made.modules))
        enlarge(made, modules, present + more if fields is None else fields)
    if sample == "plain":
        complete(made.fields)
        made.records.plain = True
    made.records.seed = seed
    made.records.fill_with_sample()
    for name, count in (records or {}).items():
        if made.module(name) is None:
            raise LookupError(f"the organisation has no module {name}")
        made.records.resize(name, count)
    return made


@contextmanager
def _uncollected() -> Iterator[None]:
    # So many new values make the collector run again and again, and there is no garbage.
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


@functools.cache
def _pickled_sample() -> bytes:
    """The sample's content; to read it again takes a fifth of the time of making it."""
    return pickle.dumps(_content())


def _content() -> dict[str, Any]:
    directory = Directory()
    listed = all_modules(directory)
    by_module = all_fields(directory, listed)
    directory.know_fields(by_module)
    for module in listed:
        if module["generated_type"] == "static_subform":
            own = [ref(field) for field in by_module[module["api_name"]]]
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
    global_picklists = module_settings.global_picklists(directory, fields)
    return {
        "layouts": made,
        "global_picklists": global_picklists,
        "replaced_values": module_settings.replaced_values(global_picklists),
        "open_lookups": targets,
        "related_lists": related_lists(directory, modules, fields, targets),
        "custom_views": custom_views(directory, modules, fields),
        "pipelines": module_settings.pipelines(directory, fields, made),
        "map_dependencies": module_settings.map_dependencies(directory, fields, made),
        "wizards": module_settings.wizards(directory, made),
        "data_sharing": module_settings.data_sharing(modules),
        "permissions": module_settings.permissions(directory, modules),
    }
