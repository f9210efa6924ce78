# ruff: noqa: INP001 - a module of the DAGs folder
"""Where the workers' STATE is kept, on a disk or in an object store: nothing whole is ever lost.

    state.json                   the merged STATE; state.previous.json is the one before
    bin-RUN-BIN-TRY.json         what the loader of a bin's try has confirmed, until it is merged
    budget-RUN-BIN.json          how many credits the tries of a bin have spent, if that is bounded
    catalog-TIME-RUN.json        the catalog of a run, by which its tasks run again; the last ones

- A file is written beside the one that it replaces, synced, and renamed; what an object store
  shows is whole in any case.
- A line of a loader is taken for STATE only if it is a whole one.
- What a bin has confirmed is merged stream by stream, and only where STATE is still what the bin
  went on from: a file that comes late, or a second time, changes nothing.
- A file that is not whole is set aside as `broken-…`, and named; the rest is merged.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PosixPath, WindowsPath
from typing import Any, NamedTuple

State = dict[str, Any]

_CATALOGS = 100
"""How many runs' catalogs are kept."""


class Try(NamedTuple):
    """One try of one bin of one run; `number` counts from 1."""

    run: str
    bin: str
    number: int


def whole_state(line: str) -> State | None:
    """Return the STATE that a line of a loader's output is; None for any other line."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("bookmarks"), dict) else None


class StateStore:
    """The folder of the workers' STATE.

    Args:
        root: A `pathlib.Path`, or what behaves like one on an object store.
    """

    def __init__(self, root: Any) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def read(self, problems: list[str] | None = None) -> State:
        """Return the merged STATE: the one before it, if it is not whole."""
        for name in ("state.json", "state.previous.json"):
            if (found := self._whole(self._root / name, problems)) is not None:
                return found
        return {"bookmarks": {}}

    def merge(self, run: str | None = None) -> list[str]:
        """Merge what the bins of a run have confirmed, or of any; return what is not whole."""
        problems: list[str] = []
        state = self.read(problems)
        before = json.dumps(state)
        taken = []
        for path, kept in self._bins(problems):
            if run is None or kept.get("run") == run:
                for stream, bookmark in kept["bookmarks"].items():
                    if _follows(state["bookmarks"].get(stream), stream, kept):
                        state["bookmarks"][stream] = bookmark
                taken.append(path)
        if json.dumps(state) != before:
            self.write(state)
        for path in taken:
            path.unlink(missing_ok=True)
        for path in self._root.glob(f"budget-{_safe(run)}-*.json" if run else "budget-*.json"):
            path.unlink(missing_ok=True)
        return problems

    def write(self, state: State) -> None:
        """Replace the merged STATE."""
        current = self._root / "state.json"
        if (last := self._whole(current)) is not None:
            self._put(self._root / "state.previous.json", json.dumps(last))
        self._put(current, json.dumps(state))

    def forget(self, streams: Iterable[str]) -> State:
        """Take streams out of STATE, so that they are read whole; return STATE."""
        state = self.read()
        for stream in streams:
            state["bookmarks"].pop(stream, None)
        self.write(state)
        return state

    def begin(self, this: Try, streams: Iterable[str]) -> tuple[State, dict[str, str]]:
        """Return the STATE that a try goes on from, and what `keep` has to know of it."""
        merged = self.read()["bookmarks"]
        began = {stream: _digest(merged.get(stream)) for stream in streams}
        found = {stream: merged[stream] for stream in began if stream in merged}
        earlier = [
            kept
            for _, kept in self._bins([])
            if (kept.get("run"), kept.get("bin")) == (this.run, this.bin)
        ]
        for kept in reversed(earlier):
            found |= {
                stream: bookmark
                for stream, bookmark in kept["bookmarks"].items()
                if stream in began and _follows(merged.get(stream), stream, kept)
            }
        return {"bookmarks": found}, began

    def keep(self, this: Try, began: Mapping[str, str], state: State) -> None:
        """Keep what a try's loader has confirmed."""
        name = f"bin-{_safe(this.run)}-{this.bin}-{this.number:03}.json"
        about = {"run": this.run, "bin": this.bin, "try": this.number, "began": dict(began)}
        self._put(self._root / name, json.dumps({**about, "bookmarks": state["bookmarks"]}))

    def spent(self, this: Try) -> int:
        """Return how many credits the tries of a bin may have spent."""
        path = self._root / f"budget-{_safe(this.run)}-{this.bin}.json"
        return int(json.loads(path.read_text())["spent"]) if path.exists() else 0

    def spend(self, this: Try, spent: int) -> None:
        """Note how many credits the tries of a bin may have spent."""
        path = self._root / f"budget-{_safe(this.run)}-{this.bin}.json"
        self._put(path, json.dumps({"spent": spent}))

    def keep_catalog(self, time: str, run: str, catalog: Mapping[str, Any]) -> str:
        """Keep the catalog of a run; return its name."""
        name = f"catalog-{time}-{_safe(run)}.json"
        for path in (self._root / name, self._root / "catalog.json"):
            self._put(path, json.dumps(catalog))
        for path in sorted(self._root.glob("catalog-*.json"), key=str)[:-_CATALOGS]:
            path.unlink(missing_ok=True)
        return name

    def catalog(self, name: str) -> dict[str, Any] | None:
        """Return the catalog of a run, unless it is too old to be kept."""
        path = self._root / name
        found: dict[str, Any] | None = json.loads(path.read_text()) if path.exists() else None
        return found

    def _bins(self, problems: list[str]) -> Iterator[tuple[Any, State]]:
        """Yield the files of bins that are whole, and what they hold; a bin's last try first."""
        paths = sorted(self._root.glob("bin-*.json"), key=str)
        read = [(path, self._whole(path, problems)) for path in paths]
        found = [(path, kept) for path, kept in read if kept is not None]
        yield from sorted(found, key=lambda each: each[1].get("try", 0), reverse=True)

    def _whole(self, path: Any, problems: list[str] | None = None) -> State | None:
        try:
            text = path.read_text()
        except FileNotFoundError:
            return None
        except ValueError:
            text = ""  # Not even a text.
        found = whole_state(text)
        if found is None and problems is not None:
            problems.append(f"{path.name} is not whole, and was set aside as broken-{path.name}")
            self._put(self._root / f"broken-{path.name}", text)
            path.unlink(missing_ok=True)
        return found

    def _put(self, path: Any, text: str) -> None:
        """Write a file, of which nobody ever sees a part."""
        if type(path) not in {PosixPath, WindowsPath}:
            path.write_text(text)  # An object is there as a whole, or not at all.
            return
        new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        try:
            with new.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # Windows opens no folders.
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def _follows(current: Any, stream: str, kept: State) -> bool:
    """Whether a bin went on from what STATE has of a stream now."""
    if "began" in kept:
        return bool(kept["began"].get(stream) == _digest(current))
    if current is None:
        return True
    # A file without it, which may be of any age, is taken if it is further on.
    before, after = (
        str(each.get("replication_key_value", "")) for each in (current, kept["bookmarks"][stream])
    )
    return before < after


def _digest(bookmark: Any) -> str:
    return hashlib.sha256(json.dumps(bookmark, sort_keys=True).encode()).hexdigest()


def _safe(run: str) -> str:
    """Return a run's name for a file."""
    return re.sub(r"\W+", "-", run, flags=re.ASCII)
