"""What earlier releases wrote into STATE."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SDK_KEYS = frozenset({"starting_replication_value", "replication_key_signpost"})


def upgraded(part: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Return a part that release 0.1.0 wrote, which had no version, as one of this version."""
    found = {key: value for key, value in part.items() if key not in _SDK_KEYS}
    if isinstance(found.get("progress_markers"), dict):
        del found["progress_markers"]
    if "untold" in found:
        found["pending"] = found.pop("untold")
    position = found.get("position")
    if isinstance(position, dict):
        checkpoint = dict(position)
        renamed = {"cut": "cutoff", "of": "selection", "since": "since"}
        kept = {new: checkpoint.pop(old) for old, new in renamed.items() if old in checkpoint}
        found["position"] = {**kept, "checkpoint": checkpoint}
    return {**found, "version": version}
