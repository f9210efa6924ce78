"""The command line: its log, and its last word, one line for people and exit code 1."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
from typing import Any

import click
from singer_sdk.logging import ConsoleFormatter
from singer_sdk.metrics import METRICS_LOGGER_NAME
from singer_sdk.plugin_base import SingerCommand
from typing_extensions import override

from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.config.sources import UnreadableFileError
from tap_zohocrm_modules.options import own_options
from tap_zohocrm_modules.streams.messages import OutputError, output_error
from tap_zohocrm_modules.sync.report import RunFailedError
from tap_zohocrm_modules.sync.terminal import TerminalHandler, is_terminal
from tap_zohocrm_modules.zoho.transport.errors import ZohoError

_PATIENCE = 2.0
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_METRICS = ("METRIC",)
_SELF_TALK = ("Skipping deselected stream", "Skipping parse of env var settings")

logger = logging.getLogger(__name__)


def check_log_level(prefix: str) -> None:
    """End the program in one line if the environment asks for a log level that there is not.

    The SDK would end in a traceback, before there is a command line to say it.
    """
    for variable in (f"{prefix}LOGLEVEL", "LOGLEVEL"):
        name = os.environ.get(variable, "")
        if name and not isinstance(logging.getLevelName(name.upper()), int):
            sys.exit(f"{variable} is {name!r}, which must be one of {', '.join(_LEVELS)}")


def end_soon(code: int) -> None:
    """End the program with this exit code, unless it has ended by itself within two seconds.

    A target that does not read holds up whoever writes to it, and be it the last STATE.
    """
    end = threading.Timer(_PATIENCE, _end, (code,))
    end.daemon = True
    end.start()


def _end(code: int) -> None:
    """End the program at once: an ordinary exit would wait for the calls of other threads."""
    logger.warning("Stopped; run again to continue from the last STATE.")
    sys.stderr.flush()
    os._exit(code)


class TerminatedError(SystemExit):
    """A signal ends the run; its code is what schedulers expect of a killed process."""


class ZohoCommand(SingerCommand):
    """Runs the tap; a traceback shows with LOGLEVEL=DEBUG only."""

    @classmethod
    def from_click(cls, command: click.Command, logger: logging.Logger) -> ZohoCommand:
        """Return the SDK's command with the tap's own options."""
        for param in command.params:
            if isinstance(param.type, click.File):
                # An error in discovery would leave it open, and Meltano show Python's warning.
                param.type.lazy = True
        return cls(
            name=command.name,
            callback=command.callback,
            context_settings=command.context_settings,
            help=command.help,
            params=[*command.params, *own_options()],
            logger=logger,
        )

    @override
    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except (RunFailedError, SettingsError) as error:
            lines = error.lines if isinstance(error, RunFailedError) else error.problems
            self._say(*lines)
        except (ZohoError, UnreadableFileError) as error:
            self._say(str(error))
        except TerminatedError as error:
            sys.stdout.flush()
            _end(int(str(error.code)))
        except OutputError as error:
            self._say(str(error))
            _discard_output()
        except OSError as error:
            self._say(str(output_error(error)))
            _discard_output()
        except Exception as error:  # noqa: BLE001 - said in one line, and fails the run
            kind = type(error).__name__
            self._say(
                f"{kind}: {error}. This is a defect of the tap: run it again with LOGLEVEL=DEBUG"
                " and report the traceback."
            )
        return sys.exit(1)

    def _say(self, *lines: str) -> None:
        debugging = self.logger.isEnabledFor(logging.DEBUG)
        for line in lines:
            self.logger.error("%s", " ".join(line.split()), exc_info=debugging)


def _discard_output() -> None:
    """Send what is left for standard output nowhere.

    Python would try to write it as it ends, and complain.
    """
    if sys.stdout is not None:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Demotion(logging.Filter):
    """Makes DEBUG of what the SDK logs at INFO and begins with one of these texts."""

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
    """Set up the log as people read it, once the SDK has; `logger` is the tap's."""
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
