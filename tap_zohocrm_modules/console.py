"""The log as people read it: what matters at INFO, and readable lines on a terminal."""

from __future__ import annotations

import logging

from singer_sdk.logging import ConsoleFormatter
from singer_sdk.metrics import METRICS_LOGGER_NAME
from typing_extensions import override

from tap_zohocrm_modules.sync.terminal import TerminalHandler, is_terminal

_METRICS = ("METRIC",)
_SELF_TALK = ("Skipping deselected stream", "Skipping parse of env var settings")


class _Demotion(logging.Filter):
    """Makes DEBUG of what the SDK logs at INFO.

    Args:
        texts: What such records begin with.
    """

    def __init__(self, texts: tuple[str, ...]) -> None:
        super().__init__()
        self._texts = texts

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno != logging.INFO or not str(record.msg).startswith(self._texts):
            return True
        record.levelno, record.levelname = logging.DEBUG, "DEBUG"
        return logging.getLogger().isEnabledFor(logging.DEBUG)


def set_up_log(logger: logging.Logger) -> None:
    """Set up the log, once the SDK has.

    Args:
        logger: The tap's.
    """
    metrics = logging.getLogger(METRICS_LOGGER_NAME)
    # Metrics with a handler of their own are what the user wants.
    noise = [(logger, _SELF_TALK), *([] if metrics.handlers else [(metrics, _METRICS)])]
    for noisy, texts in noise:
        if not any(isinstance(one, _Demotion) for one in noisy.filters):
            noisy.addFilter(_Demotion(texts))
    if not is_terminal():
        return
    root = logging.getLogger()
    # Not a handler that the user has configured.
    plain = [one for one in root.handlers if isinstance(one.formatter, ConsoleFormatter)]
    for handler in plain:
        root.removeHandler(handler)
    if plain:
        root.addHandler(TerminalHandler())
