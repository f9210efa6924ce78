"""The folder of a run's batch files, and what killed runs have left in it.

A file is written under a name that ends in `.part`, and renamed once it is whole. While a run
lives it holds a lock; a later run that gets the lock knows that the run has been killed, and
removes what no message names.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit
from urllib.request import url2pathname

from filelock import FileLock, Timeout
from typing_extensions import Self

from tap_zohocrm_modules.streams.messages import OutputError, output_error

PART = ".part"
_REMEDIES = {
    errno.ENOSPC: "make room for them",
    errno.EDQUOT: "make room for them",
    errno.ENOENT: "see who removes that folder, or files in it, while the tap runs",
}
_MARK = ".tap-zohocrm-modules-"
_LOCK, _ANNOUNCING = ".lock", ".announcing"


class BatchFolder:
    """Where one run writes its batch files. To be closed.

    Args:
        root: URL of the folder, `file://...`; empty for one of this user in the temporary folder.
        prefix: What the files' names begin with; it may begin with folders.

    Raises:
        OutputError: the folder cannot be made or written to.
    """

    def __init__(self, root: str, prefix: str = "") -> None:
        self._run = uuid.uuid4().hex
        self._folder = (_folder(root) / f"{prefix}x").parent
        self._stem = f"{prefix}x".rpartition("/")[2][:-1]
        with writing(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not root:
                # Its name can be guessed, so that somebody else may have made it.
                _check_owner(self._folder)
            self._lock = FileLock(self._named(self._run, _LOCK), mode=0o600)
            self._lock.acquire()
            self._clean()
        self._count = 0

    def __enter__(self) -> Self:
        """Return the folder itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove what this run has begun and not announced."""
        self._remove(self._run)
        self._lock.release()
        self._named(self._run, _LOCK).unlink(missing_ok=True)

    def new(self, stream: str, ending: str) -> Path:
        """Return the path of a new file, for its final name."""
        self._count += 1
        safe = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in stream)
        return self._folder / f"{self._stem}{safe}-{self._run}-{self._count:06}.{ending}"

    @contextlib.contextmanager
    def announcing(self, files: Sequence[Path]) -> Iterator[list[str]]:
        """Put finished files in place, and return their URLs, to be named in a message.

        Raises:
            OutputError: a file cannot be put in place.
        """
        note = self._named(self._run, _ANNOUNCING)
        with writing(self._folder):
            note.write_text(json.dumps([file.name for file in files]), encoding="utf-8")
            for file in files:
                file.with_name(file.name + PART).rename(file)
        yield [file.as_uri() for file in files]
        note.unlink()

    def _named(self, run: str, kind: str) -> Path:
        return self._folder / f"{_MARK}{run}{kind}"

    def _clean(self) -> None:
        """Remove what killed runs have left."""
        for lock in self._folder.glob(f"{_MARK}*{_LOCK}"):
            run = lock.name[len(_MARK) : -len(_LOCK)]
            if run == self._run:
                continue
            # It is alive, just gone, or another user's.
            skipped = contextlib.suppress(Timeout, FileNotFoundError, PermissionError)
            with skipped, FileLock(lock, timeout=0):
                self._remove(run)
                lock.unlink()

    def _remove(self, run: str) -> None:
        """Remove the files of a run that no message names."""
        note = self._named(run, _ANNOUNCING)
        if note.exists():
            with contextlib.suppress(ValueError):  # it was killed while it wrote the note
                for name in json.loads(note.read_text(encoding="utf-8")):
                    (self._folder / name).unlink(missing_ok=True)
            note.unlink()
        for part in self._folder.glob(f"*-{run}-*{PART}"):
            part.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn errors of writing into the one that ends the run.

    Raises:
        OutputError: nothing can be written.
    """
    try:
        yield
    except BrokenPipeError as error:
        raise output_error(error) from error
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, "see that this user may write there")
        raise OutputError(
            f"The batch files cannot be written to {place} ({error.strerror or error}): {remedy},"
            " or set batch_config.storage.root to another folder, and run again from the last"
            " STATE."
        ) from error


def _check_owner(folder: Path) -> None:
    """Make sure that nobody else can read or change the files; OutputError: somebody can."""
    if not hasattr(os, "geteuid"):
        return
    status = folder.lstat()
    if stat.S_ISLNK(status.st_mode) or status.st_uid != os.geteuid():
        wrong = "belongs to another user, or leads elsewhere"
    elif status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        wrong = f"can be read or written by others: chmod 700 {folder}"
    else:
        return
    raise OutputError(
        f"The batch files are not written: {folder} {wrong}. Or set batch_config.storage.root to a"
        " folder of your own."
    )


def _folder(root: str) -> Path:
    if not root:
        user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
        return Path(tempfile.gettempdir(), f"tap-zohocrm-modules-{user}")
    return Path(url2pathname(urlsplit(root).path)).absolute()
