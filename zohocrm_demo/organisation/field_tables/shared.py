"""Runs of fields that many modules share."""

from __future__ import annotations

# Fields that Zoho keeps up itself, in every module with records.
SYSTEM = """
Created_By|Created By|ownerlookup|readonly
Modified_By|Modified By|ownerlookup|readonly
Created_Time|Created Time|datetime|readonly
Modified_Time|Modified Time|datetime|readonly
Last_Activity_Time|Last Activity Time|datetime|readonly hidden
Tag|Tag|text:2000|array readonly
Record_Image|Record Image|profileimage|hidden
Locked__s|Locked|boolean|readonly hidden
id|Record Id|bigint|readonly hidden
"""

# The organisation has several currencies.
MONEY = """
Currency|Currency|picklist:USD;EUR;JPY;INR|mandatory
Exchange_Rate|Exchange Rate|double:16|
"""

# The organisation keeps consents.
CONSENT = """
Email_Opt_Out|Email Opt Out|boolean|
Unsubscribed_Mode|Unsubscribed Mode|picklist:Consent form;Manual;Unsubscribe link|readonly hidden
Unsubscribed_Time|Unsubscribed Time|datetime|readonly hidden
Data_Processing_Basis|Data Processing Basis|picklist:Consent;Contract;Legal obligation|hidden
Data_Processing_Basis_Details|Data Processing Basis Details|consent_lookup|readonly hidden
Data_Source|Data Source|picklist:API;Import;Manual;Web form|readonly hidden
Enrich_Status__s|Enrich Status|picklist:Available;Enriched;Data not found|readonly hidden
Change_Log_Time__s|Change Log Time|datetime|readonly hidden
"""

_PARTS = ("Street", "City", "State", "Code", "Country")


def address(kind: str) -> str:
    """The fields of one address: a composite one and its parts."""
    parts = "".join(
        f"{kind}_{part}|{kind} {part}|text:{250 if part == 'Street' else 100}|\n" for part in _PARTS
    )
    return (
        f"\n{kind}_Address|{kind} Address|address:{kind.lower()}|virtual hidden\n{parts}"
        f"{kind}_Coordinates|{kind} Coordinates|text:60|virtual hidden\n"
    )


def owned(label: str) -> str:
    """The owner, and what comes with any owned record."""
    return f"\nOwner|{label} Owner|ownerlookup|\n{SYSTEM}"
