"""Where the reading of a module's records stands: kept page by page, so that any STATE resumes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from singer_sdk import Stream
from singer_sdk.helpers.types import Context, Record
from singer_sdk.streams._state import StreamStateManager
from typing_extensions import override

from tap_zohocrm_modules.zoho.instants import parse, rfc3339
from tap_zohocrm_modules.zoho.records.fields import MODIFIED_TIME, RecordField
from tap_zohocrm_modules.zoho.records.reading import Page

_KEY = "replication_key"
_VALUE = "replication_key_value"
_POSITION = "position"
_CUT, _OF = "cut", "of"


class PageStateManager(StreamStateManager):
    """Leaves bookmarks to the stream, which knows what a page's end stands for."""

    @override
    def increment_state(
        self,
        latest_record: Record,
        *,
        context: Context | None = None,
        replication_key: str,
    ) -> None:
        """Do nothing: a record says nothing of those that are still to come."""


class RecordState:
    """One stream's part of STATE.

    `replication_key_value` is the instant up to which every change has been given. `position`,
    while a first read is under way, tells where it goes on, of what, and up to which cut.

    Args:
        stream: The stream.
        key: Its replication key; None to read everything each time.
        start: The date-time before which nothing is wanted.
        cut: This run's cut.
        of: What is read; another run's position counts only if it was of the same.
    """

    def __init__(
        self, stream: Stream, key: str | None, start: datetime | None, cut: datetime, of: str
    ) -> None:
        self._stream = stream
        self._state: dict[str, Any] = stream.get_context_state(None)
        self._key = key
        self._of = of
        bookmark = self._state.get(_VALUE) if key is not None else None
        self.is_first = bookmark is None
        """Whether nothing has been read to its end before."""
        known = [parse(str(bookmark))] if bookmark is not None else []
        self.since = max([*known, *([start] if start is not None and key else [])], default=None)
        """The instant from which changes are wanted, None for all records."""
        self.position = self._earlier()
        """Where an earlier run's first read goes on, None to begin."""
        self.until = cut if self.position is None else parse(str(self.position[_CUT]))
        """The cut of the read."""

    def _earlier(self) -> Mapping[str, Any] | None:
        position = self._state.get(_POSITION)
        if not self.is_first or not isinstance(position, dict) or position.get(_OF) != self._of:
            return None
        return position

    @property
    def memory(self) -> dict[str, Any]:
        """The stream's part of STATE itself."""
        return self._state

    def reached(self, page: Page) -> None:
        """Note that a page's records have been emitted, and all before them."""
        if page.watermark is not None and self._key is not None:
            self._state.update({_KEY: self._key, _VALUE: page.watermark})
        elif page.position is not None:
            self._state[_POSITION] = {
                **page.position,
                _CUT: rfc3339(self.until),
                _OF: self._of,
            }
        else:
            return
        self._stream.state_manager.is_flushed = False

    def complete(self) -> None:
        """Note that all records up to the cut have been emitted."""
        self._state.pop(_POSITION, None)
        if self._key is not None:
            self._state.update({_KEY: self._key, _VALUE: rfc3339(self.until)})
        self._stream.state_manager.is_flushed = False


def digest(fields: Sequence[RecordField], start: datetime | None) -> str:
    """Return a short name for what is read of a module."""
    names = ",".join(sorted(field.api_name for field in fields))
    text = f"{names};{'' if start is None else rfc3339(start)};{MODIFIED_TIME}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]
