"""The memory and the processor time that a program takes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

# A process of its own, which is small: a child's peak begins with its parent's size.
_MEASURE = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
spent = used.ru_utime + used.ru_stime
print(json.dumps([done.returncode, used.ru_maxrss, done.stderr.decode(), spent]))
"""


class Measured(NamedTuple):
    """A program that has ended: its exit code, its peak memory in kilobytes, and its log.

    `spent` are the seconds of processor time that it took.
    """

    code: int
    peak: int
    log: str
    spent: float


def measured(
    command: Sequence[str | Path], *, stdin: Path | None = None, timeout: float = 240
) -> Measured:
    """Run a program, and return what it took."""
    with (stdin or Path("/dev/null")).open("rb") as said:
        done = subprocess.run(
            [sys.executable, "-c", _MEASURE, *command],
            stdin=said,
            capture_output=True,
            check=True,
            timeout=timeout,
        )
    return Measured(*json.loads(done.stdout))
