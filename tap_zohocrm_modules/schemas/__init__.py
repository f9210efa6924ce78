"""The JSON Schemas of the streams whose shape Zoho documents, one file a stream."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def load_schema(stream: str) -> dict[str, Any]:
    """Return the JSON Schema of a stream, by the stream's name."""
    text = resources.files(__package__).joinpath(f"{stream}.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
