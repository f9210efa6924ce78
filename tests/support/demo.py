"""Reads a demo organisation with the tap, and holds every run to what all runs must keep to."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Iterable
from typing import Any

from support.run import FAST, Run, run_tap
from support.sample import awkward_sample
from tap_zohocrm_modules.definitions import load_schema
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from zohocrm_demo import DemoOrganisation, Organisation

MODULES = "/crm/v8/settings/modules"
TOKEN = "/oauth/v2/token"


@functools.cache
def _modules() -> bytes:
    sample = awkward_sample()
    # Soon read, while a copy takes as long as a whole sample.
    return pickle.dumps((sample.company, sample.modules))


def modules_only() -> Organisation:
    """The sample organisation with its modules and no more, which is soon made."""
    company, modules = pickle.loads(_modules())
    return Organisation(company=company, modules=modules)


def small_organisation(*modules: str, profiles: int = 3) -> Organisation:
    """The sample organisation with these modules and so many profiles, which takes few calls."""
    made = awkward_sample()
    made.modules[:] = [module for module in made.modules if module["api_name"] in modules]
    del made.profiles[profiles:]
    return made


def small_demo(**options: Any) -> DemoOrganisation:
    """A demo organisation that has modules only, not started yet."""
    return DemoOrganisation(modules_only(), **options)


def sample_demo(**options: Any) -> DemoOrganisation:
    """The sample organisation, not started yet, with as many tokens as many runs ask for."""
    return DemoOrganisation(awkward_sample, mints_per_window=1_000, active_tokens=99, **options)


def config_for(demo: DemoOrganisation, **more: Any) -> dict[str, Any]:
    """What reads this organisation as one would a real one."""
    return {
        "client_id": demo.client_id,
        "client_secret": demo.client_secret,
        "refresh_token": demo.refresh_token,
        "accounts_url": demo.accounts_url,
        **more,
    }


def chosen(*streams: str) -> dict[str, Any]:
    """A catalog in which these streams are chosen, all with the schema of `modules`."""
    return {
        "streams": [
            {
                "tap_stream_id": stream,
                "stream": stream,
                "key_properties": ["id"],
                "schema": load_schema("modules"),
                "metadata": [{"breadcrumb": [], "metadata": {"selected": True}}],
            }
            for stream in streams
        ]
    }


def metadata_catalog(**metadata: dict[str, Any]) -> dict[str, Any]:
    """A catalog of these metadata streams, each with further metadata of its own."""
    return {
        "streams": [
            {
                "tap_stream_id": stream,
                "stream": stream,
                "key_properties": list(ENDPOINTS[stream].keys),
                "schema": load_schema(stream),
                "metadata": [{"breadcrumb": [], "metadata": {"selected": True, **more}}],
            }
            for stream, more in metadata.items()
        ]
    }


ONLY_MODULES = chosen("modules")


def read(
    demo: DemoOrganisation,
    *options: str,
    catalog: dict[str, Any] | None = ONLY_MODULES,
    state: dict[str, Any] | None = None,
    env: dict[str, str] | None = None,
    policy: RetryPolicy = FAST,
    **more: Any,
) -> Run:
    """Read this organisation's modules; `more` are settings. No run may tell a secret."""
    run = run_tap(
        *options,
        config=config_for(demo, **more),
        catalog=catalog,
        state=state,
        env=env,
        policy=policy,
    )
    assert_no_secret(run, secrets_of(demo))
    debugging = (env or {}).get("LOGLEVEL") == "DEBUG"
    assert debugging or "Traceback" not in run.stderr, run.stderr
    assert debugging or not [line for line in run.log if not line.level], run.stderr
    return run


def secrets_of(demo: DemoOrganisation) -> set[str]:
    """The client's secrets and every access token that was used."""
    headers = [call.headers.get("authorization", "") for call in demo.calls]
    tokens = {header.rpartition(" ")[2] for header in headers} - {""}
    return {demo.client_id, demo.client_secret, demo.refresh_token, *tokens}


def assert_no_secret(run: Run, secrets: Iterable[str]) -> None:
    written = run.stdout.decode("utf-8") + run.stderr
    shown = [secret for secret in secrets if secret in written]
    assert not shown, f"{len(shown)} secrets are shown"


def calls_of(demo: DemoOrganisation, path: str) -> int:
    return sum(call.path == path for call in demo.calls)


def module_ids(demo: DemoOrganisation) -> list[str]:
    """The ids of all modules in the order of the organisation's menu."""
    modules = demo.organisation.modules
    return [
        str(module["id"])
        for module in sorted(modules, key=lambda m: (m["sequence_number"], int(m["id"])))
    ]
