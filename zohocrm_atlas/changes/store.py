"""The folder's memory: a compressed snapshot a day, the log, and what a run has failed against.

All of it is part of the atlas and put in place with it.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from zohocrm_atlas.changes.change import Change
from zohocrm_atlas.errors import AtlasError
from zohocrm_atlas.model.snapshot import Snapshot

_T = TypeVar("_T")
DATA = "data"
LOG = "changes.jsonl"
HELD = f"{DATA}/held.gz"
_ENDING = ".json.gz"


class Held(msgspec.Struct, frozen=True):
    """What a run with `fail_on` failed against, until its changes are gone or accepted.

    Attributes:
        kinds: The kinds of changes that runs have failed for.
        snapshot: What the organisation was before these changes.
    """

    kinds: tuple[str, ...]
    snapshot: Snapshot


def load_latest(folder: Path, until: str) -> Snapshot | None:
    """The newest snapshot in this atlas that is not after `until`; None if there is none.

    Raises:
        AtlasError: Its file cannot be read.
    """
    for path in sorted((folder / DATA).glob(f"*{_ENDING}"), reverse=True):
        snapshot = _load(path, Snapshot)
        if snapshot.read_at <= until:
            return snapshot
    return None


def save(snapshot: Snapshot, folder: Path) -> None:
    """Writes the snapshot as the one of its day."""
    _save(snapshot, folder / DATA / f"{snapshot.read_at[:10]}{_ENDING}")


def load_held(folder: Path) -> Held | None:
    """What an earlier run failed against; None if none did.

    Raises:
        AtlasError: The file cannot be read.
    """
    path = folder / HELD
    return _load(path, Held) if path.exists() else None


def save_held(held: Held, folder: Path) -> None:
    """Keeps what this run fails against."""
    _save(held, folder / HELD)


def load_log(folder: Path) -> list[Change]:
    """The changes that this atlas has seen so far, oldest first.

    Raises:
        AtlasError: A line of the log is not one of ours.
    """
    path = folder / LOG
    if not path.exists():
        return []
    try:
        return msgspec.json.Decoder(Change).decode_lines(path.read_bytes())
    except msgspec.MsgspecError as error:
        raise AtlasError(
            f"{path} has a line that is not a change ({error}): mend or remove the file."
        ) from error


def save_log(changes: Iterable[Change], folder: Path) -> None:
    """Writes the log, a change a line."""
    encoder = msgspec.json.Encoder()
    with (folder / LOG).open("wb") as file:
        file.writelines(encoder.encode(change) + b"\n" for change in changes)


def _load(path: Path, kind: type[_T]) -> _T:
    try:
        with gzip.open(path) as file:
            return msgspec.json.decode(file.read(), type=kind)
    except (OSError, EOFError, msgspec.MsgspecError) as error:
        raise AtlasError(
            f"The snapshot {path} cannot be read ({error}): remove it to go on without it, or"
            " set another output_path."
        ) from error


def _save(value: Snapshot | Held, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without a time in its header, the same snapshot is the same file.
    with path.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        packed.write(msgspec.json.encode(value))
