"""The tap as a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

TAP = Path(sys.executable).with_name("tap-zohocrm-modules")


def tap_command(folder: Path, **files: Any) -> list[str]:
    """Write these files, as `config` and `catalog`, and return the command that runs with them."""
    words = [str(TAP)]
    for option, value in files.items():
        path = folder / f"{option}.json"
        path.write_text(json.dumps(value), "utf-8")
        words += [f"--{option}", str(path)]
    return words
