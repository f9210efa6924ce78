"""Instants in UTC: what Zoho writes, what STATE and messages say."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_zohocrm_modules.zoho.transport.instants import utc, utc_each

OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(
    min_value=datetime(1, 1, 3),  # noqa: DTZ001 - gets its zone
    max_value=datetime(9999, 12, 29),  # noqa: DTZ001
    timezones=OFFSETS,
)


@given(INSTANTS, st.sampled_from(["T", " "]), st.booleans())
def test_the_instant_stays_and_the_offset_goes(
    instant: datetime, separator: str, colon: bool
) -> None:
    text = instant.isoformat(separator)
    if not colon:
        text = text[:-3] + text[-2:]
    found = utc(text)
    assert found.endswith("Z")
    assert datetime.fromisoformat(found.replace("Z", "+00:00")) == instant
    assert utc(found) == found


@given(st.lists(INSTANTS), st.integers(-23, 23))
def test_a_column_is_what_its_instants_are(instants: list[datetime], ahead: int) -> None:
    zone = timezone(timedelta(hours=ahead))
    local = [instant.astimezone(zone).replace(microsecond=0) for instant in instants]
    texts = [*(instant.isoformat() for instant in local), None, ""]
    whole = [instant.astimezone(timezone.utc).replace(tzinfo=None) for instant in local]
    assert utc_each(texts) == [*(f"{instant.isoformat()}Z" for instant in whole), None, None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-04-24T10:32:20-07:00", "2025-04-24T17:32:20Z"),
        ("2025-04-24T17:32:20Z", "2025-04-24T17:32:20Z"),
        ("2025-04-24T17:32:20z", "2025-04-24T17:32:20Z"),
        ("2025-04-24T17:32:20-00:00", "2025-04-24T17:32:20Z"),
        ("2025-01-01T00:30:00+05:30", "2024-12-31T19:00:00Z"),
        ("2024-02-29T23:30:00-0100", "2024-03-01T00:30:00Z"),
        ("0999-01-01T00:00:00Z", "0999-01-01T00:00:00Z"),
        ("2025-04-24T10:32:20.1-07:00", "2025-04-24T17:32:20.1Z"),
        ("2025-04-24T10:32:20.123456789-07:00", "2025-04-24T17:32:20.123456789Z"),
        # One instant, said twice in the hour that a clock change repeats.
        ("2025-10-26T02:30:00+02:00", "2025-10-26T00:30:00Z"),
        ("2025-10-26T02:30:00+01:00", "2025-10-26T01:30:00Z"),
    ],
)
def test_examples(text: str, expected: str) -> None:
    assert utc(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2025-04-24T10:32:20",
        "2025-04-24",
        "2025-13-01T00:00:00Z",
        "2025-02-30T00:00:00Z",
        "2025-04-24T24:00:00Z",
        "2025-04-24T10:32:60Z",
        "2025-04-24T10:32Z",
        "2025-04-24T10:32:20+99:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2025-04-24T10:32:20Z\n",
        "٢٠٢٥-04-24T10:32:20Z",
        "",
    ],
)
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(
        ValueError,
        match=r"not a date-time|not an hour|not a minute|out of range|must be|out of bounds",
    ):
        utc(text)


@given(st.text(max_size=30) | st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?.{0,6}"))
def test_no_text_does_worse(text: str) -> None:
    try:
        found = utc(text)
    except ValueError:
        return
    assert utc(found) == found
