"""The folder of an atlas: drafted beside it, then put in its place file by file.

A file of the atlas is always whole, and files that somebody else put there stay.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from zohocrm_atlas.errors import AtlasError

_MANIFEST = Path("data", "files.json")


class AtlasFolder:
    """An atlas on disk.

    Args:
        path: The folder; it need not exist.

    Raises:
        AtlasError: There is something else at that path.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        if path.exists() and not path.is_dir():
            raise AtlasError(f"output_path is {path}, which is not a folder: set another one.")
        self._known = self._read_manifest()
        if not self._known and (path / "index.html").exists():
            raise AtlasError(
                f"output_path is {path}, which has an index.html that is not of an atlas: set"
                " another one."
            )

    @contextlib.contextmanager
    def draft(self) -> Iterator[Path]:
        """An empty folder beside this one, gone afterwards."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = tempfile.mkdtemp(dir=self._path.parent, prefix=f".{self._path.name}-")
        try:
            yield Path(draft)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def replace_by(self, draft: Path) -> None:
        """Puts the draft's files in place, and removes those of the earlier atlas that it lacks.

        Snapshots of earlier days stay.
        """
        files = sorted(
            path.relative_to(draft).as_posix() for path in draft.rglob("*") if path.is_file()
        )
        snapshots = {name for name in self._known if name.startswith("data/")}
        manifest = draft / _MANIFEST
        manifest.write_bytes(msgspec.json.encode(sorted({*files, *snapshots})))
        for name in files:
            place = self._path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            (draft / name).replace(place)
        for name in self._known - snapshots - set(files):
            (self._path / name).unlink(missing_ok=True)
        manifest.replace(self._path / _MANIFEST)

    def _read_manifest(self) -> frozenset[str]:
        path = self._path / _MANIFEST
        if not path.exists():
            return frozenset()
        try:
            return frozenset(msgspec.json.decode(path.read_bytes(), type=list[str]))
        except msgspec.MsgspecError as error:
            raise AtlasError(f"{path} cannot be read ({error}): remove it to go on.") from error
