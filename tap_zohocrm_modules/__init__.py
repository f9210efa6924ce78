"""Zoho CRM v8 as a Singer tap, and as Arrow for programs in Python.

https://www.zoho.com/crm/developer/docs/api/v8/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from tap_zohocrm_modules.arrow_reader.read import ReadProgress
    from tap_zohocrm_modules.config.parsing import SettingsError
    from tap_zohocrm_modules.zoho.transport.errors import ZohoError

__all__ = ["ReadProgress", "SettingsError", "ZohoError", "read"]

_ELSEWHERE = {
    "ReadProgress": "tap_zohocrm_modules.arrow_reader.read",
    "SettingsError": "tap_zohocrm_modules.config.parsing",
    "ZohoError": "tap_zohocrm_modules.zoho.transport.errors",
}


def read(
    stream: str,
    *,
    fields: Sequence[str] | None = None,
    since: datetime | date | str | None = None,
    config: Mapping[str, Any] | None = None,
    progress: Callable[[ReadProgress], object] | None = None,
) -> pa.RecordBatchReader:
    """Read a stream's rows into Arrow, as they come; needs the extra `arrow`, and no Singer.

    Columns, types and their order are those of the tap's Arrow files, without `_sdc_` columns.
    Close the reader, or use it as a context manager, if it is not read to its end.

    Args:
        stream: A module by its API name (`Leads`), a stream of metadata (`users`),
            `deleted_records`, or children of records (`Deals.Contact_Roles`).
        fields: The columns that are wanted; those of the key, and `Modified_Time` of records, come
            in any case. None for all.
        since: Only what was changed then or later, in UTC where it names no offset. None for all.
            The schema's metadata has the `cutoff` to give as the next read's `since`, by which a
            few rows may come twice: the setting `lookback` says of how many seconds.
        config: The settings of the tap; None for those of the environment and of `.env`.
        progress: Called after each batch.

    Raises:
        SettingsError: an argument or a setting is wrong.
        ZohoError: a call failed or was refused, or nothing shows that no row is missing. Reading
            raises it, too.
    """
    try:
        from tap_zohocrm_modules.arrow_reader.read import open_reader  # noqa: PLC0415 - costs time
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "pyarrow":
            raise
        from tap_zohocrm_modules.config.parsing import SettingsError  # noqa: PLC0415

        raise SettingsError(["read() needs pyarrow: install tap-zohocrm-modules[arrow]"]) from error
    return open_reader(stream, fields=fields, since=since, config=config, progress=progress)


def __getattr__(name: str) -> Any:
    if name not in _ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib  # noqa: PLC0415 - rare

    return getattr(importlib.import_module(_ELSEWHERE[name]), name)
