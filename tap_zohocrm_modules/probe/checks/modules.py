"""Which modules refuse that Zoho lists as supported, and how many calls may run at the same time.

https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html
https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

import collections
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

from tap_zohocrm_modules.probe.account import Account, Row, said
from tap_zohocrm_modules.probe.assumption import Seen
from tap_zohocrm_modules.zoho.transport.edition import LEAST_CONCURRENCY
from tap_zohocrm_modules.zoho.transport.errors import ApiError
from tap_zohocrm_modules.zoho.transport.texts import counted

# In case a call has to be made again.
_SPARE = 3


def refusals(account: Account) -> Mapping[str, Seen]:
    """Ask as many modules as there are credits for, five at the same time.

    Those that are not viewable come first, then Zoho's own; those already read need no call.
    """
    account.client.allow(LEAST_CONCURRENCY)
    before = account.journal.statuses[HTTPStatus.TOO_MANY_REQUESTS]
    left = account.client.credits.left
    unread = [row for row in account.modules if row["api_name"] not in account.read]
    modules = sorted(
        unread,
        key=lambda row: (row.get("viewable") is not False, row.get("generated_type") != "default"),
    )[: None if left is None else max(0, left - _SPARE)]
    with ThreadPoolExecutor(LEAST_CONCURRENCY) as pool:
        codes = [*pool.map(lambda row: _refusal(account, row), modules)]
    throttled = account.journal.statuses[HTTPStatus.TOO_MANY_REQUESTS] - before
    text = f"{counted(len(modules), 'call')}, {LEAST_CONCURRENCY} at the same time, {throttled}"
    return {
        "refusing_modules": _seen(modules, codes, len(account.read)),
        "concurrency": Seen(f"{text} refused by 429", not throttled if modules else None),
    }


def _refusal(account: Account, module: Row) -> str | None:
    """Return the code by which a module refuses; None if it can be read."""
    try:
        account.listed(str(module["api_name"]), fields="id", per_page="1")
    except ApiError as error:
        return said(error)
    return None


def _seen(modules: Sequence[Row], codes: Sequence[str | None], others: int) -> Seen:
    refused = [(row, code) for row, code in zip(modules, codes, strict=True) if code]
    numbers = collections.Counter(code for _, code in refused)
    by_code = ", ".join(f"{number} by {code}" for code, number in sorted(numbers.items()))
    # The names of an organisation's own modules are its own.
    own = (row for row, _ in refused if row.get("generated_type") == "default")
    names = ", ".join(sorted(str(row["api_name"]) for row in own))
    text = f"{len(refused)} of {len(modules) + others} modules refuse"
    text += f": {by_code}" if by_code else ""
    text += f" ({names})" if names else ""
    return Seen(text, all(row.get("viewable") is False for row, _ in refused))
