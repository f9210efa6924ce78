"""Fields of Products, Vendors, Price Books and the four inventory documents with their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.field_tables.shared import MONEY, SYSTEM, address, owned

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOTALS = """
Sub_Total|Sub Total|formula:currency|virtual readonly
Discount|Discount|currency:16|
Tax|Tax|currency:16|
Adjustment|Adjustment|currency:16|
Grand_Total|Grand Total|formula:currency|virtual readonly
Terms_and_Conditions|Terms and Conditions|textarea:large|
Description|Description|textarea:large|
"""


def _document(own: str, lines_field: str, lines_module: str, label: str) -> str:
    return (
        f"\nSubject|Subject|text:120|mandatory display\n{own}\n"
        f"{lines_field}|{lines_module.replace('_', ' ')}|subform:{lines_module}|mandatory\n"
        f"{_TOTALS}{owned(label)}{MONEY}{address('Billing')}{address('Shipping')}"
    )


def _lines(parent: str) -> str:
    return f"""
Parent_Id|Parent Id|lookup:{parent}|readonly
Sequence_Number|Sequence Number|integer:9|readonly
Product_Name|Product Name|lookup:Products|mandatory
Quantity|Quantity|double:16|mandatory
List_Price|List Price|currency:16|
Total|Amount|formula:currency|virtual readonly
Discount|Discount|text:50|
Total_After_Discount|Total After Discount|formula:currency|virtual readonly hidden
Tax|Tax|currency:16|
Line_Tax|Line Tax|linetax|
Net_Total|Total|formula:currency|virtual readonly
Description|Description|textarea:small|
Price_Book_Name|Price Book Name|lookup:Price_Books|
{SYSTEM}
"""


INVENTORY: Mapping[str, str] = {
    "Products": f"""
Product_Name|Product Name|text:200|mandatory display
Product_Code|Product Code|text:40|unique
Vendor_Name|Vendor Name|lookup:Vendors|
Product_Active|Product Active|boolean|
Manufacturer|Manufacturer|picklist:Brightwater;Sondewerk;Aquametrix|
Product_Category|Product Category|picklist:Probe;Logger;Cable;Software;Service|
Sales_Start_Date|Sales Start Date|date|
Sales_End_Date|Sales End Date|date|
Support_Start_Date|Support Start Date|date|
Support_Expiry_Date|Support End Date|date|
Unit_Price|Unit Price|currency:16|
Commission_Rate|Commission Rate|percent:5|
Tax|Tax|multiselectpicklist:Sales Tax;VAT;GST|
Taxable|Taxable|boolean|
Usage_Unit|Usage Unit|picklist:Box;Each;Hour;Metre;Year|
Qty_in_Stock|Quantity in Stock|double:16|
Qty_in_Demand|Quantity in Demand|double:16|readonly
Qty_Ordered|Qty Ordered|double:16|
Reorder_Level|Reorder Level|double:16|
Handler|Handler|userlookup|
Safety_Sheet|Safety Sheet|fileupload|custom
Photos|Photos|imageupload|custom
Serial_Range_Start|Serial Range Start|long:18|custom
Description|Description|textarea:rich_text|
{owned("Product")}{MONEY}
""",
    "Vendors": f"""
Vendor_Name|Vendor Name|text:120|mandatory display
Phone|Phone|phone:30|
Email|Email|email:100|
Website|Website|website:255|
GL_Account|GL Account|picklist:Sales-Software;Sales-Hardware;Rental|
Category|Category|text:100|
Description|Description|textarea:large|
{owned("Vendor")}{MONEY}{address("Mailing")}
""",
    "Price_Books": f"""
Price_Book_Name|Price Book Name|text:200|mandatory display
Active|Active|boolean|
Pricing_Model|Pricing Model|picklist:Flat;Differential|
Pricing_Details|Pricing Details|text:2000|array
Description|Description|textarea:large|
{owned("Price Book")}{MONEY}
""",
    "Quotes": _document(
        """
Quote_Number|Quote Number|bigint:18|readonly
Quote_Stage|Quote Stage|picklist:Draft;Negotiation;Delivered;On Hold;Confirmed;Closed Won|
Deal_Name|Deal Name|lookup:Deals|
Contact_Name|Contact Name|lookup:Contacts|
Account_Name|Account Name|lookup:Accounts|mandatory
Valid_Till|Valid Until|date|
Carrier|Carrier|picklist:FedEX;UPS;USPS;DHL|
Team|Team|text:30|unused
""",
        "Quoted_Items",
        "Quoted_Items",
        "Quote",
    ),
    "Sales_Orders": _document(
        """
SO_Number|SO Number|bigint:18|readonly
Status|Status|picklist:Created;Approved;Delivered;Cancelled|mandatory
Quote_Name|Quote Name|lookup:Quotes|
Deal_Name|Deal Name|lookup:Deals|
Contact_Name|Contact Name|lookup:Contacts|
Account_Name|Account Name|lookup:Accounts|mandatory
Purchase_Order|Purchase Order|text:100|
Due_Date|Due Date|date|
Carrier|Carrier|picklist:FedEX;UPS;USPS;DHL|
Excise_Duty|Excise Duty|currency:16|
Sales_Commission|Sales Commission|currency:16|
Milestones|Milestones|subform:Order_Milestones|custom
""",
        "Ordered_Items",
        "Ordered_Items",
        "Sales Order",
    ),
    "Purchase_Orders": _document(
        """
PO_Number|PO Number|text:50|
PO_Date|PO Date|date|
Status|Status|picklist:Created;Approved;Delivered;Cancelled|
Vendor_Name|Vendor Name|lookup:Vendors|mandatory
Contact_Name|Contact Name|lookup:Contacts|
Requisition_No|Requisition Number|text:50|
Tracking_Number|Tracking Number|text:50|
Due_Date|Due Date|date|
""",
        "Purchase_Items",
        "Purchase_Items",
        "Purchase Order",
    ),
    "Invoices": _document(
        """
Invoice_Number|Invoice Number|bigint:18|readonly
Invoice_Date|Invoice Date|date|
Due_Date|Due Date|date|
Status|Status|picklist:Created;Approved;Delivered;Cancelled|
Sales_Order|Sales Order|lookup:Sales_Orders|
Contact_Name|Contact Name|lookup:Contacts|
Account_Name|Account Name|lookup:Accounts|mandatory
Excise_Duty|Excise Duty|currency:16|
""",
        "Invoiced_Items",
        "Invoiced_Items",
        "Invoice",
    ),
    "Quoted_Items": _lines("Quotes"),
    "Ordered_Items": _lines("Sales_Orders"),
    "Purchase_Items": _lines("Purchase_Orders"),
    "Invoiced_Items": _lines("Invoices"),
}
