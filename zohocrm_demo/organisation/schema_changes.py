"""Changes of modules and fields while the organisation lives, as an administrator makes them.

Records keep their values: those of a renamed field move along, an added field is empty in all
records that are there already.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.fields import FieldRow, make_field, read_rows
from zohocrm_demo.organisation.layouts import associate, standard_layout
from zohocrm_demo.organisation.modules import admit, build, directory_of
from zohocrm_demo.organisation.records.times import written
from zohocrm_demo.organisation.references import Row, by_api_name

if TYPE_CHECKING:
    from zohocrm_demo.organisation.sample import Organisation

Kind: TypeAlias = Literal["added", "dropped", "renamed", "retyped"]

# The shorthand of the fields that a new module has by default.
_USUAL_FIELDS = "Name|Name|text:120|mandatory display\n+owned {label}"


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """One change."""

    at: datetime  # when (aware)
    kind: Kind
    module: str  # the module's API name, as it was before
    field: str | None = None  # as it was before; None for a change of the module
    before: str | None = None  # the old name or data type, if that is what changed
    after: str | None = None


class SchemaChanges:
    """Changes modules and fields, and remembers how, in order, as `history`.

    LookupError: a module or field isn't there; ValueError: a name is taken or a line unreadable.
    """

    def __init__(self, organisation: Organisation) -> None:
        self.history: list[SchemaChange] = []
        self._organisation = organisation
        self._numbers: dict[str, int] = {}

    def add_module(self, api_name: str, label: str, fields: str | None = None) -> Row:
        """Add a custom module with a name, an owner and what the system keeps, or these fields."""
        organisation = self._organisation
        if organisation.module(api_name) is not None:
            raise ValueError(f"there is a module {api_name}")
        singular, _, plural = label.partition("/")
        organisation.records.admit(api_name)
        directory = directory_of(organisation)
        admit(organisation, directory, [api_name])
        lines = _USUAL_FIELDS.format(label=singular) if fields is None else fields
        module = build(organisation, directory, api_name, f"{singular}/{plural or singular}", lines)
        self._note("added", module)
        return module

    def drop_module(self, api_name: str) -> None:
        """Drop a module with its records, and the fields that lead to it alone."""
        organisation = self._organisation
        module = self._organisation.the_module(api_name)
        self._note("dropped", module)
        organisation.records.dismiss(api_name)
        organisation.modules.remove(module)
        organisation.fields.pop(api_name, None)
        for content in self._by_module():
            content.pop(api_name, None)
        for name, own in organisation.fields.items():
            for field in [one for one in own if _leads_to(one, api_name)]:
                self.drop_field(name, field["api_name"])
            for field in own:
                several = field["multi_module_lookup"].get("modules", [])
                for targets in (several, organisation.open_lookups.get(field["id"], [])):
                    targets[:] = [one for one in targets if one["api_name"] != api_name]
        lists = organisation.related_lists
        for name, rows in lists.items():
            lists[name] = [row for row in rows if (row["module"] or module)["id"] != module["id"]]

    def rename_module(self, api_name: str, new_name: str) -> None:
        """Change a module's API name, wherever it is written."""
        organisation = self._organisation
        module = self._organisation.the_module(api_name)
        if organisation.module(new_name) is not None:
            raise ValueError(f"there is a module {new_name}")
        self._note("renamed", module, before=api_name, after=new_name)
        organisation.records.rename(api_name, new_name)
        _rename(self._organisation.content_by_name, module["id"], new_name)
        for content in self._by_module():
            if api_name in content:
                content[new_name] = content.pop(api_name)

    def add_field(self, module: str, line: str) -> Row:
        """Add a field, empty in all records, by a line: `Depth|Depth (m)|double:8|custom`."""
        owner, own = (
            self._organisation.the_module(module),
            self._organisation.fields.setdefault(module, []),
        )
        (row,) = read_rows(line)
        if row.api_name in by_api_name(own):
            raise ValueError(f"{module} has a field {row.api_name}")
        number = 1 + max(self._numbers.get(module, 0), len(own))
        self._numbers[module] = number
        field = self._make_field(row, owner, number)
        own.append(field)
        self._organisation.records.forget_field(module, row.api_name)
        self._lay_out(owner)
        self._note("added", owner, field)
        return field

    def drop_field(self, module: str, api_name: str) -> None:
        """Drop a field from its module, its layouts and views."""
        owner, field = self._organisation.the_module(module), self._field(module, api_name)
        own = self._organisation.fields[module]
        self._numbers[module] = max(self._numbers.get(module, 0), len(own))
        self._note("dropped", owner, field)
        own.remove(field)
        for view in self._organisation.custom_views.get(module, ()):
            view["fields"] = [one for one in view["fields"] if one["id"] != field["id"]]
        self._lay_out(owner)

    def rename_field(self, module: str, api_name: str, new_name: str) -> None:
        """Change a field's API name, wherever it is written."""
        owner, field = self._organisation.the_module(module), self._field(module, api_name)
        if new_name in by_api_name(self._organisation.fields[module]):
            raise ValueError(f"{module} has a field {new_name}")
        self._note("renamed", owner, field, before=api_name, after=new_name)
        self._organisation.records.rename_field(module, field, new_name)
        _rename(self._organisation.content_by_name, field["id"], new_name)

    def retype_field(self, module: str, api_name: str, kind: str) -> Row:
        """Change a field's type to one such as `textarea:large`; what doesn't fit becomes empty."""
        owner, field = self._organisation.the_module(module), self._field(module, api_name)
        (row,) = read_rows(f"{api_name}|{field['field_label']}|{kind}|custom")
        made = self._make_field(row, owner, int(field["quick_sequence_number"]))
        before = dict(field)
        kept = {"id", "created_time", "layout_associations", "system_mandatory", "custom_field"}
        field.update({key: value for key, value in made.items() if key not in kept})
        self._organisation.records.retype_field(module, before, field)
        self._note("retyped", owner, field, before=before["data_type"], after=row.data_type)
        return field

    def _make_field(self, row: FieldRow, module: Row, number: int) -> Row:
        field = make_field(directory_of(self._organisation), row, module, number)
        field["created_time"] = self._now()
        return field

    def _lay_out(self, module: Row) -> None:
        name = module["api_name"]
        own = self._organisation.fields[name]
        known = {field["id"] for field in own}
        layouts = self._organisation.layouts
        for layout in layouts.get(name, ()):
            if layout["name"] == "Standard":
                made = standard_layout(directory_of(self._organisation), module, own)
                layout["sections"] = made["sections"]
            for section in layout["sections"]:
                section["fields"] = [one for one in section["fields"] if one["id"] in known]
        associate({name: own}, layouts)

    def _note(self, kind: Kind, module: Row, field: Row | None = None, **values: str) -> None:
        now = self._now()
        caller = self._organisation.users[0]
        by = {"name": caller["full_name"], "id": caller["id"]}
        module.update(modified_time=now, modified_by=by)
        if field is not None:
            field["modified_time"] = now
        name = None if field is None else field["api_name"]
        at = self._organisation.records.clock()
        self.history.append(SchemaChange(at, kind, module["api_name"], name, **values))

    def _by_module(self) -> Iterator[dict[str, Any]]:
        for name in read_file("contents.yaml")["by_module"]:
            yield self._organisation.content(name)

    def _field(self, module: str, api_name: str) -> Row:
        field = by_api_name(self._organisation.fields.get(module, [])).get(api_name)
        if field is None:
            raise LookupError(f"no field {api_name} in {module}")
        return field

    def _now(self) -> str:
        records = self._organisation.records
        return written(int(records.clock().timestamp()), records.zone)


def _leads_to(field: Row, module: str) -> bool:
    target = field["lookup"].get("module") or {}
    rows = field.get("subform") or {}
    return module in {target.get("api_name"), rows.get("module")}


def _rename(content: Any, identity: str, new_name: str) -> None:
    # Every `{api_name, id}` of it, wherever it is.
    if isinstance(content, dict):
        if content.get("id") == identity and "api_name" in content:
            content["api_name"] = new_name
        for value in content.values():
            _rename(value, identity, new_name)
    elif isinstance(content, list):
        for value in content:
            _rename(value, identity, new_name)
