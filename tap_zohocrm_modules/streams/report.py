"""What became of each stream: a run fails at its end, naming every stream that is not whole."""

from __future__ import annotations

import logging

from tap_zohocrm_modules.zoho.errors import PermissionRefusedError, UnavailableError, ZohoError

logger = logging.getLogger(__name__)


class RunFailedError(Exception):
    """The run is over and not complete; each line names what failed, why, and the remedy."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


class RunReport:
    """Collects the failures of a run, so that one stream's does not stop the others.

    Args:
        chosen: The streams were chosen in a catalog, rather than taken as they come.
        ignore_missing_permissions: A chosen stream that Zoho refuses for want of a scope or a
            permission is warned of, and does not fail the run.
    """

    def __init__(self, *, chosen: bool, ignore_missing_permissions: bool) -> None:
        self._refusals_fail = chosen and not ignore_missing_permissions
        self._ignored = chosen and ignore_missing_permissions
        self._failures: list[str] = []
        self._passed_over: list[str] = []
        self._read = 0
        self.stopped = False
        """Whether nothing more can be read in this run, by any stream."""

    def complete(self) -> None:
        """Count a stream that was read to its end."""
        self._read += 1

    def failed(self, stream: str, error: Exception) -> None:
        """Note that a stream is not whole, and why."""
        line = f"{stream}: {error}"
        if isinstance(error, UnavailableError):
            logger.info("Stream %s The stream is left out.", line)
            self._passed_over.append(line)
        elif isinstance(error, PermissionRefusedError) and not self._refusals_fail:
            level = logging.WARNING if self._ignored else logging.INFO
            logger.log(level, "Stream %s The stream is left out.", line)
            self._passed_over.append(line)
        else:
            self._failures.append(line)

    def stop(self, error: ZohoError) -> None:
        """Note that no further call can succeed, or may be made."""
        self.stopped = True
        self._failures.append(str(error))

    def finish(self) -> None:
        """End the run.

        Raises:
            RunFailedError: a stream failed, or all that were asked for had to be left out.
        """
        nothing = [] if self._read or self._ignored else self._passed_over
        if lines := self._failures or nothing:
            raise RunFailedError(lines)
