"""Runs all checks against one account, within its price."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping, Sequence

from tap_zohocrm_modules.config.settings import Settings
from tap_zohocrm_modules.probe.account import Account, Journal, said
from tap_zohocrm_modules.probe.assumption import Check, Finding, Seen, findings
from tap_zohocrm_modules.probe.checks import CHECKS
from tap_zohocrm_modules.sync.connection import connect
from tap_zohocrm_modules.sync.probe_notes import keep
from tap_zohocrm_modules.sync.run_options import RunOptions
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import ApiError, RunEndError
from tap_zohocrm_modules.zoho.transport.texts import guard_log

MOST_CREDITS = 60
"""What a probe may spend, beside one bulk job."""


def probe(settings: Settings, options: RunOptions) -> tuple[Sequence[Finding], int]:
    """Return what an account shows of each assumption, and how many credits that took.

    Raises:
        ZohoError: the account cannot be reached, or has no records to look at.
    """
    most = MOST_CREDITS + Limits().job_credits
    budget = min(most, settings.credit_budget or most)
    journal = Journal()
    with contextlib.ExitStack() as resources:
        access = dataclasses.replace(connect(settings, resources, options), credit_budget=budget)
        client = resources.enter_context(ZohoClient(access, options.policy, journal.note))
        guard_log(client.secrets)
        seen: dict[str, Seen] = {}
        account = Account(client, journal)
        for check, ids in CHECKS.items():
            seen.update(_checked(account, check, ids))
        # Two answers are possible, and this is the one that this organisation gives.
        holds = {id_: one.holds for id_, one in seen.items() if one.holds is not None}
        keep(settings, options.machine, holds)
        return findings(seen), client.credits.spent


def _checked(account: Account, check: Check, ids: Sequence[str]) -> Mapping[str, Seen]:
    """Return what one check shows; one that Zoho refuses leaves the others alone."""
    try:
        return check(account)
    except RunEndError:
        raise
    except ApiError as error:
        return dict.fromkeys(ids, Seen(f"refused: {said(error)}", None))
