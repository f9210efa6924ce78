"""Every key of STATE, as typed structs with a version; `state_part.py` reads and writes them.

`docs/develop/state.md` is the reference.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec

from tap_zohocrm_modules.zoho.transport.errors import ZohoError

VERSION = 1
"""The version that this release writes, in each stream's part."""

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class StateError(ZohoError):
    """A part of STATE is not what this tap writes; the text names key, value and remedy."""


class StreamState(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """What STATE holds of any stream."""

    version: int  # of the structure
    replication_key: str | None = None  # the column that bookmarks the stream
    replication_key_value: Instant | None = None  # every row changed before it has been emitted
    table_version: int | None = None  # the version of the destination's table, if it has versions
    environment: str | None = None  # the organisation's: production, sandbox …


class DeletionsState(StreamState, frozen=True, kw_only=True):
    """What STATE holds of `deleted_records`."""

    # The modules whose deletions could not be read, and since when (None: ever).
    pending: dict[str, Instant | None] = {}
    recent: dict[str, str] = {}  # when records were deleted lately, by module and type


class ReadPosition(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """How far an unfinished read of a whole module, or of its changes, has come."""

    cutoff: Instant  # up to which it reads
    selection: str  # a digest of what it reads; another selection begins anew
    since: Instant | None = None  # the bookmark that it follows; None for a first read
    ends_first: bool = False  # up to that bookmark the same first read has come
    # So many records, those changed before a bookmark that it has; None where nobody counted.
    emitted: Annotated[int, msgspec.Meta(ge=0)] | None = None
    settled: Annotated[int, msgspec.Meta(ge=0)] = 0  # so many of them before `since`
    late: Annotated[int, msgspec.Meta(ge=0)] = 0  # so many of them will be emitted again,
    late_since: Instant | None = None  # since they were changed at this instant or later
    untimed: int = 0  # so many of them have no Modified_Time
    checkpoint: dict[str, Any] = {}  # where its read path goes on, which alone knows what it holds


class Reload(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """How far an unfinished second read of a whole module has come; the bookmark stays."""

    cutoff: Instant  # when it began: what changes from then on is read once more when it ends
    selection: str  # as of a ReadPosition
    after: Instant | None = None  # every record changed before it has been emitted once more
    emitted: Annotated[int, msgspec.Meta(ge=0)] = 0  # as of a ReadPosition
    checkpoint: dict[str, Any] | None = None  # as of a ReadPosition


class ListPosition(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """How far an unfinished list of all deletions has come.

    It has which deletions, and when they were made, packed by their kind. Zoho lists
    2,000 of a kind at most, each of which takes some ten characters here.
    """

    rows: dict[str, str] = {}  # those that it has
    before: dict[str, str] | None = None  # those that its last whole pass met; None without one
    met: dict[str, str] = {}  # those that the pass under way has met
    pages: int = 0  # so many pages of the pass under way have been read
    is_whole: bool = False  # two passes agree
    has_surplus: bool = False  # there are more than Zoho lists


class SweepPosition(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """How far an unfinished comparison of the ids that exist with those emitted has come."""

    cutoff: Instant  # when it began
    # Where the listing of ids goes on: after records changed before an instant, or as its read
    # path says.
    after: Instant | None = None
    checkpoint: dict[str, Any] | None = None
    met: str | None = None  # which of the ids emitted exist, as ranges of them, packed
    lacking: str | None = None  # ids that exist and were never emitted, packed
    others: Annotated[int, msgspec.Meta(ge=0)] = 0  # how many exist besides
    # More records were deleted than Zoho lists: the bookmark waits, and nobody need ask again.
    surplus: bool = False
    is_listed: bool = False  # the listing has come to its end
    is_second: bool = False  # it is the second listing, since the first one lacked many ids
    learns: bool = False  # nobody knew which ids were emitted: those that exist become known
    reads_again: bool = False  # so many were never emitted that every record is to be read again


class ModuleState(StreamState, frozen=True, kw_only=True):
    """What STATE holds of a module's records."""

    module_id: str | None = None  # Zoho's, which shows a renamed module to be the same one
    # Every deletion before it has been emitted, where that is not the bookmark: the latter moves
    # page by page, deletions are asked for at the end.
    deleted_until: Instant | None = None
    recycled: dict[str, Instant] | None = None  # ids in the bin, since when; None: nobody looked
    lists: dict[str, ListPosition] | None = None  # of all deletions, by kind
    # From when on tombstones are due, where that is before the bookmark; 1970: all that Zoho lists.
    tombstones_since: Instant | None = None
    recent: str | None = None  # when records were changed that were emitted within the lookback
    recent_deletions: str | None = None  # when records were deleted whose tombstones were
    position: ReadPosition | None = None
    # The fields loaded for every record, by API name, with Zoho's id; None where not known.
    columns: dict[str, str] | None = None
    types: dict[str, str] | None = None  # how the values of those columns look
    # What columns are called, where it is not their field's name, or they are not loaded any more.
    names: dict[str, str] | None = None
    # The fields whose values do not show, by API name with Zoho's id, whatever its marks say now.
    private: dict[str, str] | None = None
    reload: Reload | None = None
    # Records changed since then have been read, as `start_date` was; 1970: all, None: not known.
    read_since: Instant | None = None
    read_whole: Instant | None = None  # when the last read of the whole module began
    unstamped: bool = False  # it was found to have records without Modified_Time
    swept: Instant | None = None  # when the ids that exist were last compared with those emitted
    sweep: SweepPosition | None = None  # the comparison that has begun
    # What Zoho refuses by a read path: API names of fields, or an asterisk for the whole module.
    refused: dict[str, list[str]] | None = None
    # When Zoho last refused a module that it lists as not viewable, and that nobody has ever read.
    not_offered: Instant | None = None
    ids: str | None = None  # those that a destination may have, packed; None where not kept
    unsettled: str | None = None  # those of them that it may lack as well, packed


class LoadedColumns(msgspec.Struct, frozen=True, kw_only=True):
    """What discovery reads of a module's part."""

    version: Annotated[int, msgspec.Meta(ge=1, le=VERSION)]
    columns: dict[str, str] | None = None
    types: dict[str, str] | None = None
    names: dict[str, str] | None = None
    private: dict[str, str] | None = None


class Walk(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """How far an unfinished read of all parents' children has come, the newest parents first."""

    cutoff: Instant  # when it began; parents that change from then on are read as changes
    before: Instant | None = None  # when the parent was changed that was read last
    parent: str | None = None  # its id; None: none has been read
    is_sweep: bool = False  # everything has been read before


class ChildState(StreamState, frozen=True, kw_only=True):
    """What STATE holds of a list of children; the bookmark is of their parents."""

    child_list: str = ""  # `Module.List`
    walk: Walk | None = None
    swept: Instant | None = None  # when the last read of all parents' children began
    refused: list[str] = []  # parents that Zoho refused, to be asked for again
    more_refused: bool = False  # others were refused as well: too many for STATE
    known: str | None = None  # keys of the children that a destination has, packed
    # Parents of whose keys a destination may lack the rows, where rows are asked for only once.
    unsettled: list[str] = []


class AuditLogWork(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An export of the audit log that is waited for, or emitted in part."""

    job: str  # its id
    # Between which instants the entries are that it was asked for; None: somebody else asked.
    since: Instant | None = None
    until: Instant | None = None
    emitted: Annotated[int, msgspec.Meta(ge=0)] = 0  # so many of its entries


class AuditLogState(StreamState, frozen=True, kw_only=True):
    """What STATE holds of `audit_log`; the bookmark is the end of what exports were asked for."""

    work: AuditLogWork | None = None
    read_until: Instant | None = None  # when the export ended that was read last
    read: list[str] = []  # ids of the exports that ended then and were read
