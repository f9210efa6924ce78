"""Zoho's data centres and the hosts that Zoho documents for them.

https://www.zoho.com/crm/developer/docs/api/v8/multi-dc.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, slots=True)
class DataCenter:
    """One of Zoho's data centres; a host that Zoho does not document is None."""

    accounts_url: str | None
    api_url: str | None

    @property
    def established(self) -> bool:
        """Whether Zoho documents both hosts."""
        return self.accounts_url is not None and self.api_url is not None


DATA_CENTERS: Mapping[str, DataCenter] = {
    "us": DataCenter("https://accounts.zoho.com", "https://www.zohoapis.com"),
    "eu": DataCenter("https://accounts.zoho.eu", "https://www.zohoapis.eu"),
    "in": DataCenter("https://accounts.zoho.in", "https://www.zohoapis.in"),
    "au": DataCenter("https://accounts.zoho.com.au", "https://www.zohoapis.com.au"),
    "jp": DataCenter("https://accounts.zoho.jp", "https://www.zohoapis.jp"),
    "cn": DataCenter("https://accounts.zoho.com.cn", "https://www.zohoapis.com.cn"),
    "ca": DataCenter("https://accounts.zohocloud.ca", "https://www.zohoapis.ca"),
    "sa": DataCenter("https://accounts.zoho.sa", "https://www.zohoapis.sa"),
    "uk": DataCenter("https://accounts.zoho.uk", None),
    "ae": DataCenter(None, None),
}
