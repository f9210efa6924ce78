"""The organisation's own modules: custom, subform, linking and web tabs."""

from __future__ import annotations

from zohocrm_demo.organisation.module_rows import ModuleRow

CUSTOM = (
    ModuleRow(
        "Sites",
        "Site/Sites",
        "custom",
        None,
        "2025-03-30T01:30:00 Priya",
        {"description": "Rivers, reservoirs and plants where sensors are installed"},
    ),
    ModuleRow(
        "Sensors",
        "Sensor/Sensors",
        "custom",
        None,
        "2025-08-01T00:00:00 Callum",
        {"public_fields_configured": True},
    ),
    ModuleRow(
        "Service_Contracts",
        "Service Contract/Service Contracts",
        "custom",
        None,
        "2025-04-18T22:15:09 Leïla",
    ),
    ModuleRow(
        "Calibrations", "Calibration/Calibrations", "custom", None, "2025-04-18T22:15:10 Zuzana"
    ),
    # Its record stream and the metadata stream "modules" differ in nothing but case.
    ModuleRow(
        "Modules", "Sensor Module/Sensor Modules", "custom", None, "2025-02-02T02:02:02 Zuzana"
    ),
    ModuleRow(
        "Water_Samples",
        "Water Sample/Water Samples",
        "custom",
        None,
        "2025-08-15T04:05:06 Callum",
        {"business_card_field_limit": 8},
    ),
    ModuleRow("Partners", "Partner/Partners", "custom", None, "2024-06-21T10:10:10 Haruto"),
    ModuleRow(
        "Nohin",
        "納品書/納品書一覧",
        "custom",
        None,
        "2024-12-24T00:30:00 Haruto",
        {"actual_singular_label": "Delivery Note", "actual_plural_label": "Delivery Notes"},
    ),
    ModuleRow(
        "Ziyarat",
        "زيارة ميدانية/زيارات ميدانية",
        "custom",
        None,
        "2025-01-01T07:59:59 Leïla",
        {"description": "سجل الزيارات الميدانية لكل موقع"},
    ),
    ModuleRow("Shikayat", "शिकायत/शिकायतें", "custom", None, "2025-01-01T08:00:00 Priya"),
    ModuleRow(
        "Ideas",
        "Idea 💡/Ideas 💡",
        "custom",
        None,
        "2025-05-05T05:05:05 Ingrid",
        {"description": 'Box for "ideas";\ttabs,\nnew lines & <b>markup</b> \\ too 🚰'},
    ),
    ModuleRow(
        "Trainings",
        "Training/Trainings",
        "custom",
        None,
        "2022-09-14T13:00:00 Amara",
        {"status": "user_hidden", "visibility": 0},
    ),
    ModuleRow(
        "Legacy_Tickets",
        "Legacy Ticket/Legacy Tickets",
        "custom",
        None,
        "2025-08-20T18:00:00 Ingrid",
        {"status": "scheduled_for_deletion", "api_supported": False, "viewable": False},
    ),
    ModuleRow(
        "Old_Surveys",
        "Old Survey/Old Surveys",
        "custom",
        None,
        "2025-08-20T18:00:01 Ingrid",
        {
            "status": "scheduled_for_deletion",
            "api_supported": False,
            "viewable": False,
            "profiles": (),
        },
    ),
    ModuleRow(
        "Lab_Notebook",
        "Notebook Page/Notebook Pages",
        "custom",
        None,
        "2025-07-07T07:07:07 Zuzana",
        {"access_type": "team_based", "private_profile": "object"},
    ),
    ModuleRow(
        "Expense_Claims",
        "Expense Claim/Expense Claims",
        "custom",
        None,
        "2025-07-08T08:08:08 Mei-Ling",
        {"access_type": "team_based", "private_profile": "list"},
    ),
    ModuleRow("Site_Contacts", "Site Contact/Site Contacts", "subform", "Sites"),
    ModuleRow("Sample_Readings", "Reading/Readings", "subform", "Water_Samples"),
    ModuleRow("Contract_Terms", "Contract Term/Contract Terms", "subform", "Service_Contracts"),
    ModuleRow("Order_Milestones", "Milestone/Milestones", "static_subform", "Sales_Orders"),
    ModuleRow("Sensors_X_Partners", "Sensors X Partners/Sensors X Partners", "linking"),
    ModuleRow(
        "Sites_X_Users", "Sites X Users/Sites X Users", "linking", None, "2025-03-30T01:31:00 Priya"
    ),
)

WEB = (
    ModuleRow(
        "Water_Portal",
        "Water Portal/Water Portal",
        "webtab_link",
        None,
        "2025-06-01T12:00:00 Ingrid",
        {
            "web_link": "https://portal.brightwater-instruments.example/?u=${Users.User Id}"
            "&first=${Users.First Name}",
            "arguments": [
                {"name": "site", "value": "users.city"},
                {"name": "site", "value": "users.state"},
                {"name": "lang", "value": "${Users.Language}"},
            ],
        },
    ),
    ModuleRow(
        "River_Levels",
        "River Levels/River Levels",
        "webtab_link",
        None,
        "2025-06-01T12:05:00 Ingrid",
        {
            "web_link": "https://levels.brightwater-instruments.example/",
            "arguments": None,
            "status": "user_hidden",
            "visibility": 0,
        },
    ),
    ModuleRow(
        "Weather_Map",
        "Weather Map/Weather Map",
        "web",
        None,
        "2025-06-02T12:00:00 Amara",
        {"web_link": "https://weather.brightwater-instruments.example/app/widget.html"},
    ),
)
