"""Fields of Leads, Accounts, Contacts, Deals, Campaigns and the activities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.field_tables.shared import (
    CONSENT,
    MONEY,
    SYSTEM,
    address,
    owned,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_SOURCES = "Advertisement;Cold Call;Employee Referral;Partner;Trade Show;Web Research"
_INDUSTRIES = "Aquaculture;Drinking Water;Government;Mining;Research;Wastewater"
_STAGES = (
    "Qualification;Needs Analysis;Value Proposition;Proposal;Negotiation;Closed Won;Closed Lost"
)
_SALUTATIONS = "Mr.;Mrs.;Ms.;Dr.;Prof."

PEOPLE: Mapping[str, str] = {
    "Leads": f"""
Salutation|Salutation|picklist:{_SALUTATIONS}|hidden
First_Name|First Name|text:40|hidden
Last_Name|Last Name|text:80|mandatory hidden
Full_Name|Lead Name|text:120|virtual readonly display
Company|Company|text:200|mandatory
Designation|Title|text:100|
Email|Email|email:100|
Secondary_Email|Secondary Email|email:100|
Phone|Phone|phone:30|
Mobile|Mobile|phone:30|
Fax|Fax|text:30|unused
Website|Website|website:255|
Lead_Source|Lead Source|picklist:{_SOURCES}|
Lead_Status|Lead Status|picklist:Contacted;Contact in Future;Junk Lead;Pre-Qualified;Lost Lead|
Industry|Industry|picklist:{_INDUSTRIES}|
No_of_Employees|No. of Employees|integer:16|
Annual_Revenue|Annual Revenue|currency:16|
Rating|Rating|picklist:Acquired;Active;Market Failed;Shut Down|
Skype_ID|Skype ID|text:50|unused
Twitter|Twitter|text:50|unused
Street|Street|text:250|
City|City|text:100|
State|State|text:100|
Zip_Code|Zip Code|text:30|
Country|Country|text:100|
Description|Description|textarea:large|
Converted__s|Is Converted|boolean|readonly hidden
Converted_Date_Time|Converted Time|datetime|readonly hidden
Converted_Account|Converted Account|lookup:Accounts|readonly hidden
Converted_Contact|Converted Contact|lookup:Contacts|readonly hidden
Converted_Deal|Converted Deal|lookup:Deals|readonly hidden
Lead_Conversion_Time|Lead Conversion Time|integer:9|readonly hidden
Territories|Territories|territories|readonly
Record_Status__s|Record Status|picklist:Available;Draft;Trash|readonly hidden
{owned("Lead")}{MONEY}{CONSENT}
""",
    "Accounts": f"""
Account_Name|Account Name|text:200|mandatory display
Account_Number|Account Number|bigint:18|
Account_Site|Account Site|text:80|
Account_Type|Account Type|picklist:Analyst;Customer;Distributor;Integrator;Prospect|
Parent_Account|Parent Account|lookup:Accounts|
Industry|Industry|picklist:{_INDUSTRIES}|
Employees|Employees|integer:16|
Annual_Revenue|Annual Revenue|currency:16|
Ownership|Ownership|picklist:Government;Private;Public Company|
Phone|Phone|phone:30|
Fax|Fax|text:30|
Website|Website|website:255|
SIC_Code|SIC Code|integer:9|
Ticker_Symbol|Ticker Symbol|text:30|
Rating|Rating|picklist:Acquired;Active;Market Failed|
Open_Deals|Open Deals|rollup_summary:Deals;id;count|custom readonly
Won_Amount|Won Amount|rollup_summary:Deals;Amount;sum|custom readonly
ERP_Key|ERP Key|text:40|custom unique external
Territories|Territories|territories|readonly
Description|Description|textarea:large|
{owned("Account")}{MONEY}{address("Billing")}{address("Shipping")}
""",
    "Contacts": f"""
Salutation|Salutation|picklist:{_SALUTATIONS}|hidden
First_Name|First Name|text:40|hidden
Last_Name|Last Name|text:80|mandatory hidden
Full_Name|Contact Name|text:120|virtual readonly display
Account_Name|Account Name|lookup:Accounts|
Vendor_Name|Vendor Name|lookup:Vendors|
Reporting_To|Reporting To|lookup:Contacts|nolength
Title|Title|text:100|
Department|Department|text:50|
Email|Email|email:100|unique
Secondary_Email|Secondary Email|email:100|
Phone|Phone|phone:50|nolength
Home_Phone|Home Phone|phone:30|
Other_Phone|Other Phone|phone:30|
Mobile|Mobile|phone:30|
Assistant|Assistant|text:50|
Asst_Phone|Asst Phone|phone:100|
Date_of_Birth|Date of Birth|date|
Lead_Source|Lead Source|picklist:{_SOURCES}|
Allergies|Allergies|textarea:small|custom hipaa
Passport_Number|Passport Number|text:30|custom encrypted
Territories|Territories|territories|readonly
Description|Description|textarea:large|
{owned("Contact")}{MONEY}{CONSENT}{address("Mailing")}{address("Other")}
""",
    "Deals": f"""
Deal_Name|Deal Name|text:120|mandatory display
Account_Name|Account Name|lookup:Accounts|
Contact_Name|Contact Name|lookup:Contacts|
Campaign_Source|Campaign Source|lookup:Campaigns|
Type|Type|picklist:Existing Business;New Business|
Pipeline|Pipeline|picklist:Standard;Tenders|mandatory
Stage|Stage|picklist:{_STAGES}|mandatory tracked
Amount|Amount|currency:16|
Probability|Probability (%)|integer:3|
Expected_Revenue|Expected Revenue|formula:currency|virtual readonly
Closing_Date|Closing Date|date|mandatory
Lead_Source|Lead Source|picklist:{_SOURCES}|
Next_Step|Next Step|text:100|
Reason_For_Loss__s|Reason For Loss|picklist:Budget;Competitor;No decision|nojson nolength
Overall_Sales_Duration|Overall Sales Duration|integer:9|readonly hidden
Sales_Cycle_Duration|Sales Cycle Duration|integer:9|readonly nulljson
Lead_Conversion_Time|Lead Conversion Time|integer:9|readonly
Tender_Deadline|Tender Deadline|datetime|custom
Days_Open|Days Open|formula:double|custom virtual readonly
Is_Late|Is Late|formula:boolean|custom virtual readonly
Review_On|Review On|formula:date|custom virtual readonly
Headline|Headline|formula:text|custom virtual readonly
Territory|Territory|territory|hidden
Layout|Layout|layout|readonly hidden
Description|Description|textarea:large|
{owned("Deal")}{MONEY}
""",
    "Campaigns": f"""
Campaign_Name|Campaign Name|text:200|mandatory display
Parent_Campaign|Parent Campaign|lookup:Campaigns|
Type|Type|picklist:Conference;Webinar;Trade Show;Direct Mail|
Status|Status|picklist:Planning;Active;Inactive;Complete|
Start_Date|Start Date|date|
End_Date|End Date|date|
Expected_Revenue|Expected Revenue|currency:16|
Budgeted_Cost|Budgeted Cost|currency:16|
Actual_Cost|Actual Cost|currency:16|
Expected_Response|Expected Response|bigint:18|
Num_sent|Numbers sent|bigint:18|
Description|Description|textarea:large|
{owned("Campaign")}{MONEY}
""",
    "Tasks": f"""
Subject|Subject|text:300|mandatory display
Due_Date|Due Date|date|
Who_Id|Contact Name|lookup:Contacts|
What_Id|Related To|multi_module_lookup:Accounts;Deals;Cases;Sites|
Status|Status|picklist:Not Started;Deferred;In Progress;Completed;Waiting for input|
Priority|Priority|picklist:High;Highest;Low;Lowest;Normal|
Closed_Time|Closed Time|datetime|readonly
Send_Notification_Email|Send Notification Email|boolean|hidden
Recurring_Activity|Repeat|RRULE|
Remind_At|Reminder|ALARM|
Description|Description|textarea:large|
{owned("Task")}
""",
    "Events": f"""
Event_Title|Title|text:255|mandatory display
Venue|Location|text:255|
All_day|All day|boolean|
Start_DateTime|From|datetime|mandatory
End_DateTime|To|datetime|mandatory
Who_Id|Contact Name|lookup:Contacts|
What_Id|Related To|multi_module_lookup:Accounts;Deals;Cases;Sites|
Participants|Participants|bigint|array
Recurring_Activity|Repeat|RRULE|
Remind_At|Reminder|multireminder|
Remind Participants|Participants Reminder|multireminder|hidden
Check_In_Time|Check-In Time|datetime|readonly
Check_In_State|Check-In State|text:255|readonly
Latitude|Latitude|double:20|readonly
Longitude|Longitude|double:20|readonly
Description|Description|textarea:large|
{owned("Host")}
""",
    "Calls": f"""
Subject|Subject|text:255|display
Call_Type|Call Type|picklist:Outbound;Inbound;Missed|mandatory
Call_Purpose|Call Purpose|picklist:Prospecting;Administrative;Demo;Service|
Call_Start_Time|Call Start Time|datetime|mandatory
Call_Duration|Call Duration|text:20|readonly
Call_Duration_in_seconds|Call Duration (in seconds)|integer:9|readonly
Call_Result|Call Result|picklist:Interested;Not interested;No response;Busy|
Outgoing_Call_Status|Outgoing Call Status|picklist:Scheduled;Completed;Cancelled|
Who_Id|Contact Name|lookup:Contacts|
What_Id|Related To|multi_module_lookup:Accounts;Deals;Cases;Leads|
Reminder|Reminder|picklist:None;5 minutes before;1 day before|
Remind_At|Remind At|event_reminder|hidden
CTI_Entry|CTI Entry|boolean|readonly hidden
Dialled_Number|Dialled Number|text:50|readonly
Description|Description|textarea:large|
{owned("Call")}
""",
    "Notes": f"""
Note_Title|Note Title|text:120|display
Note_Content|Note Content|textarea:large|mandatory
Parent_Id|Parent ID|multi_module_lookup:Leads;Contacts;Accounts;Deals;Cases;Sites|mandatory
Owner|Note Owner|ownerlookup|
{SYSTEM}
""",
    "Attachments": f"""
File_Name|File Name|text:255|display readonly
Size|Size|bigint:18|readonly
Parent_Id|Parent ID|multi_module_lookup:Leads;Contacts;Accounts;Deals;Cases;Sites|mandatory
Owner|Attachment Owner|ownerlookup|
{SYSTEM}
""",
}
