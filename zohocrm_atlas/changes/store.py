"""The folder's memory: a compressed snapshot a day, and the log of changes."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path

import msgspec

from zohocrm_atlas.changes.change import Change
from zohocrm_atlas.errors import AtlasError
from zohocrm_atlas.model.snapshot import Snapshot

DATA = "data"
LOG = "changes.jsonl"
_ENDING = ".json.gz"


def load_latest(folder: Path, until: str) -> Snapshot | None:
    """The newest snapshot in this atlas that is not after `until`; None if there is none.

    Raises:
        AtlasError: Its file cannot be read.
    """
    for path in sorted((folder / DATA).glob(f"*{_ENDING}"), reverse=True):
        try:
            with gzip.open(path) as file:
                snapshot = msgspec.json.decode(file.read(), type=Snapshot)
        except (OSError, EOFError, msgspec.MsgspecError) as error:
            raise AtlasError(
                f"The snapshot {path} cannot be read ({error}): remove it to go on without it, or"
                " set another output_path."
            ) from error
        if snapshot.read_at <= until:
            return snapshot
    return None


def save(snapshot: Snapshot, folder: Path) -> None:
    """Writes the snapshot as the one of its day."""
    path = folder / DATA / f"{snapshot.read_at[:10]}{_ENDING}"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without a time in its header, the same snapshot is the same file.
    with path.open("wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        packed.write(msgspec.json.encode(snapshot))


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
            f"{path} has a line that is no change ({error}): mend or remove the file."
        ) from error


def save_log(changes: Iterable[Change], folder: Path) -> None:
    """Writes the log, a change a line."""
    encoder = msgspec.json.Encoder()
    with (folder / LOG).open("wb") as file:
        file.writelines(encoder.encode(change) + b"\n" for change in changes)
