"""Currencies, variables, senders, contact roles and preferences of the sample organisation.

Shapes: https://www.zoho.com/crm/developer/docs/api/v8/get-currencies-data.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-variables.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-variable-group.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-from-addresses-list.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-contact-roles.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-appointment-preferences.html
"""

from __future__ import annotations

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.local_time import local
from zohocrm_demo.organisation.named import field_named
from zohocrm_demo.organisation.people import user_refs
from zohocrm_demo.organisation.references import Fields, Row
from zohocrm_demo.organisation.wide_ids import (
    CONTACT_ROLES,
    CURRENCIES,
    DEAL_CONFIGURATION,
    FROM_ADDRESSES,
    VARIABLE_GROUPS,
    VARIABLES,
)

# Code: name, symbol, rate, decimals. The first is the base; the last is no longer in use.
_CURRENCIES = {
    "USD": ("US Dollar - USD", "$", "1.000000000", "2"),
    "EUR": ("Euro - EUR", "€", "0.921500000", "2"),
    "JPY": ("Japanese Yen - JPY", "¥", "149.370000000", "0"),
    "INR": ("Indian Rupee - INR", "₹", "83.120000000", "2"),
}
_BASE, _UNUSED = "USD", "INR"

# Group: description, and its variables as name, type, value.
_VARIABLES = {
    "General": (
        None,
        (("Lab Phone", "phone", "+1 503 555 0199"), ("Sample Days", "integer", "14")),
    ),
    "Pricing": (
        "Used by the quote functions",
        (
            ("Partner Discount", "percent", "12.5"),
            ("List Valid Until", "date", "2026-12-31"),
            ("Free Shipping", "checkbox", "true"),
        ),
    ),
    "संदेश": ("Greetings", (("नमस्ते", "text", "नमस्ते, स्वागत है"), ("Footer", "textarea", ""))),
}

_CONTACT_ROLES = (
    "Developer Evaluator",
    "Decision Maker",
    "Executive Sponsor",
    "Economic Decision Maker",
    "End User",
    "Purchasing",
    "Laboratory Head",
)


def currencies() -> list[Row]:
    """The currencies; rates and decimals are numbers in quotes."""
    author = user_refs()["Ingrid"]
    return [
        {
            "prefix_symbol": True,
            "format": {
                "decimal_separator": "Period",
                "thousand_separator": "Comma",
                "decimal_places": decimals,
                "numeral_system": "Indian" if code == "INR" else "International",
            },
            "is_active": code != _UNUSED,
            "exchange_rate_auto_update": False,
            "iso_code": code,
            "name": name,
            "symbol": symbol,
            "is_base": code == _BASE,
            "exchange_rate": rate,
            "exchange_rate_updated_time": local("2026-01-05T17:00:00"),
            "created_by": author,
            "created_time": local("2019-03-11T17:00:00"),
            "modified_by": author,
            "modified_time": local(f"2026-01-05T17:0{index}:00"),
            "id": make_id(CURRENCIES + 4 * index),
        }
        for index, (code, (name, symbol, rate, decimals)) in enumerate(_CURRENCIES.items())
    ]


def variable_groups() -> list[Row]:
    """The groups of variables."""
    return [
        {
            "display_label": name,
            "name": name,
            "description": description,
            "source": "crm",
            **_named(VARIABLE_GROUPS + 3 * index, name),
        }
        for index, (name, (description, _)) in enumerate(_VARIABLES.items())
    ]


def variables(groups: list[Row]) -> list[Row]:
    """The variables; every value is a text, whatever the type says."""
    rows: list[Row] = []
    for group in groups:
        for name, kind, value in _VARIABLES[group["name"]][1]:
            rows.append(
                {
                    "read_only": False,
                    "name": name,
                    "description": f"{name}, see the handbook" if len(rows) % 2 else None,
                    "source": "crm",
                    "type": kind,
                    "variable_group": {key: group[key] for key in ("api_name", "id", "rid")},
                    "value": value,
                    **_named(VARIABLES + 3 * len(rows), name),
                }
            )
    return rows


def from_addresses(users: list[Row]) -> list[Row]:
    """Whom mail may come from: the user himself, who has no id here, and two addresses."""
    own = users[0]
    shared = (("lab", "Laboratory"), ("orders", "Orders"))
    return [
        {
            "email": own["email"],
            "type": "primary",
            "id": None,
            "user_name": own["full_name"],
            "default": True,
        },
        *(
            {
                "email": f"{box}@brightwater-instruments.example",
                "type": "org_email",
                "id": make_id(FROM_ADDRESSES + index),
                "user_name": name,
                "default": False,
            }
            for index, (box, name) in enumerate(shared)
        ),
    ]


def contact_roles() -> list[Row]:
    """The roles that contacts have in deals."""
    return [
        {"name": name, "id": make_id(CONTACT_ROLES + 2 * index), "sequence_number": index + 1}
        for index, name in enumerate(_CONTACT_ROLES)
    ]


def appointment_preferences(fields: Fields) -> Row:
    """The object of `appointment_preferences` with the part that comes on demand only."""
    stage = next(field for field in fields["Deals"] if field["api_name"] == "Stage")
    layout = stage["layout_associations"][0]
    return {
        "show_job_sheet": True,
        "when_duration_exceeds": "ask_appointment_provider_to_complete",
        "allow_booking_outside_service_availability": False,
        "when_appointment_completed": "create_deal",
        "allow_booking_outside_businesshours": False,
        "deal_record_configuration": {
            "layout": {"name": layout["name"], "id": layout["id"]},
            "field_mappings": [
                {
                    "type": "static",
                    "value": "Qualification",
                    "field": {"api_name": "Stage", "id": stage["id"]},
                },
                {
                    "type": "merge_field",
                    "value": field_named(fields, "Appointments__s", "Appointment_Name"),
                    "field": field_named(fields, "Deals", "Deal_Name"),
                },
            ],
            "id": make_id(DEAL_CONFIGURATION),
        },
    }


def _named(number: int, name: str) -> Row:
    own = make_id(number)
    api_name = name.replace(" ", "_") if name.isascii() else f"Name_{number}"
    return {"api_name": api_name, "id": own, "rid": own}
