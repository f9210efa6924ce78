"""From settings and STATE to what becomes of private values."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from tap_zohocrm_modules.config.choices import PrivateFields
from tap_zohocrm_modules.config.settings import Settings
from tap_zohocrm_modules.zoho.records.model import RecordModule
from tap_zohocrm_modules.zoho.records.private import OMITTING, Privacy, handled, protected
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)

_HASHED_NOW = (
    "They are hashed from now on; with backfill_new_columns the hashes also take the place of the"
    " values that were loaded before, without it these stay in the destination."
)
_LEFT_OUT_NOW = (
    "They are left out from now on; the destination keeps the values that it has, until you remove"
    " the columns there."
)


def privacy_of(settings: Settings) -> Privacy | None:
    """Return what becomes of private values; None: they are kept."""
    if settings.private_fields is PrivateFields.KEEP:
        return None
    if settings.private_fields is PrivateFields.OMIT:
        return OMITTING
    return Privacy.hashing(settings.private_field_key)


def protect(
    module: RecordModule, privacy: Privacy | None, kept: Mapping[str, str] | None = None
) -> RecordModule:
    """Return a module of which records show no private value.

    Args:
        module: The module as Zoho describes it.
        privacy: What becomes of private values.
        kept: The fields that STATE says have been handled, by API name with Zoho's id.
    """
    return module if privacy is None else protected(module, privacy, handled(module, kept))


def explain(
    stream: str, module: RecordModule, kept: Mapping[str, str] | None, *, is_first: bool
) -> None:
    """Say which private fields are handled, and what has changed since an earlier run.

    Args:
        stream: The stream.
        module: The module, protected.
        kept: The fields that STATE says have been handled; None where it says nothing.
        is_first: No earlier run has read the module.
    """
    new = sorted(module.private.keys() - (kept or {}).keys())
    is_hashed = any(field.type.hashes is not None for field in module.fields)
    if new and is_first:
        what = "hashed" if is_hashed else "left out"
        logger.info("%s: %s, since Zoho marks them as private: %s.", stream, what, ", ".join(new))
    elif new:
        logger.warning(
            "%s: Zoho marks these fields as private, which earlier runs emitted: %s. %s",
            stream,
            ", ".join(new),
            _HASHED_NOW if is_hashed else _LEFT_OUT_NOW,
            extra=about(stream),
        )
    if module.unmarked:
        logger.warning(
            "%s: Zoho marks these fields as private no more: %s. They are handled as before, until"
            " you take them out of bookmarks.%s.private in STATE.",
            stream,
            ", ".join(sorted(module.unmarked)),
            stream,
            extra=about(stream),
        )
