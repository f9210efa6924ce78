"""From settings to the organisation they mean."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path

from tap_zohocrm_modules.config.choices import DATA_CENTERS, Environment
from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.config.settings import Settings
from tap_zohocrm_modules.sync.run_options import RunOptions
from tap_zohocrm_modules.zoho.transport.connection import Connection, Credentials
from tap_zohocrm_modules.zoho.transport.edition import LEAST_CONCURRENCY

_NO_DEMO = (
    "environment is 'demo', which needs the package zohocrm-demo beside the tap:"
    " pip install zohocrm-demo"
)
_HOST_PREFIXES = {Environment.SANDBOX: "sandbox", Environment.DEVELOPER: "developer"}


def connect(
    settings: Settings, resources: contextlib.ExitStack, options: RunOptions | None = None
) -> Connection:
    """Return how to reach the organisation; `resources` end what has to be started for it."""
    options = options or RunOptions()
    if settings.environment is Environment.DEMO:
        # Here only: no other run needs a server.
        try:
            from zohocrm_demo import DemoOrganisation  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise SettingsError([_NO_DEMO]) from error

        demo = resources.enter_context(DemoOrganisation())
        settings = dataclasses.replace(
            settings,
            accounts_url=demo.accounts_url,
            api_url=demo.api_url,
            client_id=demo.client_id,
            client_secret=demo.client_secret,
            refresh_token=demo.refresh_token,
        )
    center = DATA_CENTERS[settings.data_center]
    return Connection(
        credentials=credentials_of(settings),
        api_url=settings.api_url,
        fallback_api_url=center.api_url,
        host_prefix=_HOST_PREFIXES.get(settings.environment),
        concurrency=settings.max_concurrency or LEAST_CONCURRENCY,
        credit_budget=settings.credit_budget,
        credit_reserve=settings.credit_reserve,
        token_cache=cache_folder(settings),
        times=dataclasses.replace(
            options.times,
            request=min(settings.request_timeout, options.times.request),
            total=min(settings.total_timeout, options.times.total),
        ),
        machine=options.machine,
    )


def credentials_of(settings: Settings) -> Credentials:
    """Return as whom an organisation is called, and who knows that."""
    return Credentials(
        accounts_url=settings.accounts_url or DATA_CENTERS[settings.data_center].accounts_url,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        refresh_token=settings.refresh_token,
    )


def cache_folder(settings: Settings) -> Path | None:
    """Return where files that only the user can read are kept, None for nowhere."""
    # The sample organisation's token ends with it.
    if not settings.token_cache or settings.environment is Environment.DEMO:
        return None
    if settings.token_cache_dir:
        return settings.token_cache_dir
    import platformdirs  # noqa: PLC0415 - only where no folder is set

    return platformdirs.user_cache_path("tap-zohocrm-modules")
