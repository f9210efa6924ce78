"""Where the reading of a module's records stands: kept page by page, so that any STATE resumes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from singer_sdk import Stream
from singer_sdk.helpers.types import Context, Record
from singer_sdk.streams._state import StreamStateManager
from typing_extensions import override

from tap_zohocrm_modules.zoho.instants import parse
from tap_zohocrm_modules.zoho.records.fields import MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.reading import Page

_KEY = "replication_key"
_VALUE = "replication_key_value"
_POSITION = "position"


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

    `replication_key_value` is the instant up to which every change has been given, and `position`,
    while the first read is under way, where it goes on.

    Args:
        stream: The stream.
        start: The date-time before which nothing is wanted.
        cut: This run's cut.
    """

    def __init__(self, stream: Stream, start: str | None, cut: datetime) -> None:
        self._stream = stream
        self._state: dict[str, Any] = stream.get_context_state(None)
        self._incremental = stream.replication_method == "INCREMENTAL"
        bookmark = self._state.get(_VALUE) if self._incremental else None
        self.is_first = bookmark is None
        """Whether nothing has been read to its end before."""
        known = [parse(text) for text in (bookmark, start) if text is not None]
        self.since = max(known, default=None)
        """The instant from which changes are wanted, None for all records."""
        self._cut = cut

    @property
    def position(self) -> Mapping[str, Any] | None:
        """Where an earlier run's read goes on."""
        position = self._state.get(_POSITION)
        return position if isinstance(position, dict) else None

    def reached(self, page: Page) -> None:
        """Note that a page's records have been emitted, and all before them."""
        if not self._incremental:
            return
        if page.watermark is not None:
            self._state.update({_KEY: MODIFIED_TIME, _VALUE: page.watermark})
        if page.position is not None:
            self._state[_POSITION] = dict(page.position)
        if page.watermark is not None or page.position is not None:
            self._stream.state_manager.is_flushed = False

    def complete(self, cut: str) -> None:
        """Note that all records up to the cut have been emitted."""
        self._state.pop(_POSITION, None)
        if self._incremental:
            self._state.update({_KEY: MODIFIED_TIME, _VALUE: cut})
