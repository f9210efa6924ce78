"""The parts of an organisation. Ids and names are texts as Zoho spells them; empty: not known.

Snapshots hold these values as JSON, so that a new attribute needs a default.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Use(msgspec.Struct, frozen=True, array_like=True):
    """That something refers to another thing.

    Attributes:
        key: The other thing: its id, or field id and value id of a picklist value.
        role: As what: criteria, columns, merge field ...
    """

    key: str
    role: str = ""


class Formula(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a formula field is worked out.

    Attributes:
        text: The expression; empty where Zoho does not send it.
        returns: Its `return_type`: double, currency, text, boolean, date or datetime.
        dynamic: Whether it is worked out at each access, and not when the record is edited.
        assume_default: Whether empty fields count as 0, '' or false.
        stop: The condition under which it keeps its value; empty if there is none.
    """

    text: str = ""
    returns: str = ""
    dynamic: bool = False
    assume_default: bool = False
    stop: str = ""


class RollUp(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a roll-up summary is worked out.

    Attributes:
        function: count, sum, avg, min or max.
        module: API name of the module whose records are summed up.
        field: API name of their field; empty if they are counted.
        related_list: API name of the related list that has them.
        criteria: Which of them count, as Zoho says it; None: all of them.
    """

    function: str = ""
    module: str = ""
    field: str = ""
    related_list: str = ""
    criteria: Any = None


class Module(msgspec.Struct, frozen=True, omit_defaults=True):
    """A module: Zoho's word for a table.

    Attributes:
        kind: `generated_type`: default, custom, subform, linking, web ...
        status: visible, user_hidden, system_hidden or scheduled_for_deletion.
        profiles: Names of the profiles that see it, of which Zoho lists 50.
        profile_count: How many see it.
    """

    id: str
    api_name: str = ""
    label: str = ""
    singular_label: str = ""
    kind: str = ""
    status: str = ""
    api_supported: bool = True
    description: str = ""
    profiles: tuple[str, ...] = ()
    profile_count: int | None = None
    parent: str = ""
    modified_time: str = ""
    modified_by: str = ""


class Field(msgspec.Struct, frozen=True, omit_defaults=True):
    """A field of a module.

    Attributes:
        module: API name of its module.
        access: Key of its `AccessPattern`: which profiles may do what.
        layouts: Ids of the layouts that it is associated with.
        formula: How it is worked out, in words.
        computed: How it is worked out, if it is a formula.
        roll_up: How it is worked out, if it is a roll-up summary.
        pii: What marks it as personal or protected data, in words.
        target: API names of the modules that it leads to.
    """

    id: str
    module: str = ""
    api_name: str = ""
    label: str = ""
    data_type: str = ""
    json_type: str = ""
    length: int | None = None
    decimals: int | None = None
    required: bool = False
    unique: bool = False
    read_only: bool = False
    visible: bool = True
    custom: bool = False
    in_use: bool = True
    formula: str = ""
    computed: Formula | None = None
    roll_up: RollUp | None = None
    default: str = ""
    description: str = ""
    global_picklist: str = ""
    target: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()
    access: str = ""
    pii: tuple[str, ...] = ()
    uses: tuple[Use, ...] = ()


class PicklistValue(msgspec.Struct, frozen=True, omit_defaults=True):
    """A value that a picklist field offers, or no longer offers (`in_use` is false)."""

    field_id: str
    id: str
    module: str = ""
    field: str = ""
    label: str = ""
    value: str = ""
    colour: str = ""
    position: int | None = None
    in_use: bool = True


class Relationship(msgspec.Struct, frozen=True, omit_defaults=True):
    """A way from a module to another, by a field."""

    source: str
    field_id: str
    target: str
    field: str = ""
    label: str = ""
    kind: str = "lookup"
    linking_module: str = ""


class Layout(msgspec.Struct, frozen=True, omit_defaults=True):
    """A layout of a module.

    Attributes:
        fields: Ids of the fields that it shows, in its order.
        required: Ids of those that must be filled in.
        sections: Labels of its sections, and how many fields each has.
    """

    id: str
    module: str = ""
    name: str = ""
    status: str = ""
    profiles: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    sections: tuple[tuple[str, int], ...] = ()
    uses: tuple[Use, ...] = ()
    modified_time: str = ""
    modified_by: str = ""


class Profile(msgspec.Struct, frozen=True, omit_defaults=True):
    """A profile: what its users may do.

    Attributes:
        permissions: Module API name (empty: the organisation's own) and the labels of what is
            allowed there.
    """

    id: str
    name: str = ""
    description: str = ""
    custom: bool = False
    permissions: dict[str, tuple[str, ...]] = {}
    modified_time: str = ""
    modified_by: str = ""


class AccessPattern(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who may do what with a field. Fields share patterns, since most are alike.

    Attributes:
        key: A digest of the content, the same in each snapshot.
        profiles: Permission type (`read_write` ...) and names of profiles.
    """

    key: str
    profiles: dict[str, tuple[str, ...]] = {}


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row of any other stream, brought down to what people look for.

    Attributes:
        stream: The stream that it is from.
        module: API name of the module that it belongs to; empty for the whole organisation.
        facts: Column titles and texts, in the order of the page.
        links: For some of the titles: the names in the text, and the ids of what they name.
        uses: What it refers to.
    """

    stream: str
    id: str
    name: str = ""
    module: str = ""
    facts: dict[str, str] = {}
    links: dict[str, tuple[tuple[str, str], ...]] = {}
    uses: tuple[Use, ...] = ()
    modified_time: str = ""
    modified_by: str = ""
