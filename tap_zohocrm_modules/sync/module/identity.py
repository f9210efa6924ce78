"""Whether a module's part of STATE is of the module and the organisation that are read."""

from __future__ import annotations

from tap_zohocrm_modules.sync.state import ModuleState, StateError
from tap_zohocrm_modules.zoho.records.model import RecordModule


def check_identity(part: ModuleState, stream: str, module: RecordModule) -> None:
    """Raise a StateError if a part is of another module or organisation."""
    known, now = part.module_id, module.module_id
    if known and now and known != now:
        raise StateError(
            f"STATE bookmarks.{stream}.module_id is {known!r}, and the module"
            f" {module.api_name} has the id {now!r}: this is the STATE of another"
            " organisation, or the module was deleted and made anew. Use the right STATE, or"
            f" remove bookmarks.{stream} to load the stream anew."
        )
