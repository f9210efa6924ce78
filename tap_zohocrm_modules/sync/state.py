"""Every key of STATE, as typed structs with a version: read and written here and nowhere else.

`docs/develop/state.md` is the reference.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, MutableMapping
from datetime import datetime, timezone
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from tap_zohocrm_modules.sync.list_position import ListPosition
from tap_zohocrm_modules.sync.old_state import upgraded
from tap_zohocrm_modules.zoho.transport.errors import ZohoError

VERSION = 1
"""The version that this release writes, in each stream's part."""

Instant = Annotated[datetime, msgspec.Meta(tz=True)]

_FREE, _LONGEST_SHOWN = frozenset({"pending", "checkpoint"}), 60


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
    # Ids in the bin, and when they got there; None while nobody has looked.
    recycled: dict[str, Instant] | None = None
    lists: dict[str, ListPosition] | None = None  # of all deletions, by kind
    # From when on tombstones are due, where that is before the bookmark; 1970: all that Zoho lists.
    tombstones_since: Instant | None = None
    recent: str | None = None  # when records were changed that were emitted within the lookback
    recent_deletions: str | None = None  # when records were deleted whose tombstones were
    position: ReadPosition | None = None
    # The fields loaded for every record, by API name, with Zoho's id; None where not known.
    columns: dict[str, str] | None = None
    types: dict[str, str] | None = None  # how the values of those columns look
    # Those of these columns that are called otherwise than their fields, for good.
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


S = TypeVar("S", bound=StreamState)


@dataclasses.dataclass(eq=False)
class StatePart(Generic[S]):
    """One stream's part of STATE, which is changed in place."""

    state: MutableMapping[str, Any]
    stream: str
    kind: type[S]  # what the part holds
    environment: str | None = None  # the run's; None where nobody asks whose STATE it is

    def __post_init__(self) -> None:
        self._bookmarks: dict[str, Any] = self.state.setdefault("bookmarks", {})

    def read(self) -> S:
        """Return the part, a new one where STATE has none.

        StateError: it is not this tap's, or of another environment.
        """
        found = self._bookmarks.get(self.stream) or {}
        if not isinstance(found, dict):
            raise self.wrong("", found, "is not an object")
        version = found.get("version", 0)
        if not isinstance(version, int) or isinstance(version, bool) or version < 0:
            raise self.wrong("version", version, "is not a version of this tap's STATE")
        if version > VERSION:
            raise StateError(
                f"STATE bookmarks.{self.stream}.version is {version}, and this release reads"
                f" versions up to {VERSION}: install the release that wrote it, or a later one."
            )
        part = found if version else upgraded(found, VERSION)
        if null := next(_nulls(part), None):
            raise self.wrong(null, None, "is nothing that this tap writes there")
        try:
            converted: S = _in_utc(msgspec.convert(part, self.kind))
        except msgspec.ValidationError as error:
            raise self._explained(str(error), found) from error
        except OverflowError as error:
            raise self.wrong("", found, f"has a date-time out of range ({error})") from error
        return self._checked(converted)

    def _checked(self, part: S) -> S:
        known = part.environment  # a copy for tests has the ids of the original
        if known and self.environment and known != self.environment:
            raise StateError(
                f"STATE bookmarks.{self.stream} is of the environment {known!r}, and this run reads"
                f" {self.environment!r}: its rows are another organisation's. Use the STATE of this"
                f" environment, or remove bookmarks.{self.stream} to load the stream anew into a"
                " table of its own."
            )
        return part

    def write(self, part: S) -> None:
        """Replace the part at once, for a signal may write STATE at any time."""
        if self.environment:
            part = msgspec.structs.replace(part, environment=self.environment)
        self._bookmarks[self.stream] = msgspec.to_builtins(_in_utc(part))

    def _explained(self, error: str, found: Mapping[str, Any]) -> StateError:
        what, _, where = error.partition(" - at `$")
        key = where.rstrip("`").replace("[...]", ".*").lstrip(".")
        problem = f"is wrong ({what})"
        if unknown := re.search(r"unknown field `(.*?)`", what):
            key = f"{key}.{unknown[1]}".lstrip(".")
            problem = "is not a key of this tap's STATE"
        value: Any = found
        for name in filter(None, key.split(".")):
            value = value.get(name) if isinstance(value, dict) else None
        return self.wrong(key, value, problem)

    def wrong(self, key: str, value: object, what: str) -> StateError:
        """Return the error that a value of the part is."""
        name = ".".join(filter(None, ("bookmarks", self.stream, key)))
        seen = "" if isinstance(value, (dict, list)) else f" {shown(value)}"
        return StateError(
            f"STATE has{seen} in {name}, which {what}: correct it, or remove"
            f" bookmarks.{self.stream} to load the stream anew."
        )


def last_version(state: Mapping[str, Any], stream: str) -> int:
    """Return the version of a stream's table; 0 if STATE has none."""
    found = state.get("bookmarks", {}).get(stream)
    version = found.get("table_version") if isinstance(found, dict) else None
    return version if isinstance(version, int) else 0


def keep_version(state: MutableMapping[str, Any], stream: str, version: int) -> None:
    """Have a stream's part say which version its table has got."""
    bookmarks = state.setdefault("bookmarks", {})
    found = bookmarks.get(stream) or {}
    bookmarks[stream] = {**found, "version": VERSION, "table_version": version}


def _in_utc(part: Any) -> Any:
    """Return a struct or mapping whose instants are in UTC, to the second."""
    if isinstance(part, datetime):
        return part.astimezone(timezone.utc).replace(microsecond=0)
    if isinstance(part, dict):
        return {key: _in_utc(value) for key, value in part.items()}
    if isinstance(part, msgspec.Struct):
        fields = {name: _in_utc(getattr(part, name)) for name in part.__struct_fields__}
        return type(part)(**fields)
    return part


def _nulls(part: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys whose value is null, which would pass for a key that is not there."""
    for key, value in part.items():
        if value is None:
            yield key
        elif isinstance(value, dict) and key not in _FREE:
            yield from (f"{key}.{inner}" for inner in _nulls(value))


def shown(value: object) -> str:
    """Return a value as errors show it."""
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
