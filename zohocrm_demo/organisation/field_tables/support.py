"""Fields of support, services and the modules behind the scenes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.field_tables.shared import SYSTEM, owned

if TYPE_CHECKING:
    from collections.abc import Mapping

_COUNTS = "Sent Delivered Bounced Opened Clicked Tracked"
_SCORES = (
    "Score Positive_Score Negative_Score Touch_Point_Score Touch_Point_Positive_Score "
    "Touch_Point_Negative_Score"
)


def _numbers(names: str) -> str:
    return "".join(
        f"{name}|{name.replace('_', ' ')}|integer:9|readonly\n" for name in names.split()
    )


def _history(parent: str, lookup: str, value: str) -> str:
    return f"""
{lookup}|{lookup.replace("_", " ")}|lookup:{parent}|readonly
{value}|{value}|picklist:|readonly
Moved_To__s|Moved To|picklist:|readonly
Duration_Days__s|Duration (Days)|integer:9|readonly
Modified_By|Modified By|ownerlookup|readonly
Modified_Time|Modified Time|datetime|readonly
id|Record Id|bigint|readonly hidden
"""


SUPPORT: Mapping[str, str] = {
    "Cases": f"""
Case_Number|Case Number|bigint:18|readonly
Subject|Subject|text:300|mandatory display
Status|Status|picklist:New;On Hold;Escalated;Closed|mandatory tracked
Priority|Priority|picklist:High;Medium;Low|
Type|Type|picklist:Problem;Feature Request;Question|
Case_Origin|Case Origin|picklist:Email;Phone;Web|mandatory
Case_Reason|Case Reason|picklist:User did not attend training;Complex functionality|
Product_Name|Product Name|lookup:Products|
Account_Name|Account Name|lookup:Accounts|
Deal_Name|Deal Name|lookup:Deals|
Related_To|Related To|lookup:Contacts|
Reported_By|Reported By|text:50|
Email|Email|email:100|
Phone|Phone|phone:30|
Internal_Comments|Internal Comments|textarea:small|
No_of_comments|No. of Comments|integer:9|readonly
Add_Comment|Add Comment|textarea:small|hidden
Comments|Comments|text:2000|array
Solution|Solution|textarea:large|
Description|Description|textarea:rich_text|
{owned("Case")}
""",
    "Solutions": f"""
Solution_Number|Solution Number|bigint:18|readonly
Solution_Title|Solution Title|text:255|mandatory display
Status|Status|picklist:Draft;Reviewed;Duplicate|
Product_Name|Product Name|lookup:Products|
Question|Question|textarea:large|
Answer|Answer|textarea:large|
Published|Published|boolean|
Comments|Comments|text:2000|array
{owned("Solution")}
""",
    "Services__s": f"""
Service_Name|Service Name|text:120|mandatory display
Duration|Duration|integer:9|mandatory
Location|Location|picklist:Business Address;Client Address|mandatory
Members|Members|multiuserlookup:Sites_X_Users;Service;Members|mandatory
Price|Price|currency:16|
Tax|Tax|multiselectpicklist:Sales Tax;VAT|
Available_From__s|Available From|date|
Available_Till__s|Available Till|date|
Available_Days|Available Days|multiselectpicklist:Monday;Tuesday;Wednesday;Thursday;Friday|
Available_Timings|Available Timings|time_range|
Job_Sheet_Required|Job Sheet Required|boolean|
Status|Status|picklist:Active;Inactive|
Description|Description|textarea:large|
{owned("Service")}
""",
    "Appointments__s": f"""
Appointment_Name|Appointment Name|text:120|mandatory display
Appointment_For|Appointment For|multi_module_lookup:Leads;Contacts;Deals|mandatory
Service_Name|Service Name|lookup:Services__s|mandatory
Appointment_Start_Time|Start Time|datetime|mandatory
Appointment_End_Time|End Time|datetime|readonly
Duration|Duration|integer:9|readonly
Location|Location|picklist:Business Address;Client Address|
Address|Address|textarea:small|
Status|Status|picklist:Scheduled;Completed;Cancelled;Overdue|
Cancellation_Reason|Cancellation Reason|text:120|
Rescheduled_Count|Rescheduled Count|integer:9|readonly
Price|Price|currency:16|
Remind_At|Remind At|multireminder|
Additional_Information|Additional Information|textarea:large|
{owned("Appointment")}
""",
    "Appointments_Rescheduled_History__s": f"""
Appointment_Name|Appointment Name|lookup:Appointments__s|mandatory
Rescheduled_From|Rescheduled From|datetime|
Rescheduled_To|Rescheduled To|datetime|
Rescheduled_By|Rescheduled By|userlookup|
Rescheduled_Time|Rescheduled Time|datetime|
Reschedule_Reason|Reason|text:120|
Reschedule_Note|Note|textarea:small|
{SYSTEM}
""",
    "Emails": """
Subject|Subject|text:500|readonly display
Source|Source|picklist:crm;imap|readonly
Status|Status|picklist:Sent;Opened;Bounced|readonly
Created_Time|Created Time|datetime|readonly
""",
    "Email_Analytics": "Email_Sent_On|Date|date|readonly\n" + _numbers(_COUNTS),
    "Email_Template_Analytics": "Template_Name|Template|text:120|readonly\n" + _numbers(_COUNTS),
    "Email_Sentiment": """
Email_Subject|Subject|text:500|readonly display
Sentiment|Sentiment|picklist:Positive;Neutral;Negative|readonly
Intent|Intent|picklist:Request;Complaint;Query;Purchase|readonly
Created_Time|Created Time|datetime|readonly
""",
    "CTI_Entry": """
Call_Id|Call Id|text:100|readonly
Provider|Provider|text:100|readonly
Recording|Recording|website:2000|readonly
""",
    "Functions__s": """
Name|Name|text:100|readonly display
Execution_Status|Status|picklist:Success;Failure|readonly
Executed_Time|Executed Time|datetime|readonly
""",
    "Locking_Information__s": """
Locked_For__s|Locked For|multi_module_lookup:Quotes;Invoices;Service_Contracts|readonly
Module__s|Module|module|readonly
Locked_By__s|Locked By|userlookup|readonly
Locked_Time__s|Locked Time|datetime|readonly
Locked_Reason__s|Reason|text:200|readonly
""",
    "Entity_Scores__s": (
        "Scoring_Rule|Scoring Rule|text:120|readonly\n"
        "Record|Record|multi_module_lookup:Leads;Contacts;Accounts;Deals|readonly\n"
        + _numbers(_SCORES)
    ),
    "DealHistory": _history("Deals", "Potential_Name", "Stage"),
    "Status_History_Cases": _history("Cases", "Case_Name", "Status"),
}
