"""A reader of Arrow record batches that lets go of everything once it is closed.

A `RecordBatchReader` that pyarrow makes of an iterable cannot be closed, and one that goes through
the C interface makes texts of exceptions. One of an IPC stream has neither fault.
"""

from __future__ import annotations

import collections
import threading
import weakref
from collections.abc import Callable, Generator
from types import TracebackType

import pyarrow as pa
from typing_extensions import Self, override


class ArrowReader(pa.ipc.RecordBatchStreamReader):  # type: ignore[misc]
    """Reads batches as they are worked out.

    Args:
        schema: Their schema, metadata included.
        batches: Works them out; what it raises, reading raises.
        on_close: Called once, when nothing more is read.
    """

    def __init__(
        self,
        schema: pa.Schema,
        batches: Generator[pa.RecordBatch, None, None],
        on_close: Callable[[], object],
    ) -> None:
        self._messages = _Messages(schema, batches, on_close)
        super().__init__(self._messages)
        weakref.finalize(self, _let_go, self._messages).atexit = False

    @override
    def close(self) -> None:
        """Stop reading, and let go of connections and threads."""
        super().close()
        self._messages.close()

    @override
    def __enter__(self) -> Self:
        return self

    @override
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _let_go(messages: _Messages) -> None:
    """Close what nobody has closed; in a thread, since garbage may be found anywhere."""
    if not messages.closed:
        threading.Thread(target=messages.close, name="reader closes", daemon=True).start()


class _Messages:
    """The messages of an IPC stream, as a file to be read."""

    closed = False

    def __init__(
        self,
        schema: pa.Schema,
        batches: Generator[pa.RecordBatch, None, None],
        on_close: Callable[[], object],
    ) -> None:
        self._batches = batches
        self._on_close = on_close
        self._parts = collections.deque([memoryview(schema.serialize())])

    def read(self, size: int) -> bytes | memoryview:
        """Return the next bytes: fewer than asked for at the end only."""
        parts: list[memoryview] = []
        while size > 0 and (self._parts or self._more()):
            part = self._parts.popleft()
            parts.append(part[:size])
            if len(part) > size:
                self._parts.appendleft(part[size:])
            size -= len(parts[-1])
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _more(self) -> bool:
        if self.closed:
            return False
        try:
            batch = next(self._batches, None)
        except BaseException:
            self.close()
            raise
        if batch is None:
            self.close()
            return False
        self._parts.append(memoryview(batch.serialize()))
        return True

    def close(self) -> None:
        """Let go of what the batches are worked out with."""
        if not self.closed:
            self.closed = True
            self._batches.close()
            self._on_close()

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def writable(self) -> bool:
        """Return that it cannot be written."""
        return False

    def seekable(self) -> bool:
        """Return that it is read once."""
        return False
