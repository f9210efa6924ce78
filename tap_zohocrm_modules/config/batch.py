"""The setting `batch_config`: where BATCH files go, and their format."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tap_zohocrm_modules.config.setting import Kind

FORMATS: Mapping[str, tuple[str, ...]] = {
    "arrow": ("lz4", "zstd"),
    "parquet": ("none", "snappy", "gzip", "brotli", "lz4", "zstd"),
}
"""The formats of files, and by what each can be compressed."""
_KEYS = {
    "": {"encoding", "storage", "batch_size"},
    "encoding": {"format", "compression"},
    "storage": {"root", "prefix"},
}


@dataclasses.dataclass(frozen=True, slots=True)
class BatchConfig:
    """BATCH messages in place of RECORD messages."""

    format: str  # `arrow` (IPC) or `parquet`
    root: str = ""  # URL of the files' folder; empty for one in the temporary folder
    prefix: str = ""  # what the files' names begin with
    compression: str | None = None  # the codec, None for the format's own default
    batch_size: int | None = None  # records per file at the most, None for the tap's own default


def obstacles(config: Mapping[str, Any]) -> list[str]:
    """Return what keeps a configuration with `batch_config` from being run, one sentence each."""
    problems = [
        f"batch_config cannot be combined with {key}, which needs RECORD messages: remove one"
        for key in ("stream_maps", "flattening_enabled")
        if config.get(key)
    ]
    if importlib.util.find_spec("pyarrow") is None:
        problems.append("batch_config needs pyarrow: install tap-zohocrm-modules[arrow]")
    return problems


def _batch_config(raw: object) -> BatchConfig:
    whole = _part(raw, "")
    encoding = _part(whole.get("encoding"), "encoding")
    storage = _part(whole.get("storage") or {}, "storage")
    if encoding.get("format") not in FORMATS:
        raise ValueError(f"must have an encoding.format of {' or '.join(FORMATS)}")
    codecs = FORMATS[encoding["format"]]
    compression = encoding.get("compression")
    if compression is not None and compression not in codecs:
        raise ValueError(f"must have an encoding.compression of {' or '.join(codecs)}, or none")
    size = whole.get("batch_size")
    if size is not None and (type(size) is not int or size < 1):
        raise ValueError("must have a batch_size of 1 or more, or none")
    root = _text(storage.get("root"), "storage.root")
    parts = urlsplit(root)
    is_folder = parts.scheme == "file" and parts.netloc in {"", "localhost"} and parts.path
    if root and not is_folder:
        raise ValueError(
            "must have a folder of this machine as storage.root, such as file:///tmp/batches"
        )
    return BatchConfig(
        format=encoding["format"],
        root=root,
        prefix=_text(storage.get("prefix"), "storage.prefix"),
        compression=compression,
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


def _text(raw: object, name: str) -> str:
    if raw is not None and not isinstance(raw, str):
        raise ValueError(f"must have a text as {name}")
    return raw or ""


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
            "storage": {"type": ["object", "null"], "properties": {"root": _TEXT, "prefix": _TEXT}},
            "batch_size": {"type": ["integer", "null"], "minimum": 1},
        },
        "required": ["encoding"],
    },
    _batch_config,
)
