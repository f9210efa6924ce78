"""What Get Records shows of a record: the fields asked for, in REST's way of writing them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.calls import Context
from zohocrm_demo.families.records_access import ACCESS
from zohocrm_demo.organisation.records.conditions import stored
from zohocrm_demo.organisation.records.kinds import COMPUTED, kind_of
from zohocrm_demo.organisation.records.store import RecordStore
from zohocrm_demo.organisation.records.table import Record
from zohocrm_demo.organisation.records.values import OrganisationView, Place, rest_writer
from zohocrm_demo.organisation.references import Row

Shown: TypeAlias = "Callable[[Record], dict[str, Any]]"
_Reader: TypeAlias = "Callable[[Record], Any]"

# Sub-rows come with single records only, and no more of them than this.
_ROWS_SHOWN = 200
_ONLY_SINGLE = frozenset({"rows", "links"})
_ADDRESS_PARTS = ("Street", "City", "State", "Code", "Zip", "Country")

_PROPERTIES: Mapping[str, Any] = ACCESS["properties"]
_WORKED_OUT: Mapping[str, _Reader] = {
    "$approved": lambda record: record.approved,
    "$converted": lambda record: bool(record.value("Converted__s")),
    "$se_module": lambda record: (record.value("What_Id") or (None,))[0],
}


def field_names(context: Context, text: str, known: Iterable[str]) -> tuple[str, ...]:
    """The fields that a `fields` parameter names, once each."""
    valid = {*known, *_PROPERTIES, "id"}
    names = [name.strip() for name in text.split(",")] if context.lenient else text.split(",")
    if context.lenient:
        names = [name for name in names if name in valid]
    for index, name in enumerate(names):
        if name not in valid:
            raise ZohoError("INVALID_DATA", param_name="fields", index=index)
    return tuple(dict.fromkeys(names))


def in_lists(store: RecordStore, module: str, names: Iterable[str]) -> Shown:
    """Shows records in a list: rich texts cut, sub-rows and multi-select lookups left out."""
    fields = store.fields(module)
    readers = _readers(store, module, names, whole=False)
    if "What_Id" in readers and kind_of(fields["What_Id"]) == "any_record":
        readers["$se_module"] = _WORKED_OUT["$se_module"]
    return _shown(readers)


def alone(store: RecordStore, module: str, names: Iterable[str] | None) -> Shown:
    """Shows a single record: everything, or the fields named, sub-rows as well."""
    fields = store.fields(module)
    wanted = (*fields, *ACCESS["properties_of_one"]) if names is None else tuple(names)
    view = store.view()
    readers = _readers(store, module, wanted, whole=True)
    more: list[tuple[str, _Reader]] = []
    for name in wanted:
        field = fields.get(name)
        if field is not None and kind_of(field) in _ONLY_SINGLE:
            more.append((name, _sub_rows(store, module, field, view)))
    show = _shown(readers)

    def with_sub_rows(record: Record) -> dict[str, Any]:
        row = show(record)
        exceeded = {}
        for name, read in more:
            rows = read(record)
            row[name] = rows[:_ROWS_SHOWN]
            exceeded[name] = len(rows) > _ROWS_SHOWN
        return {**row, "$has_more": exceeded} if exceeded else row

    return with_sub_rows


def _shown(readers: Mapping[str, _Reader]) -> Shown:
    items = [(name, read) for name, read in readers.items() if name != "id"]

    def show(record: Record) -> dict[str, Any]:
        row = {name: read(record) for name, read in items}
        row["id"] = str(record.id)
        return row

    return show


def _readers(
    store: RecordStore, module: str, names: Iterable[str], *, whole: bool
) -> dict[str, _Reader]:
    fields = store.fields(module)
    view = store.view()
    readers: dict[str, _Reader] = {}
    for name in names:
        field = fields.get(name)
        if field is None:
            if name.startswith("$"):
                readers[name] = _WORKED_OUT.get(name) or _constant(_PROPERTIES[name])
        elif field["type"] == "unused":
            readers[name] = _constant(None)
        elif kind_of(field) not in _ONLY_SINGLE:
            readers[name] = _reader(store, Place(module, field, view), whole=whole)
    return readers


def _reader(store: RecordStore, place: Place, *, whole: bool) -> _Reader:
    kind = kind_of(place.field)
    name = place.field["api_name"]
    if kind not in COMPUTED:
        read, write = stored(name), rest_writer(place, whole=whole)
        return lambda record: write(read(record))
    if kind == "people":
        return _sub_rows(store, place.module, place.field, place.view)
    if kind == "coordinates":
        return _constant(None)
    prefix = name.removesuffix("_Address")
    known = store.fields(place.module)
    parts = [part for part in _ADDRESS_PARTS if f"{prefix}_{part}" in known]
    return lambda record: {part.lower(): record.value(f"{prefix}_{part}") for part in parts}


def _constant(value: Any) -> _Reader:
    return lambda _: value


def _sub_rows(store: RecordStore, module: str, field: Row, view: OrganisationView) -> _Reader:
    kind = kind_of(field)
    if kind == "rows":
        child = field["subform"]["module"]
        names = tuple(name for name, own in store.fields(child).items() if own["type"] == "used")
        return _children(
            store, child, "Parent_Id", _shown(_readers(store, child, names, whole=True))
        )
    details = field["multiselectlookup" if kind == "links" else "multiuserlookup"]
    linking = details["linking_details"]
    child = linking["module"]["api_name"]
    near, far = linking["lookup_field"]["api_name"], linking["connected_lookup_field"]["api_name"]
    known = store.fields(child)
    near_module = known.get(near, {}).get("lookup", {}).get("module", {}).get("api_name")
    if near_module != module or far not in known:
        return _constant([])
    write = rest_writer(Place(child, known[far], view))

    def show(record: Record) -> dict[str, Any]:
        return {"id": str(record.id), far: write(record.value(far))}

    return _children(store, child, near, show)


def _children(store: RecordStore, child: str, lookup: str, show: Shown) -> _Reader:
    def read(record: Record) -> list[dict[str, Any]]:
        found = store.holding(child, lookup, str(record.id))
        return [show(row) for row in found[: _ROWS_SHOWN + 1]]

    return read
