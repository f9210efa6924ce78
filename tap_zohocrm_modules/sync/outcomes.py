"""What became of each stream of a run, in figures."""

from __future__ import annotations

import dataclasses
import logging
import time

from typing_extensions import override

SUCCEEDED, FAILED, LEFT_OUT, NOT_READ = "succeeded", "failed", "left_out", "not_read"

_LOGGERS = ("tap_zohocrm_modules", "tap-zohocrm-modules")
_PASSING = "tap_zohocrm_modules.zoho.transport.retry"


@dataclasses.dataclass(slots=True)
class StreamOutcome:
    """What became of one stream.

    Attributes:
        status: `not_read`, `succeeded`, `failed`, or `left_out` where Zoho does not offer it.
        error: Why it failed or was left out.
        records: How many records or rows were emitted.
        deletions: How many tombstones were emitted.
        path: How the records were read last.
        counted: How many records Zoho counts after a read of the whole module.
        difference: How many more were emitted than counted.
        seconds: How long it took.
    """

    status: str = NOT_READ
    error: str | None = None
    records: int = 0
    deletions: int = 0
    path: str | None = None
    counted: int | None = None
    difference: int | None = None
    seconds: float = 0.0
    began: float = dataclasses.field(default_factory=time.monotonic)

    def end(self, status: str, error: str | None = None) -> None:
        """Note how the stream ended."""
        self.status, self.error = status, error
        self.seconds = time.monotonic() - self.began


class WarningCollector(logging.Handler):
    """Collects the warnings of a run by the stream that each begins with."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._texts: list[str] = []

    def attach(self) -> None:
        """Begin to collect."""
        for name in _LOGGERS:
            logging.getLogger(name).addHandler(self)

    def detach(self) -> None:
        """Collect no more."""
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(self)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        # That a call is made again needs nobody's attention afterwards.
        if record.levelno == logging.WARNING and record.name != _PASSING:
            self._texts.append(record.getMessage())

    def all(self) -> list[str]:
        """Return the warnings so far in their order, equal ones once."""
        return [*dict.fromkeys(self._texts)]

    def of(self, stream: str) -> list[str]:
        """Return the warnings that begin with a stream's name."""
        heads = (f"{stream}: ", f"Stream {stream}: ")
        return [text for text in self._texts if text.startswith(heads)]
