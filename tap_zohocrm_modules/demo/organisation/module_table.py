"""The modules of the sample organisation, one row each.

Kinds of generated modules and their flags:
https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """What makes one module differ from the others of its sort.

    Attributes:
        api_name: API name.
        labels: Singular and plural label, separated by `/`.
        sort: A key of `SORTS`.
        parent: API name of the parent module.
        changed: When and by whom it was changed last: `UTC first-name`; None for never.
        extra: Keys that override those of the sort.
    """

    api_name: str
    labels: str
    sort: str
    parent: str | None = None
    changed: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


_RECORDS = {
    "global_search_supported": True,
    "deletable": True,
    "creatable": True,
    "recycle_bin_on_delete": True,
    "presence_sub_menu": True,
    "lookupable": True,
    "isBlueprintSupported": True,
    "sub_menu_available": True,
    "editable": True,
    "api_supported": True,
    "quick_create": True,
}
_OFF_MENU = {"show_as_tab": False, "presence_sub_menu": False, "sub_menu_available": False}
_HIDDEN = {
    **_OFF_MENU,
    "status": "system_hidden",
    "api_supported": True,
    "business_card_field_limit": 0,
}

SORTS: dict[str, dict[str, Any]] = {
    "page": {},
    "records": _RECORDS,
    "activities": {**_RECORDS, "lookupable": False, "isBlueprintSupported": True},
    "hidden": _HIDDEN,
    "children": {
        **_RECORDS,
        **_HIDDEN,
        "lookupable": False,
        "isBlueprintSupported": False,
        "quick_create": False,
        "recycle_bin_on_delete": False,
    },
    "line_items": {
        **_HIDDEN,
        "generated_type": "subform",
        "creatable": True,
        "editable": True,
        "deletable": True,
        "status": "visible",
    },
    "subform": {
        **_HIDDEN,
        "generated_type": "subform",
        "creatable": True,
        "editable": True,
        "deletable": True,
        "status": "visible",
        "profiles": (),
    },
    "static_subform": {**_HIDDEN, "generated_type": "static_subform", "profiles": ()},
    "field_tracker": {**_HIDDEN, "generated_type": "field_tracker", "viewable": False},
    "picklisttracker": {**_HIDDEN, "generated_type": "picklisttracker", "viewable": False},
    "linking": {
        **_HIDDEN,
        "generated_type": "linking",
        "creatable": True,
        "editable": True,
        "deletable": True,
        "status": "visible",
        "profiles": (),
    },
    "files": {**_HIDDEN, "api_supported": False, "viewable": False, "profiles": ()},
    "web": {"generated_type": "web", "profiles": ("Administrator", "Standard")},
    "webtab_link": {"generated_type": "webtab_link", "profiles": ("Administrator",)},
    "custom": {**_RECORDS, "generated_type": "custom"},
}

_STANDARD = (
    ModuleRow("Home", "Home/Home", "page"),
    ModuleRow(
        "Leads",
        "Lead/Leads",
        "records",
        None,
        "2025-04-24T17:32:20 Ingrid",
        {
            "convertable": True,
            "filter_supported": True,
            "triggers_supported": True,
            "scoring_supported": True,
            "webform_supported": True,
            "territory": {"name": "All Territories", "id": "0", "subordinates": True},
        },
    ),
    ModuleRow(
        "Accounts",
        "Account/Accounts",
        "records",
        None,
        "2025-01-15T11:03:21 Tomás",
        {"territory": {"name": "All Territories", "id": "0", "subordinates": True}},
    ),
    ModuleRow("Contacts", "Contact/Contacts", "records", None, "2025-04-10T07:59:37 Ingrid"),
    ModuleRow(
        "Deals",
        "Deal/Deals",
        "records",
        None,
        "2024-11-03T08:59:59 Tomás",
        {"track_current_data": True},
    ),
    ModuleRow("Tasks", "Task/Tasks", "activities", None, "2024-11-03T09:00:00 Amara"),
    ModuleRow(
        "Events",
        "Meeting/Meetings",
        "activities",
        None,
        "2025-03-09T09:59:59 Amara",
        {"module_name": "Meetings", "isBlueprintSupported": False},
    ),
    ModuleRow("Calls", "Call/Calls", "activities", None, "2025-03-09T10:00:00 Amara"),
    ModuleRow("Reports", "Report/Reports", "page"),
    ModuleRow("Dashboards", "Analytics/Analytics", "page"),
    ModuleRow(
        "Products",
        "Product/Products",
        "records",
        None,
        "2025-06-30T23:59:59 Owen",
        {"profiles": 53},
    ),
    ModuleRow(
        "Quotes",
        "Quote/Quotes",
        "records",
        None,
        "2025-02-28T20:00:00 Owen",
        {"convertable": True, "inventory_template_supported": True},
    ),
    ModuleRow(
        "Sales_Orders",
        "Sales Order/Sales Orders",
        "records",
        None,
        "2025-02-28T20:00:00 Owen",
        {"module_name": "SalesOrders", "convertable": True, "inventory_template_supported": True},
    ),
    ModuleRow(
        "Purchase_Orders",
        "Purchase Order/Purchase Orders",
        "records",
        None,
        None,
        {"module_name": "PurchaseOrders"},
    ),
    ModuleRow("Invoices", "Invoice/Invoices", "records", None, "2025-07-04T19:30:00 Mei-Ling"),
    ModuleRow("SalesInbox", "SalesInbox/SalesInbox", "page"),
    ModuleRow(
        "Feeds", "Feeds/Feeds", "page", None, None, {"status": "user_hidden", "visibility": 0}
    ),
    ModuleRow("Campaigns", "Campaign/Campaigns", "records", None, "2023-12-31T23:59:59 Haruto"),
    ModuleRow("Vendors", "Vendor/Vendors", "records"),
    ModuleRow(
        "Price_Books",
        "Price Book/Price Books",
        "records",
        None,
        None,
        {"module_name": "PriceBooks"},
    ),
    ModuleRow("Cases", "Case/Cases", "records", None, "2025-05-19T06:10:44 Leïla"),
    ModuleRow(
        "Solutions",
        "Solution/Solutions",
        "records",
        None,
        None,
        {"status": "user_hidden", "visibility": 0},
    ),
    ModuleRow("Documents", "Document/Documents", "page"),
    ModuleRow("Forecasts", "Forecast/Forecasts", "page"),
    ModuleRow("Visits", "Visit/Visits", "page", None, None, {"api_supported": True}),
    ModuleRow("Social", "Social/Social", "page", None, None, {"status": "user_hidden"}),
    ModuleRow("Approvals", "My Job/My Jobs", "page", None, None, {"sequence_number": 24}),
    ModuleRow("Services__s", "Service/Services", "records", None, "2025-05-02T15:45:00 Priya"),
    ModuleRow(
        "Appointments__s",
        "Appointment/Appointments",
        "records",
        None,
        "2025-05-02T15:45:01 Priya",
        {"description": "Visits of our engineers"},
    ),
)

_BEHIND = (
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

_CUSTOM = (
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

_WEB = (
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

MODULE_TABLE: tuple[ModuleRow, ...] = (*_STANDARD, *_BEHIND, *_CUSTOM, *_WEB)
