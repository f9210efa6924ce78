"""What hosts and headers show.

https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

from tap_zohocrm_modules.probe.account import Account
from tap_zohocrm_modules.probe.assumption import Seen
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.http import HeaderAuth, HttpClient, whole
from tap_zohocrm_modules.zoho.transport.instants import in_header

_PLAY = 5.0
_LONGEST = 8.0


def headers(account: Account) -> Mapping[str, Seen]:
    """Look at the headers and statuses of all calls so far."""
    journal = account.journal
    refused = journal.statuses[HTTPStatus.TOO_MANY_REQUESTS]
    throttled = f"{refused} calls were refused by 429; what they cost is not to be seen"
    names = ", ".join(sorted(journal.headers)) or "none"
    left = journal.credits_left
    are_numbers = all(text.strip().isdecimal() for text in left) if left else None
    return {
        "throttled_credits": Seen(throttled if refused else "no call was refused by 429", None),
        "headers": Seen(f"X- headers: {names}", are_numbers),
    }


def clocks(account: Account) -> Mapping[str, Seen]:
    """Compare the times of both hosts."""
    return {"clocks": _clocks(account)}


def _clocks(account: Account) -> Seen:
    access, machine = account.client.access, account.client.machine
    url = access.credentials.accounts_url + "/"
    http = HttpClient(machine.session(pool=1, url=url), access.times)
    try:
        reply = http.exchange(
            f"HEAD {url}", "HEAD", url, auth=HeaderAuth(), consume=whole, longest=_LONGEST
        )
    except ZohoError:
        return Seen("the accounts host does not answer a call without content", None)
    finally:
        http.close()
    accounts = in_header(reply.head.headers.get("Date", ""))
    text, at = account.journal.dates[-1] if account.journal.dates else ("", 0.0)
    api = in_header(text)
    if accounts is None or api is None:
        return Seen("one of the hosts sends no Date", None)
    now = api + timedelta(seconds=machine.monotonic() - at)
    apart = abs((now - accounts).total_seconds())
    return Seen(f"{apart:.0f} s apart", apart <= _PLAY)
