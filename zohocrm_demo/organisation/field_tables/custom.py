"""Fields of the organisation's own modules, subforms and linking modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.field_tables.shared import MONEY, SYSTEM, owned

if TYPE_CHECKING:
    from collections.abc import Mapping

# 27 analytes of four fields each and 22 others: 130 fields, over every limit of a single read.
_ANALYTES = (
    "Aluminium Ammonium Arsenic Barium Boron Cadmium Calcium Chloride Chromium Cobalt Copper "
    "Fluoride Iron Lead Lithium Magnesium Manganese Mercury Nickel Nitrate Nitrite Phosphate "
    "Potassium Selenium Silica Sodium Sulphate"
)


def _analyte(name: str) -> str:
    return (
        f"{name}|{name} (mg/l)|double:12|\n"
        f"{name}_Limit|{name} of Limit|percent:5|\n"
        f"{name}_Method|{name} Method|picklist:ICP-MS;Photometry;Titration|\n"
        f"{name}_Flagged|{name} Flagged|boolean|\n"
    )


def _named(label: str, own: str = "") -> str:
    return f"\nName|{label} Name|text:120|mandatory display\n{own}{owned(label)}"


CUSTOM: Mapping[str, str] = {
    "Sites": _named(
        "Site",
        """
Account|Account|lookup:Accounts|mandatory
Site_Kind|Kind|picklist:River;Reservoir;Plant;Well|
Altitude|Altitude (m)|integer:9|
Latitude|Latitude|double:20|
Longitude|Longitude|double:20|
Documents|Documents|fileupload|
Contacts|Contacts|subform:Site_Contacts|
Crew|Crew|multiuserlookup:Sites_X_Users;Site;Crew|
Access_Notes|Access Notes|textarea:rich_text|
Secondary_Email|Secondary Email|email:100|hidden
Email_Opt_Out|Email Opt Out|boolean|hidden
""",
    ),
    "Sensors": _named(
        "Sensor",
        """
Serial|Serial|autonumber:BW-;100001|readonly
Product|Product|lookup:Products|
Site|Site|lookup:Sites|
Partners|Partners|multiselectlookup:Sensors_X_Partners;Sensor;Partners|
Pictures|Pictures|imageupload|
Firmware_Hash|Firmware Hash|bigint:18|
Installed_On|Installed On|date|
Last_Seen|Last Seen|datetime|
Measures|Measures|multiselectpicklist:pH;Oxygen;Turbidity;温度;Conductivity, corrected|
Uptime|Uptime|percent:5|
Keeper|Keeper|userlookup|
""",
    ),
    "Service_Contracts": _named(
        "Service Contract",
        f"""
Contract_Number|Contract Number|autonumber:SC-2025-;1|readonly
Account|Account|lookup:Accounts|mandatory
Sites|Sites|lookup:Sites|
Begins|Begins|date|mandatory
Ends|Ends|date|
Yearly_Fee|Yearly Fee|currency:16|mandatory
Months|Months|formula:double|virtual readonly
Terms|Terms|subform:Contract_Terms|
{MONEY}""",
    ),
    "Calibrations": _named(
        "Calibration",
        """
Sensor|Sensor|lookup:Sensors|mandatory
Done_On|Done On|date|mandatory
Drift|Drift|double:12|
Passed|Passed|boolean|
""",
    ),
    "Modules": _named("Sensor Module", "Sensor|Sensor|lookup:Sensors|\nSlot|Slot|integer:2|\n"),
    "Water_Samples": (
        "Name|Sample|text:120|mandatory display\n"
        "Site|Site|lookup:Sites|mandatory\n"
        "Sensor|Sensor|lookup:Sensors|\n"
        "Taken_At|Taken At|datetime|mandatory\n"
        "Taken_By|Taken By|userlookup|\n"
        "Temperature|Temperature (°C)|double:8|\n"
        "Turbidity|Turbidity|double:8|\n"
        "Readings|Readings|subform:Sample_Readings|\n"
        "Worst_Reading|Worst Reading|rollup_summary:Sample_Readings;Value;max|readonly\n"
        "Barcode|Barcode|bigint:18|unique\n"
        "Report|Report|textarea:large|\n"
        "Odour|Odour|picklist:None;Earthy;Chlorine;Sulphur|\n"
        + "".join(_analyte(name) for name in _ANALYTES.split())
        + owned("Sample")
    ),
    "Partners": _named("Partner", "Country|Country|text:100|\nSince|Since|date|\n"),
    "Nohin": _named("納品書", "Nohin_Bi|納品日|date|\nKingaku|金額|currency:16|\n"),
    "Ziyarat": _named("زيارة", "Mawqi|الموقع|lookup:Sites|\nMulahazat|ملاحظات|textarea:large|\n"),
    "Shikayat": _named("शिकायत", "Gambhirta|गंभीरता|picklist:कम;मध्यम;अधिक|\n"),
    "Ideas": _named("Idea 💡", "Votes_|Votes 👍|integer:9|\nMood|Mood|picklist:😀;😐;😡|\n"),
    "Trainings": _named("Training", "Trainer|Trainer|userlookup|\nHeld_On|Held On|date|\n"),
    "Lab_Notebook": _named("Notebook Page", "Entry|Entry|textarea:rich_text|\n"),
    "Expense_Claims": _named(
        "Expense Claim",
        f"Claimed|Claimed|currency:16|\nReceipt|Receipt|fileupload|\n{MONEY}",
    ),
    "Site_Contacts": f"""
Parent_Id|Parent Id|lookup:Sites|readonly
Contact|Contact|lookup:Contacts|
Role|Role|picklist:Key holder;Operator;Emergency|
{SYSTEM}
""",
    "Sample_Readings": f"""
Parent_Id|Parent Id|lookup:Water_Samples|readonly
Analyte|Analyte|text:80|
Value|Value|double:12|
Unit|Unit|picklist:mg/l;µg/l;NTU|
{SYSTEM}
""",
    "Contract_Terms": f"""
Parent_Id|Parent Id|lookup:Service_Contracts|readonly
Clause|Clause|textarea:large|
Agreed_On|Agreed On|date|
{SYSTEM}
""",
    "Order_Milestones": f"""
Parent_Id|Parent Id|lookup:Sales_Orders|readonly
Milestone|Milestone|text:80|
Reached_On|Reached On|date|
{SYSTEM}
""",
    "Sensors_X_Partners": f"""
Sensor|Sensor|lookup:Sensors|mandatory
Partners|Partners|lookup:Partners|mandatory
{SYSTEM}
""",
    "Sites_X_Users": f"""
Site|Site|lookup:Sites|mandatory
Crew|Crew|userlookup|mandatory
{SYSTEM}
""",
}
