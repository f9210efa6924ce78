"""Streams that set their part of STATE themselves, a page or more at a time."""

from __future__ import annotations

from singer_sdk.helpers.types import Context, Record
from singer_sdk.streams._state import StreamStateManager
from typing_extensions import override

from tap_zohocrm_modules.streams.base import ZohoStream


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


class PagewiseStream(ZohoStream):
    """A stream that sets its part of STATE itself, a page or more at a time."""

    @property
    @override
    def state_manager(self) -> StreamStateManager:
        if self._state_manager is None:
            self._state_manager = PageStateManager(
                tap_name=self.tap_name, stream_name=self.name, tap_state=self._tap_state
            )
        return self._state_manager

    @override
    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Return nothing: the bookmark is the run's cut."""
