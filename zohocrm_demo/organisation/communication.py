"""Templates, unsubscribe links and signals.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/email-templates.html,
https://www.zoho.com/crm/developer/docs/api/v8/inventory_templates.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-unsubscribe-links.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-signals.html
"""

from __future__ import annotations

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.local_time import local
from zohocrm_demo.organisation.references import (
    COMMUNICATION,
    TEMPLATES,
    Row,
    by_api_name,
    module_ref,
    stamps,
)

_SUBJECTS = ("Thank you", "Your visit", "Calibration due", "Offer 💧", "Bericht", "ご案内")
_MAILED = ("Leads", "Contacts", "Deals", "Cases", "Sites")
_PRINTED = ("Quotes", "Sales_Orders", "Purchase_Orders", "Invoices")
_MODES = ("rich_text", "plain_text", "gallery")
_COUNTS = ("tracked", "delivered", "opened", "bounced", "sent", "clicked")
_SIGNALS = (
    ("Email Opened", "email_opened__s", "Email", False),
    ("Email Bounced", "email_bounced__s", "Email", True),
    ("Website Visit", "visitor_tracked__s", "SalesIQ", False),
    ("Ticket Created", "ticket_created__s", "Desk", False),
    ("Survey Responded", "survey_responded__s", "Survey", False),
)


def email_templates(modules: list[Row]) -> list[Row]:
    """The templates of e-mails, whole."""
    made = []
    for place, row in enumerate(_templates(modules, _MAILED, TEMPLATES)):
        subject = row["name"].partition(" (")[0]
        row.update(
            subject=f"{subject}, ${{!{row['module']['api_name']}.Owner}}",
            attachments=_attachment(row["id"]) if place % 5 == 0 else [],
            associated=place % 3 == 0,
            active=True,
            consent_linked=place % 4 == 0,
            last_version_statistics=dict.fromkeys(_COUNTS, 3 * place),
            # Only the call for one template has the text.
            content=f"<p>{subject}</p>",
            mail_content=f"<html><body><p>{subject}</p></body></html>",
        )
        made.append(row)
    return made


def inventory_templates(modules: list[Row]) -> list[Row]:
    """The templates of printed documents, whole."""
    made = _templates(modules, _PRINTED, TEMPLATES + 100_000)
    for row in made:
        row.update(active=True, content=f"<h1>{row['name']}</h1>", mail_content="")
    return made


def unsubscribe_links() -> list[Row]:
    """The unsubscribe links: one with a page of Zoho's, one that leads elsewhere."""
    return [
        {
            **stamps(30, "Amara"),
            "submission_message": "You will hear no more from us.",
            "submission_redirect_url": None,
            "page_type": "standard_page",
            "custom_location_url": None,
            "name": "Newsletter",
            "id": make_id(COMMUNICATION + 1),
            "standard_page_message": "Do you want to leave?",
            "submission_action_type": "message",
        },
        {
            **stamps(44, "Haruto", "Amara"),
            "submission_message": "",
            "submission_redirect_url": "https://brightwater-instruments.example/bye",
            "page_type": "custom_location",
            "custom_location_url": "https://brightwater-instruments.example/leave",
            "name": "Product news",
            "id": make_id(COMMUNICATION + 2),
            "standard_page_message": None,
            "submission_action_type": "redirect",
        },
    ]


def unsubscribe_link_associations(links: list[Row], templates: list[Row]) -> list[Row]:
    """Where the first unsubscribe link is used."""
    return [
        {
            "id": link["id"],
            "associated_places": [
                {
                    "resource": {"name": template["name"], "id": template["id"]},
                    "details": {"module": template["module"]},
                    "type": "email_template",
                }
                for template in templates
                if template["consent_linked"]
            ],
        }
        for link in links[:1]
    ]


def signals() -> list[Row]:
    """What the organisation may be told of as it happens."""
    return [
        {
            "display_label": label,
            "extension": {"display_label": extension, "namespace": extension.lower()},
            "feature_availability": {"scoring_rules": True, "signals": True},
            "namespace": namespace,
            "chat_enabled": False,
            "enabled": extension != "Survey",
            "id": make_id(COMMUNICATION + 100 + index),
            "negative_signal": negative,
            **({"filters": [{"name": "department"}]} if extension == "Desk" else {}),
        }
        for index, (label, namespace, extension, negative) in enumerate(_SIGNALS)
    ]


def _templates(modules: list[Row], names: tuple[str, ...], first: int) -> list[Row]:
    known = by_api_name(modules)
    made = []
    for place, name in enumerate(name for name in names if name in known):
        module = known[name]
        for index, subject in enumerate(_SUBJECTS):
            number = 10 * place + index
            used = local(f"2025-06-{number % 28 + 1:02d}T10:00:00")
            made.append(
                {
                    **stamps(number, "Amara", "Haruto"),
                    "last_usage_time": used if index else None,
                    "category": "draft" if index == len(_SUBJECTS) - 1 else "normal",
                    "folder": {"name": "Public Templates", "id": make_id(first - 1)},
                    "module": module_ref(module),
                    "name": f"{subject} ({module['singular_label']})",
                    "id": make_id(first + number),
                    "editor_mode": _MODES[index % len(_MODES)],
                    "favorite": index == 0,
                }
            )
    return made


def _attachment(template_id: str) -> list[Row]:
    file = {"file_name": "prices.pdf", "file_id": f"f{template_id[-8:]}"}
    return [{"static_attachment": file, "id": template_id[:-1] + "9", "type": "static"}]
