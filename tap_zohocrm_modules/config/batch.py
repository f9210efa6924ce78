"""The setting `batch_config`: where BATCH files go, and their format."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from tap_zohocrm_modules.config.kinds import Kind

FORMATS = ("arrow", "parquet")
_KEYS = {
    "": {"encoding", "storage", "batch_size"},
    "encoding": {"format", "compression"},
    "storage": {"root", "prefix"},
}


@dataclasses.dataclass(frozen=True, slots=True)
class BatchConfig:
    """BATCH messages in place of RECORD messages.

    Attributes:
        format: `arrow` (IPC) or `parquet`.
        root: URL of the folder that the files go to, such as `file:///tmp/batches`.
        prefix: What the files' names begin with.
        compression: The codec, None for the format's own default.
        batch_size: Records per file at the most, None for the tap's own default.
    """

    format: str
    root: str
    prefix: str = ""
    compression: str | None = None
    batch_size: int | None = None


def _batch_config(raw: object) -> BatchConfig:
    whole = _part(raw, "")
    encoding, storage = (
        _part(whole.get("encoding"), "encoding"),
        _part(whole.get("storage"), "storage"),
    )
    if encoding.get("format") not in FORMATS:
        raise ValueError(f"must have an encoding.format of {' or '.join(FORMATS)}")
    size = whole.get("batch_size")
    if size is not None and (type(size) is not int or size < 1):
        raise ValueError("must have a batch_size of 1 or more, or none")
    return BatchConfig(
        format=encoding["format"],
        root=_text(storage.get("root"), "storage.root") or "",
        prefix=_text(storage.get("prefix", ""), "storage.prefix") or "",
        compression=_text(encoding.get("compression"), "encoding.compression", optional=True),
        batch_size=size,
    )


def _part(raw: object, name: str) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise ValueError(  # noqa: TRY004
            f"must have an object {name}" if name else "must be an object"
        )
    if unknown := raw.keys() - _KEYS[name]:
        place = f" in {name}" if name else ""
        raise ValueError(f"must not have {', '.join(sorted(map(str, unknown)))}{place}")
    return raw


def _text(raw: object, name: str, *, optional: bool = False) -> str | None:
    if raw is None and optional:
        return None
    if not isinstance(raw, str):
        raise ValueError(f"must have a text as {name}")  # noqa: TRY004
    return raw


_TEXT = {"type": ["string", "null"]}

BATCH: Kind[BatchConfig] = Kind(
    {
        "type": "object",
        "properties": {
            "encoding": {
                "type": "object",
                "properties": {
                    "format": {"type": "string", "enum": list(FORMATS)},
                    "compression": _TEXT,
                },
                "required": ["format"],
            },
            "storage": {
                "type": "object",
                "properties": {"root": {"type": "string"}, "prefix": _TEXT},
                "required": ["root"],
            },
            "batch_size": {"type": ["integer", "null"], "minimum": 1},
        },
        "required": ["encoding", "storage"],
    },
    _batch_config,
)
