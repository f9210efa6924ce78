"""The command line's last word: whatever ends a run is one line for people, and exit code 1."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

import click
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.plugin_base import SingerCommand
from typing_extensions import override

from zohocrm_atlas.errors import AtlasError


def check_log_level() -> None:
    """End the program in one line if the environment asks for a log level that there is not.

    The SDK would end in a traceback, before there is a command line to say it.
    """
    for variable in ("TARGET_ZOHOCRM_ATLAS_LOGLEVEL", "LOGLEVEL"):
        name = os.environ.get(variable, "")
        if name and not isinstance(logging.getLevelName(name.upper()), int):
            sys.exit(f"{variable} is {name!r}, which must be DEBUG, INFO, WARNING or ERROR")


class AtlasCommand(SingerCommand):
    """Runs the target; a traceback shows with LOGLEVEL=DEBUG only."""

    @override
    def main(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().main(*args, **kwargs)
        except AtlasError as error:
            self._say(str(error))
        except ConfigValidationError as error:
            self._say(f"The configuration is not valid: {'; '.join(error.errors) or error}")
        except OSError as error:
            self._say(f"The atlas cannot be written: {error}. The old one is left as it was.")
        except Exception as error:  # noqa: BLE001 - said in one line, and fails the run
            self._say(
                f"{type(error).__name__}: {error}. This is a defect of the atlas: run it again with"
                " LOGLEVEL=DEBUG and report the traceback."
            )
        return sys.exit(1)

    @override
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OSError as error:
            # Here, since click ends the program without a word when a pipe breaks.
            raise AtlasError(
                f"The atlas cannot be written: {error}. The old one is left as it was."
            ) from error

    def _say(self, line: str) -> None:
        debugging = self.logger.isEnabledFor(logging.DEBUG)
        self.logger.error("%s", " ".join(line.split()), exc_info=debugging)
