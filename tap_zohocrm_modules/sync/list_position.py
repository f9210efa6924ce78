"""How far an unfinished list of all deletions has come."""

from __future__ import annotations

import msgspec


class ListPosition(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What STATE holds of a list: which deletions, and when they were made, packed by their kind.

    Zoho lists 2,000 of a kind at most, each of which takes some ten characters here.
    """

    rows: dict[str, str] = {}  # those that it has
    before: dict[str, str] | None = None  # those that its last whole pass met; None without one
    met: dict[str, str] = {}  # those that the pass under way has met
    passes: int = 0  # so many have ended
    pages: int = 0  # so many pages of the pass under way have been read
    is_whole: bool = False  # two passes agree
    has_surplus: bool = False  # there are more than Zoho lists
