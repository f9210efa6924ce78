"""Who and what is called how: names in data files become references and ids."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from zohocrm_demo.organisation.data_files import (
    Filler,
    Table,
    compiled,
    filler,
    list_names,
    read_file,
    read_list,
)
from zohocrm_demo.organisation.records.times import LOS_ANGELES
from zohocrm_demo.organisation.references import Fields, Row, make_id, ref

# Kind of reference: the list whose rows it leads to, and the key that names them.
_NAMED = {
    "user": ("users", "full_name"),
    "role": ("roles", "name"),
    "profile": ("profiles", "name"),
    "territory": ("territories", "name"),
    "user_group": ("user_groups", "name"),
    "shift": ("shift_hours", "name"),
    "variable_group": ("variable_groups", "name"),
    "email_template": ("email_templates", "name"),
    "unsubscribe_link": ("unsubscribe_links", "name"),
    "workflow_rule": ("workflow_rules", "name"),
    "workflow_task": ("workflow_tasks", "name"),
    "field_update": ("field_updates", "name"),
    "webhook": ("webhooks", "name"),
    "email_notification": ("email_notifications", "name"),
}
_CONVERSIONS: Mapping[str, Callable[[Any], Any]] = {
    "as_is": lambda value: value,
    "text": str,
    "underscored": lambda value: value.replace(" ", "_"),
    "spaced": lambda value: value.replace("_", " "),
    "number": lambda value: int(value) if value else None,
    "rolled_up": lambda function: "bigint" if function == "count" else "double",
    "zuid_in_hex": lambda value: f"1b{value:x}",
}
_BEGINNING = datetime(2023, 1, 16, 17, 30, tzinfo=timezone.utc)
_UNTIL_CHANGED = timedelta(days=200, hours=5, minutes=7)


class Directory:
    """Fills in templates with what the organisation has: references by kind and name."""

    def __init__(self) -> None:
        self.modules: Mapping[str, Row] = {}
        self.fields: Mapping[str, Row] = {}
        self.layouts: Mapping[str, Row] = {}
        self.views: Mapping[str, Row] = {}
        self._refs: dict[str, dict[str, Row]] = {}

    def know_fields(self, fields: Fields) -> None:
        """Let references lead to these fields, by `Module.Field`."""
        self.fields = {
            f"{name}.{field['api_name']}": ref(field)
            for name, own in fields.items()
            for field in own
        }

    def lists(self) -> dict[str, Any]:
        """The content of every file of `data/lists` by its name."""
        return {name: self.list(name) for name in list_names()}

    def list(self, name: str) -> Any:
        """The content of one file: a list of rows, rows by a key, or an object."""
        content = read_list(name)
        if not isinstance(content, Table):
            return self.fill(content)
        row = filler(content.row)
        if content.under is None:
            return [row(values, self._resolve) for values in _variables(content)]
        under = filler(content.under)
        gathered: dict[str, list[Any]] = {}
        for values in _variables(content):
            rows = gathered.setdefault(under(values, self._resolve), [])
            rows.append(row(values, self._resolve))
        return gathered

    def fill(self, template: Any, /, **values: Any) -> Any:
        """A template filled in; see `data/README.md`."""
        return filler(template)(values, self._resolve)

    def shape(self, name: str, /, **values: Any) -> Row:
        """A shape of `shapes.yaml` filled in."""
        shape: Row = _shape(name)(values, self._resolve)
        return shape

    def ref(self, kind: str, name: str) -> Row:
        """A copy of `{name, id}` of a user, role …, `{api_name, id}` of a module …; LookupError."""
        derived = {
            "module": self.modules,
            "field": self.fields,
            "layout": self.layouts,
            "view": self.views,
        }
        known = derived[kind] if kind in derived else self.refs(kind)
        if name not in known:
            raise LookupError(f"no {kind} {name}")
        return dict(known[name])

    def refs(self, kind: str) -> Mapping[str, Row]:
        """`{name, id}` of all users, roles … by name, in the order of their list."""
        known = self._refs.get(kind)
        if known is None:
            list_name, key = _NAMED[kind]
            table = read_list(list_name)
            ref = filler({"name": table.row[key], "id": table.row["id"]})
            rows = [ref(values, self._resolve) for values in _variables(table)]
            known = self._refs[kind] = {row["name"]: row for row in rows}
        return known

    def _resolve(self, kind: str, value: Any, values: Mapping[str, Any]) -> Any:
        if kind in _CONVERSIONS:
            return _CONVERSIONS[kind](value)
        if kind == "id":
            first, step = value if isinstance(value, list) else (int(value), 0)
            return make_id(first + step * values.get("index", 0))
        if kind == "modules":
            return [{"module_name": one, **self.ref("module", one)} for one in value.split(";")]
        if kind == "stamps":
            return self._stamps(*value)
        if kind.endswith("_id"):
            return self.ref(kind.removesuffix("_id"), value)["id"]
        return self.ref(kind, value)

    def _stamps(self, day: int, by: str, then: str | None = None) -> Row:
        # Made so many days after the organisation's settings were begun, and changed later.
        made = _BEGINNING + timedelta(days=day, minutes=day)
        return {
            "created_time": made.astimezone(LOS_ANGELES).isoformat(),
            "modified_time": (made + _UNTIL_CHANGED).astimezone(LOS_ANGELES).isoformat(),
            "created_by": self.ref("user", by),
            "modified_by": self.ref("user", then or by),
        }


@functools.cache
def _shape(name: str) -> Filler:
    outer, _, inner = name.partition(".")
    shapes = read_file("shapes.yaml")
    return filler(shapes[outer][inner] if inner else shapes[outer])


def _variables(table: Table) -> Iterator[dict[str, Any]]:
    for values in table.variables():
        yield {name: compiled(value) or value for name, value in values.items()}
