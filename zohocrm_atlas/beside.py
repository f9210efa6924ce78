"""What a file of code says as data: the file of the same name that ends in `.json`."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

_T = TypeVar("_T")


def read_beside(file: str, kind: type[_T]) -> _T:
    """What lies beside this file, as a value of this type."""
    return msgspec.json.decode(Path(file).with_suffix(".json").read_bytes(), type=kind)
