# ruff: noqa: INP001 - a script's helper
"""What the scripts that write files share: `--check`, and what the tap says of itself."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser of arguments with the option `--check`."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--check", action="store_true", help="compare, write nothing")
    return made


def finish(wanted: Mapping[Path, str | None], *, check: bool) -> int:
    """Write what differs, or name it.

    Args:
        wanted: The text of each file; None if there must be no such file.
        check: Whether nothing is written.

    Returns:
        The code to exit with: 1 if `check` finds a difference.
    """
    stale = {path: text for path, text in wanted.items() if text != _text(path)}
    for path, text in stale.items():
        if check:
            script = Path(sys.argv[0]).name
            sys.stderr.write(f"{path.name} is not as `python scripts/{script}` writes it\n")
        elif text is None:
            path.unlink()
        else:
            path.write_text(text, "utf-8", newline="\n")
    return int(check and bool(stale))


def with_tables(page: Path, tables: Mapping[str, Iterable[str]]) -> str:
    """Return a page whose tables are as they have to be, each between the marks of its name."""
    text = page.read_text("utf-8")
    for name, rows in tables.items():
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        before, _, rest = text.partition(begin)
        text = "\n".join([before + begin, *rows, end]) + rest.partition(end)[2]
    return text


def _text(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


def about() -> dict[str, Any]:
    """Return what the tap's `--about` says."""
    tap = "from tap_zohocrm_modules.tap import TapZohoCRMModules as Tap; Tap.cli()"
    words = [sys.executable, "-c", tap, "--about", "--format=json"]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, timeout=120, cwd=ROOT)  # noqa: S603 - the tap itself
    said: dict[str, Any] = json.loads(done.stdout)
    return said
