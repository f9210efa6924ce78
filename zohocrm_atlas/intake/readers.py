"""A row of a stream into a value of the model: one function a stream."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from zohocrm_atlas.intake.calculations import formula_in_words, read_formula, read_roll_up
from zohocrm_atlas.intake.criteria import describe
from zohocrm_atlas.intake.listings import Listing
from zohocrm_atlas.intake.uses import uses_of
from zohocrm_atlas.model.entities import (
    Field,
    Item,
    Layout,
    Module,
    PicklistValue,
    Profile,
    Relationship,
    Use,
)
from zohocrm_atlas.rows import (
    Row,
    flag,
    items,
    known_flag,
    mapping,
    names,
    number,
    references,
    text,
    texts,
    values,
)

_LONGEST_FACT = 20_000
_CRITERIA = "criteria"
_LEADING = ("formula", "rollup_summary", "lookup", "autonumber", "multi_module_lookup")
"""Columns of a field by which it refers to other fields and modules."""


def read_module(row: Row) -> Module:
    """A row of `modules`."""
    api_name = text(row, "api_name", "module_name", "id")
    return Module(
        id=text(row, "id") or api_name,
        api_name=api_name,
        label=text(row, "plural_label", "module_name") or api_name,
        singular_label=text(row, "singular_label"),
        kind=text(row, "generated_type"),
        status=text(row, "status"),
        api_supported=known_flag(row, "api_supported") is not False,
        description=text(row, "description"),
        profiles=names(row, "profiles", "name", "id"),
        profile_count=number(row, "profile_count"),
        parent=text(row, "parent_module.api_name"),
        modified_time=text(row, "modified_time"),
        modified_by=text(row, "modified_by.name"),
    )


def read_field(row: Row, access: str) -> Field:
    """A row of `fields`; `access` is the key of its pattern of permissions."""
    api_name = text(row, "api_name", "id")
    module = text(row, "module_api_name")
    return Field(
        id=text(row, "id") or api_name,
        module=module,
        api_name=api_name,
        label=text(row, "display_label", "field_label") or api_name,
        data_type=text(row, "data_type"),
        json_type=text(row, "json_type"),
        length=number(row, "length"),
        decimals=number(row, "decimal_place"),
        required=flag(row, "system_mandatory"),
        unique=bool(mapping(row, "unique")),
        read_only=flag(row, "read_only", "field_read_only"),
        visible=known_flag(row, "visible") is not False,
        custom=flag(row, "custom_field"),
        in_use=text(row, "type") != "unused",
        formula=formula_in_words(row),
        computed=read_formula(row),
        roll_up=read_roll_up(row),
        default=text(row, "default_value"),
        description=text(row, "tooltip.value", "description"),
        global_picklist=text(row, "global_picklist.api_name"),
        target=_targets(row),
        layouts=names(row, "layout_associations", "id", "name"),
        access=access,
        pii=_pii(row),
        uses=uses_of({key: row[key] for key in _LEADING if row.get(key)}, module),
    )


def _targets(row: Row) -> tuple[str, ...]:
    several = names(row, "multi_module_lookup.modules", "api_name", "module_name")
    one = text(
        row,
        "lookup.module.api_name",
        "multiselectlookup.connected_details.module.api_name",
        "subform.module.api_name",
        "subform.module",
        "associated_module.module.api_name",
    )
    return several or ((one,) if one else ())


def _pii(row: Row) -> tuple[str, ...]:
    marks = {
        f"personal ({text(row, 'private.type') or 'marked'})": bool(mapping(row, "private")),
        "HIPAA": flag(row, "hipaa_compliance_enabled") or bool(mapping(row, "hipaa_compliance")),
        "encrypted": bool(mapping(row, "crypt")),
    }
    return tuple(mark for mark, there in marks.items() if there)


def read_access(row: Row) -> dict[str, tuple[str, ...]]:
    """Which profiles may do what with the field of this row: permission type and names."""
    found: dict[str, list[str]] = {}
    for profile in items(row, "profiles"):
        permission = text(profile, "permission_type") or "visible"
        found.setdefault(permission, []).append(text(profile, "name", "id"))
    return {permission: tuple(sorted(found[permission])) for permission in sorted(found)}


def read_picklist_value(row: Row) -> PicklistValue:
    """A row of `picklist_values`."""
    label = text(row, "display_value", "actual_value")
    return PicklistValue(
        field_id=text(row, "field_id"),
        id=text(row, "id") or label,
        module=text(row, "module_api_name"),
        field=text(row, "field_api_name"),
        label=label,
        value=text(row, "actual_value", "reference_value"),
        colour=text(row, "colour_code"),
        position=number(row, "sequence_number"),
        in_use=text(row, "type") != "unused",
    )


def read_relationship(row: Row) -> Relationship:
    """A row of `relationships`."""
    return Relationship(
        source=text(row, "from_module"),
        field_id=text(row, "field_id"),
        target=text(row, "to_module"),
        field=text(row, "field_api_name"),
        label=text(row, "field_label"),
        kind=text(row, "kind") or "lookup",
        linking_module=text(row, "linking_module"),
    )


def read_layout(row: Row) -> Layout:
    """A row of `layouts`; the fields' own attributes come from `fields`."""
    sections = [
        (text(section, "display_label", "name"), items(section, "fields"))
        for section in items(row, "sections")
        if text(section, "type") != "unused"
    ]
    shown = [each for _, fields in sections for each in fields if text(each, "id", "api_name")]
    return Layout(
        id=text(row, "id"),
        module=text(row, "module_api_name", "module.api_name"),
        name=text(row, "display_label", "name") or text(row, "id"),
        status=text(row, "status"),
        profiles=names(row, "profiles", "name", "id"),
        fields=tuple(text(each, "id", "api_name") for each in shown),
        required=tuple(text(each, "id", "api_name") for each in shown if flag(each, "required")),
        sections=tuple((label, len(fields)) for label, fields in sections),
        uses=uses_of(row, text(row, "module_api_name"), skip=_OF_LAYOUTS),
        **_changed(row),
    )


def read_profile(row: Row) -> Profile:
    """A row of `profiles`."""
    allowed: dict[str, list[str]] = {}
    for permission in items(row, "permissions_details"):
        if flag(permission, "enabled"):
            module = text(permission, "module.api_name", "module")
            label = text(permission, "display_label", "name")
            allowed.setdefault(module, []).append(label)
    return Profile(
        id=text(row, "id"),
        name=text(row, "display_label", "name") or text(row, "id"),
        description=text(row, "description"),
        custom=flag(row, "custom"),
        permissions={module: tuple(labels) for module, labels in allowed.items()},
        **_changed(row),
    )


def read_item(row: Row, listing: Listing) -> Item:
    """A row of a stream that the atlas shows as a list."""
    key = [text(row, column) for column in listing.key]
    name = _first(row, listing.name)
    module = _first(row, listing.module) if listing.module else ""
    columns = listing.columns or _plain_columns(row, listing)
    named = {title: path for title, path in columns.items() if not path.endswith(_CRITERIA)}
    links = {title: references(row, path) for title, path in named.items() if "." in path}
    return Item(
        stream=listing.stream,
        id=" ".join(part for part in key if part) or name,
        name=name,
        module=module,
        facts={title: _fact(row, path) for title, path in columns.items()},
        links={title: tuple(found) for title, found in links.items() if any(i for _, i in found)},
        uses=_uses(row, module, listing),
        **_changed(row),
    )


def _uses(row: Row, module: str, listing: Listing) -> tuple[Use, ...]:
    if listing.is_limited and not listing.tracked:
        return ()  # What happened day by day is no use of what it happened to.
    repeated = (Use(text(row, "id"), "listed"),) if listing.repeats else ()
    return (*repeated, *uses_of(row, module, skip=_NO_USES))


_OF_LAYOUTS = frozenset({"sections", "profiles", "module_api_name"})
_NO_USES = frozenset({"permissions_details", "customize_info", "theme"})


def _plain_columns(row: Row, listing: Listing) -> dict[str, str]:
    """What to show of a stream that is not described: the simple values of its rows."""
    shown = {*listing.key, "name", "module_api_name", "created_time", "modified_time"}
    plain = [
        name
        for name, value in row.items()
        if isinstance(value, (str, int, float)) and name not in shown and not _SECRET.search(name)
    ]
    return {name.replace("_", " ").capitalize(): name for name in plain[:_PLAIN]}


_SECRET = re.compile("token|secret|key|password|url|content|header|email", re.IGNORECASE)
_PLAIN = 6


def _changed(row: Row) -> dict[str, str]:
    """When and by whom the row was last changed, or made."""
    when = text(row, "modified_time", "Modified_Time", "created_time")
    who = text(row, "modified_by.name", "Modified_By.name", "created_by.name")
    return {"modified_time": when, "modified_by": who}


def _first(row: Row, path: str) -> str:
    found = (", ".join(texts(row, each)) for each in path.split("|"))
    return next((value for value in found if value), "")


def _fact(row: Row, path: str) -> str:
    if path.endswith(_CRITERIA):
        return "; ".join(filter(None, map(describe, values(row, path))))[:_LONGEST_FACT]
    value = _first(row, path)
    if "url" in path:
        value = masked(value)
    return value[:_LONGEST_FACT]


def masked(url: str) -> str:
    """The URL without what may be a key: its query, who calls, and parts of its path."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(not a URL)"
    host = parts.netloc.rpartition("@")[2]
    path = "/".join(
        "\N{HORIZONTAL ELLIPSIS}" if _may_be_key(each) else each for each in parts.path.split("/")
    )
    return f"{parts.scheme}://{host}{path}" if host else path


def _may_be_key(part: str) -> bool:
    """Whether a part of a path looks like a key: letters with digits, or longer than words are."""
    plain = re.sub(r"[-_.~]", "", part)
    mixed = any(map(str.isdigit, plain)) and any(map(str.isalpha, plain))
    longest = max(map(len, re.split(r"[-_.~]", part)))
    return (mixed and len(plain) >= _SHORTEST_KEY) or longest > _LONGEST_WORD


_SHORTEST_KEY = 6
_LONGEST_WORD = 16
