"""Private fields whose values can be traced, and runs of the tap that handle them."""

from __future__ import annotations

import hmac
import json
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from support.demo import config_for
from support.run import Run, run_tap
from zohocrm_demo import DemoOrganisation

NOW = datetime.now(timezone.utc).replace(microsecond=0)
KEY = "long and random"
MARKER = "Zyzzyva7041"
HASH: dict[str, Any] = {"private_fields": "hash", "private_field_key": KEY}
OMIT: dict[str, Any] = {"private_fields": "omit"}
PRIVATE = {"type": "High", "restricted": True, "export": False}
# Besides those of the sample; in each the marker is planted as its type can hold it.
MARKED: dict[str, dict[str, Any]] = {
    "Contacts": {
        "Last_Name": f"Ms {MARKER}",
        "First_Name": f"{MARKER} 日",
        "Full_Name": None,
        "Email": f"{MARKER}@example.com".lower(),
        "Allergies": f"nuts, {MARKER}",
        "Passport_Number": f"X{MARKER}",
        "Phone": f"+{MARKER}",
        "Description": f"{MARKER} " * 60,
        "Date_of_Birth": datetime(1907, 4, 10).date(),  # noqa: DTZ001
    },
    "Leads": {
        "Email": f"{MARKER}@example.com".lower(),
        "Annual_Revenue": Decimal("70417041.75"),
        "No_of_Employees": 70417041,
        "Company": f"{MARKER} & Co",
        "Last_Name": f"{MARKER}",
    },
}
TRACES = (MARKER.lower(), "1907-04-10", "70417041")


def mark(demo: DemoOrganisation, module: str, name: str, value: Any = PRIVATE) -> None:
    field = next(f for f in demo.organisation.fields[module] if f["api_name"] == name)
    field["private"] = value


def hashed(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return hmac.new(KEY.encode(), text.encode(), "sha256").hexdigest()


def discovered(demo: DemoOrganisation, *streams: str, **settings: Any) -> dict[str, Any]:
    """A catalog in which these streams are chosen, as discovery makes it."""
    config = config_for(demo, record_modules=[*MARKED], **settings)
    run = run_tap("--discover", config=config)
    assert run.code == 0, run.stderr
    catalog: dict[str, Any] = json.loads(run.stdout)
    catalog["streams"] = [one for one in catalog["streams"] if one["tap_stream_id"] in streams]
    for entry in catalog["streams"]:
        for item in entry["metadata"]:
            if not item["breadcrumb"]:
                item["metadata"]["selected"] = True
    assert {one["tap_stream_id"] for one in catalog["streams"]} == {*streams}
    return catalog


def run_of(
    demo: DemoOrganisation,
    *options: str,
    catalog: dict[str, Any],
    state: dict[str, Any] | None = None,
    **settings: Any,
) -> Run:
    demo.organisation.records.bulk_jobs._downloads.clear()
    return run_tap(
        *options,
        config=config_for(demo, record_modules=[*MARKED], **settings),
        catalog=catalog,
        state=state,
        env={"LOGLEVEL": "DEBUG"},
    )


def assert_no_trace(*texts: bytes | str) -> None:
    for text in texts:
        shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        for trace in TRACES:
            at = shown.lower().find(trace)
            assert at < 0, shown[max(0, at - 200) : at + 60]
