"""Fields, as the Fields API shows them: in short, a line each, and what follows from their types.

A line is `API name | label | type:argument | traits`.

Source: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.directory import Directory
from zohocrm_demo.organisation.references import FIRST, Fields, Row, make_id, ref

# fields.yaml says what they mean.
_PERSONAL = {"type": "Low", "restricted": False, "export": True}
TRAITS = frozenset(read_file("fields.yaml")["traits"])


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field in short."""

    api_name: str  # API name; may hold a space
    label: str
    data_type: str  # Zoho's `data_type`
    argument: str = ""  # what the type needs to know: a length, values, a module
    traits: frozenset[str] = frozenset()  # of `TRAITS`


def field_tables() -> Mapping[str, str]:
    """The fields in short of every module that has any, by the module's API name."""
    tables: Mapping[str, str] = read_file("fields.yaml")["modules"]
    return tables


def read_rows(table: str) -> tuple[FieldRow, ...]:
    """Read a table of fields; `+name word;word …` stands for a group. ValueError, KeyError."""
    return tuple(_read_row(line) for line in _lines(table))


def _lines(table: str) -> Iterator[str]:
    for line in filter(None, map(str.strip, table.splitlines())):
        if not line.startswith("+"):
            yield line
            continue
        name, _, words = line[1:].partition(" ")
        group: str = read_file("fields.yaml")["groups"][name]
        for number, word in enumerate(words.split(";"), 1):
            group = group.replace(f"<{number}>", word)
        yield from _lines(group)


def _read_row(line: str) -> FieldRow:
    api_name, label, kind, *more = (part.strip() for part in line.split("|"))
    data_type, _, argument = kind.partition(":")
    traits = frozenset(more[0].split()) if more else frozenset()
    unknown = traits - TRAITS
    if unknown:
        raise ValueError(f"Unknown traits {sorted(unknown)} in {line!r}")
    return FieldRow(api_name, label, data_type, argument, traits)


def field_types() -> Mapping[str, list[Any]]:
    """By data type: JSON type, length, `ui_type`, `decimal_place`."""
    types: Mapping[str, list[Any]] = read_file("field_types.yaml")
    return types


def typed_part(directory: Directory, row: FieldRow, number: int) -> Row:
    """The keys whose values follow from the data type and its argument."""
    json_type, length, ui_type, decimal_place = field_types()[row.data_type]
    for trait in ("array", "object"):
        if trait in row.traits:
            json_type = f"json{trait}"
    part = {
        "json_type": json_type,
        "length": int(row.argument) if row.argument.isdecimal() else length,
        "decimal_place": decimal_place,
        "ui_type": ui_type,
    }
    if "picklist" in row.data_type:
        return part | _picklist(directory, row, number)
    parts = read_file("shapes.yaml")["field_parts"]
    special = f"{row.data_type}:{row.argument}"
    name = special if special in parts else row.data_type
    # Seen in life: activities list `What_Id` as a plain lookup that names no module.
    if name not in parts or (name == "lookup" and ";" in row.argument):
        return part
    first, second, third = [*row.argument.split(";"), "", ""][:3]
    link = FIRST["lookups"] + number + 5_000_000
    values = {"label": row.label, "api_name": row.api_name, "argument": row.argument}
    values |= {"first": first, "second": second, "third": third}
    ids = {
        "lookup": FIRST["lookups"] + number,
        "near": link,
        "far": link + 1,
        "connected": link + 2,
    }
    return part | directory.shape(f"field_parts.{name}", **values, **ids)


def _picklist(directory: Directory, row: FieldRow, number: int) -> Row:
    values = ["-None-", *row.argument.split(";")] if row.argument else []
    first = FIRST["pick_list_values"] + 100 * number
    colours = read_file("picklists.yaml")["colours"].get(row.api_name, {})
    return {
        "enable_colour_code": bool(colours.keys() & values),
        "pick_list_values": [
            directory.shape(
                "pick_list_value",
                value=value,
                number=place,
                id=make_id(first + place),
                colour=colours.get(value),
            )
            | (_forecast(directory, value, place) if row.api_name == _STAGE and place > 1 else {})
            for place, value in enumerate(values, 1)
        ],
    }


_STAGE = "Stage"


def _forecast(directory: Directory, stage: str, place: int) -> Row:
    """What a stage of deals says of the forecast; as Zoho's OpenAPI file on layouts has it."""
    content = read_file("picklists.yaml")
    categories, closed = content["forecast_categories"], content["closed_stages"]
    category = closed.get(stage, categories[0])
    won = {categories[0]: 10 * place, categories[1]: 100}
    return directory.shape(
        "stage_forecast",
        category=category,
        category_id=make_id(FIRST["forecast_categories"] + categories.index(category)),
        type=stage if stage in closed else "Open",
        probability=won.get(category, 0),
    )


FIELDS_PER_MODULE = 1_000
_TRACKERS = frozenset({"field_tracker", "picklisttracker"})
_CUSTOMISED = "2025-03-29T18:30:00-07:00"
_LISTED = 50
_FILES = frozenset({"fileupload", "imageupload"})
_SUMMED = frozenset({"integer", "bigint", "currency", "double"})
_SEARCHED = frozenset({"text", "email", "phone", "website", "lookup"})
_MADE_BY_ZOHO = (
    "Owner Tag Record_Image id Parent_Id Currency Exchange_Rate Last_Activity_Time Locked__s"
)


def fields(directory: Directory, modules: list[Row]) -> Fields:
    """The fields of every module that has any, by the module's API name."""
    trackers = {
        module["parent_module"]["api_name"]: module
        for module in modules
        if module["generated_type"] in _TRACKERS
    }
    tables = field_tables()
    return {
        module["api_name"]: [
            make_field(directory, row, module, number, trackers.get(module["api_name"]))
            for number, row in enumerate(read_rows(tables[module["api_name"]]), 1)
        ]
        for module in modules
        if module["api_name"] in tables
    }


def open_lookups(directory: Directory, fields: Fields) -> Fields:
    """By the field's id, `{api_name, id}` of the modules of lookups that name none themselves."""
    tables = field_tables()
    return {
        field["id"]: [directory.ref("module", name) for name in row.argument.split(";")]
        for module, own in fields.items()
        for row, field in zip(read_rows(tables[module]), own, strict=True)
        if row.data_type == "lookup" and not field["lookup"]
    }


def undescribed_fields(module: Row) -> list[Row]:
    """The fields of records that the Fields API keeps to itself; none for most modules."""
    rows = read_rows(read_file("fields.yaml")["undescribed"].get(module["api_name"], ""))
    return [make_field(Directory(), row, module, number) for number, row in enumerate(rows, 1)]


def first_field_number(module: Row) -> int:
    """The number of the id of the module's field 0; see `make_id`."""
    return FIRST["fields"] + (int(module["sequence_number"]) - 1) * FIELDS_PER_MODULE


def make_field(
    directory: Directory, row: FieldRow, module: Row, number: int, tracker: Row | None = None
) -> Row:
    """One field."""
    traits = row.traits
    field_id = make_id(first_field_number(module) + number)
    own = "custom" in traits or _is_own(row, module)
    used = "unused" not in traits
    changeable = "readonly" not in traits
    hipaa = "hipaa" in traits
    field = directory.shape(
        "field",
        **{trait: trait in traits for trait in TRAITS - {"external", "unique", "hipaa", "private"}},
        api_name=row.api_name,
        label=row.label,
        data_type=row.data_type,
        id=field_id,
        number=number,
        own=own,
        column_name=f"{'CUSTOMFIELD' if own else 'FIELD'}{number}",
        customised=_CUSTOMISED if own else None,
        changeable=changeable,
        type="used" if used else "unused",
        shown=used and "hidden" not in traits,
        edited=used and changeable,
        visible=used and row.api_name != "id",
        filterable=row.data_type not in {"subform", *_FILES},
        sortable=row.data_type not in {"subform", "textarea", *_FILES},
        separator=row.data_type in _SUMMED,
        searchable=row.data_type in _SEARCHED,
        external={"show": True, "type": "org"} if "external" in traits else None,
        unique={"case_sensitive": False} if "unique" in traits else {},
        crypt={"mode": "decryption", "status": 1} if "encrypted" in traits else None,
        private=_PERSONAL if "private" in traits else None,
        hipaa=hipaa,
        hipaa_compliance={"restricted_in_export": True, "restricted": True} if hipaa else None,
        history_tracking=None,
        tooltip=read_file("fields.yaml")["tooltips"].get(f"{module['api_name']}.{row.api_name}"),
    )
    if "tracked" in traits and tracker is not None:
        field["history_tracking"] = directory.shape(
            "history_tracking",
            plural_label=tracker["plural_label"],
            tracker=tracker["api_name"],
            field=ref(field),
        )
    if module["api_name"] == "Leads":
        field["convert_mapping"] = {"Contacts": None, "Deals": None, "Accounts": None}
    field.update(typed_part(directory, row, first_field_number(module) + number))
    settings = read_file("module_settings.yaml")["field_permissions"]
    if few := settings.get(f"{module['api_name']}.{row.api_name}"):
        field["profiles"] = _permitted(directory, few)
    return _with_gaps(field, traits)


def _permitted(directory: Directory, few: Mapping[str, list[str]]) -> list[Row]:
    """What the first profiles may do with a field: by the last words of their names."""
    words = {word: kind for kind, several in few.items() for word in several}
    profiles = list(directory.refs("profile").values())[:_LISTED]
    kinds = [words.get(one["name"].rpartition(" ")[2], "read_write") for one in profiles]
    return [{"permission_type": kind, **one} for kind, one in zip(kinds, profiles, strict=True)]


def _is_own(row: FieldRow, module: Row) -> bool:
    return (
        module["generated_type"] in {"custom", "linking"}
        or (module["generated_type"] == "subform" and module["module_name"].startswith("SubForm"))
    ) and not (
        row.api_name in _MADE_BY_ZOHO.split() or row.api_name.startswith(("Created_", "Modified_"))
    )


def _with_gaps(field: Row, traits: Iterable[str]) -> Row:
    # Seen in life (airbyte#27422, #31433); clients that rely on these keys lose whole modules.
    if "nulljson" in traits:
        field["json_type"] = None
    if "nojson" in traits:
        del field["json_type"]
    if "nolength" in traits:
        del field["length"]
    return field


def complete(by_module: Fields) -> None:
    """Give every field the JSON type and the length that its data type has."""
    for own in by_module.values():
        for field in own:
            json_type, length, *_ = field_types()[field["data_type"]]
            field["json_type"] = field.get("json_type") or json_type
            field.setdefault("length", length)
