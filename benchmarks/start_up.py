"""How long the tap takes to start, over what `import singer_sdk` takes.

Usage: python -m benchmarks.start_up

Figures are the CPU seconds of a program of its own, the least of some, with compiled packages as
pip installs them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from benchmarks.apart import compile_packages

REPEATS = 7
PROGRAMS: Mapping[str, Sequence[str]] = {
    "python": ["-c", ""],
    "import singer_sdk": ["-c", "import singer_sdk"],
    "tap-zohocrm-modules --version": ["-m", "tap_zohocrm_modules", "--version"],
}


def cpu_seconds(arguments: Sequence[str]) -> float:
    """Return the CPU seconds that Python takes with these arguments."""
    process = subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{arguments!r} failed")
    return usage.ru_utime + usage.ru_stime


def main(repeats: int = REPEATS) -> None:
    """Print what each takes, and the difference."""
    compile_packages([sys.executable])
    # In turns, so that what else the machine does slows all of them.
    turns = [{name: cpu_seconds(each) for name, each in PROGRAMS.items()} for _ in range(repeats)]
    least = {name: min(turn[name] for turn in turns) for name in PROGRAMS}
    for name, taken in least.items():
        sys.stdout.write(f"{name}: {taken:.2f} CPU s\n")
    _, sdk, tap = least.values()
    sys.stdout.write(f"start-up: {tap - sdk:.2f} CPU s more than import singer_sdk\n")


if __name__ == "__main__":
    main()
