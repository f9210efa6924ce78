"""All metadata of 100 modules at 200 ms a call, against calls x latency / concurrency.

Usage: python -m benchmarks.metadata

The baseline is the time that the calls alone take, were the allowed number of them under way all
the time. The ratio to it is what the tap's own work and the waits between calls add.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
import os
import sys
import time
from pathlib import Path

from tap_zohocrm_modules.tap import TapZohoCRMModules
from zohocrm_demo import DemoOrganisation, Organisation, sample_organisation

MODULES = 100
LATENCY = 0.2
CONCURRENCY = 10


def organisation_of(count: int) -> Organisation:
    """Return the sample organisation, grown to `count` modules that the API reads."""
    organisation = sample_organisation(sample="awkward")
    readable = [module for module in organisation.modules if module["api_supported"]]
    custom = next(module for module in readable if module["generated_type"] == "custom")
    ids = itertools.count(10**18)
    for number in range(len(readable), count):
        module = copy.deepcopy(custom)
        module |= {"id": str(next(ids)), "api_name": f"Extra_{number}", "module_name": f"X{number}"}
        organisation.modules.append(module)
        organisation.fields[module["api_name"]] = [
            {**field, "id": str(next(ids))} for field in organisation.fields[custom["api_name"]]
        ]
    return organisation


def main(modules: int = MODULES, latency: float = LATENCY) -> None:
    """Read everything once, and print the ratio."""
    with DemoOrganisation(organisation_of(modules), latency=latency) as demo:
        config = {
            "accounts_url": demo.accounts_url,
            "api_url": demo.api_url,
            "client_id": demo.client_id,
            "client_secret": demo.client_secret,
            "refresh_token": demo.refresh_token,
            "max_concurrency": CONCURRENCY,
            "record_modules": [],
        }
        started = time.perf_counter()
        with (
            Path(os.devnull).open("w") as nowhere,
            contextlib.redirect_stdout(nowhere),
            TapZohoCRMModules(config=config) as tap,
        ):
            tap.run()
        taken = time.perf_counter() - started
        calls = [
            (call.path, *sorted(call.params.items())) for call in demo.calls if "/crm/" in call.path
        ]
    least = len(calls) * latency / CONCURRENCY
    sys.stdout.write(
        f"{len(calls)} calls ({len(calls) - len(set(calls))} of them twice):"
        f" {taken:.1f} s; calls x latency / concurrency: {least:.1f} s; ratio {taken / least:.2f}\n"
    )


if __name__ == "__main__":
    main()
