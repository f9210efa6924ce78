"""Tells records that are gone from those that Zoho lists and does not send.

Kinds of calls need not see the same moment: an index that lags lists what has changed, and the
record is not there yet by its id. Such a record is not a deletion, and a read must not pass it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta

from tap_zohocrm_modules.zoho.records.deletions import (
    UNTRACKED,
    Deletions,
    TooManyDeletionsError,
)
from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.transport.errors import ApiError, UnreadableAnswerError

# The results of bulk jobs are the oldest lists there are.
_LISTED_WITHIN = timedelta(days=1)


class Absences:
    """Explains why records of one module that Zoho has listed are not sent.

    Args:
        source: The module.
        still_listed: Returns which of some ids a query lists now; None where nothing can be asked.
    """

    def __init__(
        self,
        source: Source,
        still_listed: Callable[[Sequence[str]], Collection[str]] | None = None,
    ) -> None:
        self._source = source
        self._still_listed = still_listed

    def check(self, ids: Sequence[str], sends: Callable[[], bool] = lambda: False) -> None:
        """Do nothing if the records of these ids are gone.

        Args:
            ids: Of records that Zoho has listed, and that it does not send.
            sends: Whether it sends others in the same way: enough where nothing else can be known,
                since the module's deletions leave no trace and queries do not take it.

        Raises:
            UnreadableAnswerError: one of them is there, or may be.
        """
        left = sorted({*ids} - self._deleted()) if ids else []
        if left and self._still_listed is not None:
            left = sorted(self._still_listed(left))
        elif left and self._source.module.kind in UNTRACKED and sends():
            return
        if left:
            others = f" and {len(left) - 1} others" if len(left) > 1 else ""
            raise UnreadableAnswerError(
                f"{self._source.module.api_name}: Zoho lists the record {left[0]}{others}, but Get"
                " Records does not return it by its id, and it is not among the deleted ones: run"
                " again."
            )

    def _deleted(self) -> set[str]:
        if self._source.module.kind in UNTRACKED:
            return set()
        since = self._source.client.server_now() - _LISTED_WITHIN
        try:
            return {deletion.id for deletion in Deletions.from_source(self._source).since(since)}
        except (ApiError, TooManyDeletionsError):
            return set()
