"""Zoho's lists of deletions, each read once for all streams of a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from concurrent.futures import Executor
from datetime import datetime

from tap_zohocrm_modules.zoho.records.deletions import (
    Deletion,
    DeletionList,
    Deletions,
    TooManyDeletionsError,
)
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.transport.client import ZohoClient


class DeletionLists:
    """The deletions of all modules, as far as a run has read them.

    Args:
        client: Returns the organisation.
        limits: The sizes in which they are read.
        executor: Returns where pages are read at the same time.
    """

    def __init__(
        self, client: Callable[[], ZohoClient], limits: Limits, executor: Callable[[], Executor]
    ) -> None:
        self._client = client
        self._limits = limits
        self._executor = executor
        self._binned: dict[str, int] = {}
        self._known: dict[str, tuple[datetime | None, list[Deletion]]] = {}

    def since(self, module: str, instant: datetime | None, stream: str) -> list[Deletion]:
        """Return a module's deletions, those before the run's cutoff at least.

        Args:
            module: The module's API name.
            instant: Only those from this instant on; None for all that Zoho lists.
            stream: The stream that the credits are counted for.

        Raises:
            ZohoError: they cannot be read.
        """
        known = self._known.get(module)
        if known is None or (known[0] is not None and (instant is None or instant < known[0])):
            known = instant, self.until_now(module, instant, stream)
        return [one for one in known[1] if instant is None or one.deleted_time >= instant]

    def until_now(self, module: str, instant: datetime | None, stream: str) -> list[Deletion]:
        """Return a module's deletions up to this moment, as `since` does those before the cutoff.

        Whoever has read records asks for what was in the bin meanwhile.
        """
        found = self._listed(module, stream).since(instant)
        self._known[module] = instant, found
        return found

    def everything(
        self, module: str, stream: str, lists: dict[str, DeletionList]
    ) -> tuple[list[Deletion], TooManyDeletionsError | None]:
        """Return all that Zoho lists of a module, and the error if there is more.

        `lists` are gone on with, and kept up. Raises as `since` does.
        """
        # What is in the bin is part of it.
        pages = -(-self._binned.get(module, 0) // self._limits.page_rows)
        listed = dataclasses.replace(self._listed(module, stream), pages=pages, lists=lists)
        found, surplus = listed.listed(None)
        if surplus is None:
            self._known[module] = None, found
        return found, surplus

    def bin(
        self, module: str, stream: str, lists: dict[str, DeletionList] | None = None
    ) -> list[Deletion]:
        """Return what is in a module's recycle bin, as of now where no list is gone on with.

        Raises as `since` does.
        """
        listed = dataclasses.replace(self._listed(module, stream), lists=lists)
        found = listed.since(None, recycled_only=True)
        self._binned[module] = len(found)
        return found

    def are_binned(self, module: str, stream: str, ids: Collection[str]) -> bool:
        """Whether a module's recycle bin holds these records and no others; see `since`."""
        return self._listed(module, stream).are_binned(ids)

    def _listed(self, module: str, stream: str) -> Deletions:
        return Deletions(self._client(), module, stream, self._limits, self._executor())
