"""The folder of an atlas: written whole beside the old one, and put in its place in one step.

Whoever opens it, and whenever a run is killed, the folder is the old atlas or the new one. Files
that somebody else put there are carried over.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from filelock import FileLock

from zohocrm_atlas.errors import AtlasError

_MANIFEST = Path("data", "files.json")
_CURRENT = ".atlas-current"
_MARK = b'content="target-zohocrm-atlas"'
_RENAME_EXCHANGE = 2
_AT_FDCWD = -100


class AtlasFolder:
    """An atlas on disk.

    Args:
        path: The folder; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self._mounted = os.path.ismount(self.path)
        beside = self.path if self._mounted else self.path.parent
        self._lock = beside / f".{self.path.name}.lock"
        self._draft = beside / f".{self.path.name}.new"
        self._old = beside / f".{self.path.name}.old"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else writes this atlas meanwhile; what a killed run left is put in order first.

        Raises:
            AtlasError: There is something else at that path.
        """
        self._lock.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._lock):
            try:
                self._put_in_order()
                self._check()
                yield
            finally:
                # Whoever waits for the lock sees that its file is gone, and makes a new one.
                self._lock.unlink(missing_ok=True)

    @contextlib.contextmanager
    def draft(self) -> Iterator[Path]:
        """An empty folder on the same disk, gone afterwards."""
        self._draft.mkdir()
        try:
            yield self._draft
        finally:
            shutil.rmtree(self._draft, ignore_errors=True)

    def replace_by(self, draft: Path) -> None:
        """Puts the draft in place of the atlas, in one step.

        Snapshots of earlier days and what is not of the atlas come along.

        Raises:
            OSError: It cannot be put in place; the old atlas is there as it was.
        """
        manifest = draft / _MANIFEST
        manifest.parent.mkdir(exist_ok=True)
        made = _files(draft)
        self._carry_over(draft, made)
        kept = {name for name in self._manifest() if name.startswith("data/")}
        owned = {*made, *(name for name in kept if (draft / name).exists())}
        manifest.write_bytes(msgspec.json.encode(sorted(owned)))
        if self._mounted:
            self._point_to(draft)
        elif not self.path.exists():
            draft.rename(self.path)
        else:
            shutil.copymode(self.path, draft)
            if not _exchange(draft, self.path):
                _in_two_steps(draft, self.path, self._old)
        shutil.rmtree(self._old, ignore_errors=True)

    def _put_in_order(self) -> None:
        if self._old.exists() and not self.path.exists():
            self._old.rename(self.path)
        for left in (self._draft, self._old):
            if left.exists():
                shutil.rmtree(left)
        if self._mounted:
            current = self.path / _CURRENT
            for each in self.path.glob(".atlas-[0-9]*"):
                if not current.exists() or not each.samefile(current):
                    shutil.rmtree(each)

    def _check(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise AtlasError(f"output_path is {self.path}, which is not a folder: set another one.")
        index = self.path / "index.html"
        if not self._manifest() and index.exists() and not _is_ours(index):
            raise AtlasError(
                f"output_path is {self.path}, which has an index.html that is not of an atlas: set"
                " another one."
            )

    def _manifest(self) -> frozenset[str]:
        path = self.path / _MANIFEST
        if not path.exists():
            return frozenset()
        try:
            return frozenset(msgspec.json.decode(path.read_bytes(), type=list[str]))
        except msgspec.MsgspecError as error:
            raise AtlasError(f"{path} cannot be read ({error}): remove it to go on.") from error

    def _carry_over(self, draft: Path, made: frozenset[str]) -> None:
        source = self.path / _CURRENT if self._mounted else self.path
        if not source.exists():
            return
        ours = self._manifest()
        for name in _files(source):
            mine = name in ours and not name.startswith("data/")
            if name in made or mine or name == _MANIFEST.as_posix():
                continue
            if not ours and name.endswith(".html") and _is_ours(source / name):
                continue
            place = draft / name
            place.parent.mkdir(parents=True, exist_ok=True)
            _link_or_copy(source / name, place)

    def _point_to(self, draft: Path) -> None:
        """In a mounted folder, which nobody can rename: a link to the version that counts."""
        numbers = [int(each.name.rpartition("-")[2]) for each in self.path.glob(".atlas-[0-9]*")]
        version = self.path / f".atlas-{max([0, *numbers]) + 1}"
        draft.rename(version)
        _put_link(self.path / _CURRENT, version.name)
        for entry in version.iterdir():
            place = self.path / entry.name
            if place.is_dir() and not place.is_symlink():
                place.rename(self._old)
            _put_link(place, f"{_CURRENT}/{entry.name}")
            shutil.rmtree(self._old, ignore_errors=True)
        for place in self.path.iterdir():
            if place.is_symlink() and not place.exists():
                place.unlink()


def _files(folder: Path) -> frozenset[str]:
    found = (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    return frozenset(path.relative_to(folder).as_posix() for path in found)


def _is_ours(page: Path) -> bool:
    with page.open("rb") as file:
        return _MARK in file.read(4096)


def _link_or_copy(source: Path, place: Path) -> None:
    if source.is_symlink():
        place.symlink_to(source.readlink())
        return
    try:
        place.hardlink_to(source)
    # Not every file system has hard links.
    except (OSError, NotImplementedError):
        shutil.copy2(source, place)


def _put_link(place: Path, target: str) -> None:
    beside = place.with_name(f"{place.name}.link")
    beside.unlink(missing_ok=True)
    beside.symlink_to(target)
    beside.replace(place)


def _exchange(draft: Path, path: Path) -> bool:
    """Swaps the two in one step, where the system can; the old one is then where the draft was."""
    swap = _system_swap()
    return swap is not None and swap(os.fsencode(draft), os.fsencode(path)) == 0


def _system_swap() -> Callable[[bytes, bytes], int] | None:
    library = ctypes.CDLL(None) if sys.platform in {"linux", "darwin"} else None
    linux: Any = getattr(library, "renameat2", None)
    darwin: Any = getattr(library, "renamex_np", None)
    if linux is not None:
        return lambda one, two: int(linux(_AT_FDCWD, one, _AT_FDCWD, two, _RENAME_EXCHANGE))
    if darwin is not None:
        return lambda one, two: int(darwin(one, two, _RENAME_EXCHANGE))
    return None


def _in_two_steps(draft: Path, path: Path, old: Path) -> None:
    """Renames both; a run that is killed in between is put in order by the next one."""
    path.rename(old)
    try:
        draft.rename(path)
    except OSError:
        old.rename(path)
        raise
