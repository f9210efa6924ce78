"""Zoho's own modules behind the scenes."""

from __future__ import annotations

from zohocrm_demo.organisation.module_rows import ModuleRow

BEHIND = (
    ModuleRow(
        "Appointments_Rescheduled_History__s",
        "Appointments Rescheduled History/Appointments Rescheduled History",
        "hidden",
        "Appointments__s",
        None,
        {"visibility": 14316},
    ),
    ModuleRow(
        "Notes",
        "Note/Notes",
        "children",
        None,
        "2025-04-01T12:00:00 Callum",
        {"parent_module": None},
    ),
    ModuleRow("Attachments", "Attachment/Attachments", "children"),
    ModuleRow("Actions_Performed", "Action Performed/Actions Performed", "hidden"),
    ModuleRow("Emails", "Email/Emails", "hidden"),
    ModuleRow("Email_Analytics", "Email Analytics/Email Analytics", "hidden"),
    ModuleRow(
        "Email_Template_Analytics", "Email Template Analytics/Email Template Analytics", "hidden"
    ),
    ModuleRow(
        "Email_Sentiment",
        "Email Sentiment/Email Sentiment",
        "hidden",
        None,
        None,
        {"visibility": 2},
    ),
    ModuleRow("CTI_Entry", "CTI Entry/CTI Entries", "hidden", None, None, {"visibility": 2046}),
    ModuleRow("Functions__s", "Function/Functions", "hidden", None, None, {"visibility": 14316}),
    ModuleRow("Locking_Information__s", "Locking Information/Locking Information", "hidden"),
    ModuleRow("Entity_Scores__s", "Score/Scores", "hidden", None, None, {"profiles": ()}),
    ModuleRow(
        "Google_AdWords",
        "Google Ads/Google Ads",
        "page",
        None,
        None,
        {"status": "system_hidden", "visibility": -1, "viewable": False},
    ),
    ModuleRow(
        "Pathfinder__s",
        "Pathfinder/Pathfinder",
        "page",
        None,
        None,
        {
            "status": "system_hidden",
            "module_type": "CONFIGURATION_ENTITIES",
            "cc_enabled": False,
            "profiles": ("Administrator",),
            "visible": False,
        },
    ),
    ModuleRow("Quoted_Items", "Quoted Item/Quoted Items", "line_items", "Quotes"),
    ModuleRow("Ordered_Items", "Ordered Item/Ordered Items", "line_items", "Sales_Orders"),
    ModuleRow("Purchase_Items", "Purchase Item/Purchase Items", "line_items", "Purchase_Orders"),
    ModuleRow("Invoiced_Items", "Invoiced Item/Invoiced Items", "line_items", "Invoices"),
    ModuleRow(
        "DealHistory",
        "Stage History/Stage History",
        "field_tracker",
        "Deals",
        None,
        {"module_name": "PotentialStageHistory"},
    ),
    ModuleRow(
        "Status_History_Cases",
        "Status History/Status History",
        "picklisttracker",
        "Cases",
        "2025-05-19T06:10:45 Leïla",
    ),
    ModuleRow("File_Upload_1__s", "File Upload 1/File Upload 1", "files", "Sites"),
    ModuleRow("Image_Upload_1__s", "Image Upload 1/Image Upload 1", "files", "Sensors"),
)
