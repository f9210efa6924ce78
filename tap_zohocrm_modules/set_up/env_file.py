"""The `.env` file: filled in at one go, readable by its owner alone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values, set_key

from tap_zohocrm_modules.config.sources import UnreadableFileError

_OWNER_ONLY = 0o600


def write_env(path: Path, values: Mapping[str, str]) -> str:
    """Set these variables in a `.env` file, and keep its other lines; returns what was done.

    The new file is put in the old one's place when it is whole, with mode 0600.

    Raises:
        UnreadableFileError: the file cannot be read or written.
    """
    path = path.resolve()
    draft: Path | None = None
    try:
        old = path.read_text("utf-8") if path.exists() else ""
        kept = dotenv_values(path).keys() - values.keys() if old else set()
        handle, name = tempfile.mkstemp(prefix=".env-", dir=path.parent)
        draft = Path(name)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(old)
        for key, value in values.items():
            set_key(draft, key, value, quote_mode="auto", encoding="utf-8")
        # What set_key writes may have the mode of a new file.
        draft.chmod(_OWNER_ONLY)
        draft.replace(path)
    except (OSError, UnicodeDecodeError) as error:
        if draft is not None:
            draft.unlink(missing_ok=True)
        why = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise UnreadableFileError(f"{path}: {why}.") from error
    others = f", {len(kept)} other variables kept" if kept else ""
    return f"{path}: {len(values)} variables set{others}; only you can read it"


def shadowed(values: Mapping[str, str]) -> list[str]:
    """Return the variables that the environment sets to something else, which wins over `.env`."""
    return [key for key, value in values.items() if os.environ.get(key, value) != value]
