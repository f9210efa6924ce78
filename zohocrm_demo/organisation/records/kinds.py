"""What sort of value a field holds, whatever its `data_type` claims.

Source: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html; where `json_type` and
`data_type` clash (Tag, Layout, Participants, Comments), `json_type` says what comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.data_files import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zohocrm_demo.organisation.references import Row

KINDS: Mapping[str, Any] = read_file("kinds.yaml")
COMPUTED = frozenset(KINDS["computed"])
# Their changes leave Modified_Time alone.
SILENT_TYPES = frozenset({"formula", "rollup_summary"})
_OF_DATA_TYPE: Mapping[str, str] = KINDS["of_data_type"]
_OF_NAME: Mapping[str, str] = KINDS["of_name"]


def kind_of(field: Row) -> str:  # noqa: PLR0911 (a rule a line)
    """The sort of a field's values: `text`, `rich_text`, or one that `kinds.yaml` names."""
    data_type = field["data_type"]
    if data_type in {"text", "bigint"} and field.get("json_type") in {"jsonarray", "jsonobject"}:
        return _OF_NAME.get(field["api_name"], "objects")
    if data_type == "lookup" and not field["lookup"]:
        return "any_record"
    if data_type == "formula":
        return _OF_DATA_TYPE.get(field["formula"]["return_type"], "text")
    if data_type == "rollup_summary":
        # A number in all three, so never the text that other bigints are.
        kind = _OF_DATA_TYPE[field["rollup_summary"]["return_type"]]
        return "integer" if kind == "bigint" else kind
    if data_type == "textarea" and field["textarea"]["type"] == "rich_text":
        return "rich_text"
    if data_type == "text" and field["virtual_field"] and "Coordinates" in field["api_name"]:
        return "coordinates"
    if data_type == "multiselectpicklist" and field["api_name"] == "Tax":
        return "taxes"
    return _OF_DATA_TYPE.get(data_type, "text")


def is_encrypted(field: Row) -> bool:
    """Whether criteria on the field are restricted."""
    return bool(field.get("crypt"))


def is_restricted(field: Row) -> bool:
    """Whether the API hides the field's values, as it does with protected health data."""
    return bool((field.get("hipaa_compliance") or {}).get("restricted"))
