"""Modules that Zoho is seen to refuse on some read paths: asking would cost a call each time."""

from __future__ import annotations

from tap_zohocrm_modules.zoho.records.model import RecordModule

_ONLY_LISTED = frozenset(
    {
        "Notes",
        "Attachments",
        "Emails",
        "CTI_Entry",
        "Email_Analytics",
        "Email_Template_Analytics",
        "Email_Sentiment",
        "Entity_Scores__s",
        "Functions__s",
        "Locking_Information__s",
    }
)
_ONLY_LISTED_KINDS = frozenset({"linking"})
# Their exports are seen to lack records.
_NEVER_EXPORTED_KINDS = frozenset({"field_tracker", "picklisttracker"})


def is_only_listed(module: RecordModule) -> bool:
    """Whether only Get Records delivers the module's records."""
    return module.api_name in _ONLY_LISTED or module.kind in _ONLY_LISTED_KINDS


def is_never_exported(module: RecordModule) -> bool:
    """Whether Bulk Read does not deliver all of the module's records."""
    return is_only_listed(module) or module.kind in _NEVER_EXPORTED_KINDS
