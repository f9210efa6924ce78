"""What `--probe` saw of an organisation, for the runs that read it.

It is kept beside the access token, for the same organisation and as long as a refusal is believed.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec

from tap_zohocrm_modules.config.settings import Settings
from tap_zohocrm_modules.sync.connection import cache_folder, credentials_of
from tap_zohocrm_modules.sync.run_options import RunOptions
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.transport.machine import Machine
from tap_zohocrm_modules.zoho.transport.private_file import PrivateFile, name_of

logger = logging.getLogger(__name__)

QUERY_LIMIT = "query_limit"
"""The assumption that decides how many records a query may ask for."""

_GOOD_FOR = timedelta(days=30)


class _Notes(msgspec.Struct, forbid_unknown_fields=True):
    version: Literal[1]
    seen_at: Annotated[datetime, msgspec.Meta(tz=True)]
    holds: dict[str, bool]  # by the assumption's id; what could not be seen is not here


def keep(settings: Settings, machine: Machine, holds: Mapping[str, bool]) -> None:
    """Keep which assumptions hold, if the user wants anything kept."""
    if (file := _file(settings)) is not None:
        notes = _Notes(version=1, seen_at=machine.now(), holds=dict(holds))
        file.write(msgspec.json.encode(notes))


def limits_of(settings: Settings, options: RunOptions) -> Limits:
    """Return the sizes in which records are read, as the last probe saw that they may be."""
    notes, limits = _read(settings, options.machine), options.limits
    if notes is None or notes.holds.get(QUERY_LIMIT, True):
        return limits
    smallest = limits.query_credits[:1]
    logger.info(
        "Queries ask for %d records at a time, since --probe saw on %s that Zoho refuses more here."
        " Run --probe again if that has changed.",
        smallest[0][0],
        f"{notes.seen_at:%Y-%m-%d}",
    )
    return dataclasses.replace(limits, query_credits=smallest)


def _read(settings: Settings, machine: Machine) -> _Notes | None:
    file = _file(settings)
    text = None if file is None else file.read()
    if text is None:
        return None
    try:
        notes = msgspec.json.decode(text, type=_Notes)
    except (msgspec.DecodeError, UnicodeDecodeError):
        logger.debug("What --probe saw cannot be read: run it again.")
        return None
    return notes if machine.now() - notes.seen_at <= _GOOD_FOR else None


def _file(settings: Settings) -> PrivateFile | None:
    folder = cache_folder(settings)
    return PrivateFile(folder, f"{name_of(credentials_of(settings))}.probe") if folder else None
