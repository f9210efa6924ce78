"""What a log is that Zoho gives as files, which jobs export.

https://www.zoho.com/crm/developer/docs/api/v8/create-export-audit-log.html
"""

from __future__ import annotations

import dataclasses

from tap_zohocrm_modules.definitions.endpoint import DOCS


@dataclasses.dataclass(frozen=True, slots=True)
class Export:
    """One definition's log, and one stream."""

    name: str  # the stream's name
    page: str  # the page of Zoho's documentation, without `.html`
    scope: str  # the scopes that finding and fetching exports needs, with blanks between
    creates: str  # the scope that asking for an export needs besides
    misses: str  # what a run cannot read, as a sentence of the stream's page
    keys: tuple[str, ...]  # the columns that identify a row

    @property
    def source(self) -> str:
        """The address of the page that documents it."""
        return f"{DOCS}{self.page}.html"

    def scopes(self, *, asks: bool) -> str:
        """Return the scopes that a run needs, which asks for exports itself or does not."""
        return f"{self.scope} {self.creates}" if asks else self.scope
