"""Fields of records that the Fields API keeps to itself: it answers 204 for these modules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zohocrm_demo.organisation.references import Row


def _field(api_name: str, data_type: str, json_type: str, **more: Any) -> Row:
    return {
        "api_name": api_name,
        "data_type": data_type,
        "json_type": json_type,
        "type": "used",
        "system_mandatory": True,
        "virtual_field": False,
        "display_field": False,
        "history_tracking_enabled": False,
        "length": 120,
        "pick_list_values": [],
        **more,
    }


# No Modified_Time here: airbyte#80275.
UNDESCRIBED: Mapping[str, list[Row]] = {
    "Actions_Performed": [
        _field("Name", "text", "string", display_field=True),
        _field("Action_Performed_Time", "datetime", "string"),
        _field("Created_Time", "datetime", "string"),
        _field("Owner", "ownerlookup", "jsonobject"),
        _field("id", "bigint", "string"),
    ],
}
