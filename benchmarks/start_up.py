"""How long the tap takes to start, over what `import singer_sdk` takes; what `read()` imports.

Usage: python -m benchmarks.start_up

Figures are the CPU seconds of a program of its own, the least of some, with compiled packages as
pip installs them. What `read()` imports is all that a first read has loaded when it ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from benchmarks.apart import Apart, compile_packages, demo_apart

REPEATS = 7
PROGRAMS: Mapping[str, Sequence[str]] = {
    "python": ["-c", ""],
    "import singer_sdk": ["-c", "import singer_sdk"],
    "tap-zohocrm-modules --version": ["-m", "tap_zohocrm_modules", "--version"],
    "import tap_zohocrm_modules": ["-c", "import tap_zohocrm_modules"],
}
READ = "what read() imports"

_LOADED = """
import json, sys
before = set(sys.modules)
import tap_zohocrm_modules
with tap_zohocrm_modules.read("Leads", config=json.loads(sys.argv[1])) as reader:
    reader.read_all()
print(json.dumps([one for one in sys.modules if one not in before]))
"""
_IMPORTS = """
import contextlib, importlib, json, sys
for name in json.loads(sys.argv[1]):
    with contextlib.suppress(ImportError):  # not a module of a file: six.moves and the like
        importlib.import_module(name)
"""


def loaded_by_read() -> Sequence[str]:
    """Return the names of the modules that a first `read()` loads."""
    with demo_apart(Apart({"Leads": 2_000})) as settings:
        command = [sys.executable, "-c", _LOADED, json.dumps(settings)]
        run = subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own
    names: Sequence[str] = json.loads(run.stdout)
    return names


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
    programs = {**PROGRAMS, READ: ["-c", _IMPORTS, json.dumps(loaded_by_read())]}
    # In turns, so that what else the machine does slows all of them.
    turns = [{name: cpu_seconds(each) for name, each in programs.items()} for _ in range(repeats)]
    least = {name: min(turn[name] for turn in turns) for name in programs}
    for name, taken in least.items():
        sys.stdout.write(f"{name}: {taken:.2f} CPU s\n")
    _, sdk, tap, *_ = least.values()
    sys.stdout.write(f"start-up: {tap - sdk:.2f} CPU s more than import singer_sdk\n")


if __name__ == "__main__":
    main()
