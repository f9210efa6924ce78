"""What is measured in processes of its own, and the demo organisation in another.

The demo's work is not to be taken for the tap's.
"""

from __future__ import annotations

import contextlib
import dataclasses
import multiprocessing
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any

import tap_zohocrm_modules
from zohocrm_demo import DemoOrganisation

_COMPILE = """
import compileall, sys, sysconfig
for folder in (sysconfig.get_path("purelib"), *sys.argv[1:]):
    compileall.compile_dir(folder, quiet=2, workers=0)
"""


def compile_packages(python: Sequence[str]) -> None:
    """Compile an environment's packages and this one, as pip does: else each start does it anew.

    Args:
        python: The command of its Python.
    """
    command = [*python, "-c", _COMPILE, *tap_zohocrm_modules.__path__]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own


@dataclasses.dataclass(frozen=True)
class Apart:
    """What is asked for of a demo organisation.

    Attributes:
        sizes: How many records some modules have.
        latency: Seconds added to every answer.
        daily_credits: API credits for 24 hours.
    """

    sizes: Mapping[str, int]
    latency: float = 0
    daily_credits: int = 1_000_000


@contextlib.contextmanager
def demo_apart(wanted: Apart) -> Iterator[dict[str, Any]]:
    """Run one, and give the settings that read it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(wanted, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours.recv()
    finally:
        ours.close()
        process.join()


def _serve(wanted: Apart, pipe: Connection) -> None:
    # Ctrl-C is for the benchmark, whose end ends this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with DemoOrganisation(latency=wanted.latency, daily_credits=wanted.daily_credits) as demo:
        for module, count in wanted.sizes.items():
            demo.organisation.records.resize(module, count)
        pipe.send(
            {
                "accounts_url": demo.accounts_url,
                "api_url": demo.api_url,
                "client_id": demo.client_id,
                "client_secret": demo.client_secret,
                "refresh_token": demo.refresh_token,
            }
        )
        with contextlib.suppress(EOFError):
            pipe.recv()
