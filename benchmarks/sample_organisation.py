"""What the sample organisation takes: to start, for a call, and in memory.

Usage: python -m benchmarks.sample_organisation [RECORDS [CALLS]]

CPU seconds of a process of its own from its first line until it listens, with so many records of
one module; the CPU time of a call after so many calls, to that of the first ones; and the most
memory that the process had.
"""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import requests

from benchmarks.apart import compile_packages
from zohocrm_demo import DemoOrganisation, sample_organisation

RECORDS, CALLS = 1_000_000, 20_000
MODULE = "Accounts"
_MEASURED = 500


def cpu_per_call(ask: Callable[[], object], calls: int = _MEASURED) -> float:
    """Return the CPU seconds that this process takes for a call."""
    begun = time.process_time()
    for _ in range(calls):
        ask()
    return (time.process_time() - begun) / calls


def peak_megabytes() -> float:
    """Return the most memory that this process had."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not what it shared with the process that started it, which getrusage counts.
        (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status.read_text("ascii"))
        return int(kilobytes) / (1 << 10)
    # Kilobytes, but bytes on macOS.
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def serve(records: int, calls: int) -> None:
    """Start, answer, and print what it took: a program of its own."""
    organisation = sample_organisation()
    organisation.records.resize(MODULE, records)
    with DemoOrganisation(organisation, daily_credits=10**9) as demo, requests.Session() as session:
        sys.stdout.write(f"{records:,} records: {time.process_time():.2f} CPU s to start\n")
        token = session.post(
            f"{demo.accounts_url}/oauth/v2/token",
            data={
                "grant_type": "refresh_token",
                "client_id": demo.client_id,
                "client_secret": demo.client_secret,
                "refresh_token": demo.refresh_token,
            },
            timeout=60,
        ).json()["access_token"]
        headers = {"Authorization": f"Zoho-oauthtoken {token}"}
        query = {"fields": "Account_Name", "per_page": "10"}

        def ask() -> None:
            answer = session.get(
                f"{demo.api_url}/crm/v8/{MODULE}", params=query, headers=headers, timeout=60
            )
            answer.raise_for_status()

        first = cpu_per_call(ask)
        for _ in range(calls):
            ask()
        last = cpu_per_call(ask)
        sys.stdout.write(
            f"a call after {calls:,} calls: {last * 1_000:.2f} ms of CPU, ratio to the first ones"
            f" {last / first:.2f}\nmemory: {peak_megabytes():.0f} MB at most\n"
        )


def main(records: int = RECORDS, calls: int = CALLS) -> None:
    """Run it apart, and print what it prints."""
    compile_packages([sys.executable])
    program = f"from benchmarks.sample_organisation import serve; serve({records}, {calls})"
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    sys.stdout.write(done.stdout)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
