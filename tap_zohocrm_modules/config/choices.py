"""What the settings of a few words choose from."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping


class Environment(enum.Enum):
    """Which of an organisation's environments is read."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    DEVELOPER = "developer"
    DEMO = "demo"


class PrivateFields(enum.Enum):
    """What becomes of fields that Zoho marks as private."""

    KEEP = "keep"
    HASH = "hash"
    OMIT = "omit"


class ReadPathChoice(enum.Enum):
    """How a module's records are read."""

    AUTO = "auto"
    REST = "rest"
    COQL = "coql"
    BULK = "bulk"


MODULE_STATUSES = ("visible", "user_hidden", "system_hidden", "scheduled_for_deletion")


@dataclasses.dataclass(frozen=True, slots=True)
class DataCenter:
    """One of Zoho's data centres."""

    accounts_url: str
    api_url: str


DATA_CENTERS: Mapping[str, DataCenter] = {
    "us": DataCenter("https://accounts.zoho.com", "https://www.zohoapis.com"),
    "eu": DataCenter("https://accounts.zoho.eu", "https://www.zohoapis.eu"),
    "in": DataCenter("https://accounts.zoho.in", "https://www.zohoapis.in"),
    "au": DataCenter("https://accounts.zoho.com.au", "https://www.zohoapis.com.au"),
    "jp": DataCenter("https://accounts.zoho.jp", "https://www.zohoapis.jp"),
    "cn": DataCenter("https://accounts.zoho.com.cn", "https://www.zohoapis.com.cn"),
    "ca": DataCenter("https://accounts.zohocloud.ca", "https://www.zohoapis.ca"),
    "sa": DataCenter("https://accounts.zoho.sa", "https://www.zohoapis.sa"),
    # Seen in configurations in use: of these two Zoho documents no more than the first URL. The
    # token's own `api_domain` wins.
    "uk": DataCenter("https://accounts.zoho.uk", "https://www.zohoapis.uk"),
    "ae": DataCenter("https://accounts.zoho.ae", "https://www.zohoapis.ae"),
}
"""https://www.zoho.com/crm/developer/docs/api/v8/multi-dc.html."""
