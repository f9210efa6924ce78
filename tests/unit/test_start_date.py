"""What `start_date` accepts."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.config.settings import Settings


def start_date(text: object) -> datetime | None:
    return Settings.parse({"environment": "demo", "start_date": text}).start_date


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2000-01-01", "2000-01-01T00:00:00"),
        ("0001-01-01", "1900-01-01T00:00:00"),
        ("2024-02-29", "2024-02-29T00:00:00"),
        ("2024-01-31T10:20:30Z", "2024-01-31T10:20:30"),
        ("2024-01-31T10:20:30z", "2024-01-31T10:20:30"),
        ("2024-01-31T10:20:30", "2024-01-31T10:20:30"),
        ("2024-01-31 10:20:30", "2024-01-31T10:20:30"),
        ("2024-01-31T10:20:30+05:30", "2024-01-31T04:50:30"),
        ("2024-01-31T10:20:30-07:00", "2024-01-31T17:20:30"),
        ("2024-01-31T00:00:00+14:00", "2024-01-30T10:00:00"),
        ("2024-01-31T10:20:30.500Z", "2024-01-31T10:20:30.500000"),
        ("2024-01-31T10:20:30.123456+00:00", "2024-01-31T10:20:30.123456"),
    ],
)
def test_every_form_of_a_date_is_an_instant_in_utc(text: str, utc: str) -> None:
    expected = datetime.fromisoformat(utc).replace(tzinfo=timezone.utc)
    parsed = start_date(text)
    assert parsed == expected
    assert parsed is not None
    assert parsed.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "2024",
        "2024-13-01",
        "2024-02-30",
        "31.01.2024",
        "2024-01-31T25:00:00Z",
        "2024-01-31T10:20:30 UTC",
        "2024-01-31Tnoon",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        1706696430,
        ["2024-01-31"],
        True,
    ],
)
def test_anything_else_is_one_problem(text: object) -> None:
    with pytest.raises(SettingsError) as caught:
        start_date(text)
    (problem,) = caught.value.problems
    assert problem.startswith(f"start_date is {text!r}")
    assert "2024-01-31T00:00:00Z" in problem


@given(
    st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2026, 1, 1)),  # noqa: DTZ001
    st.integers(min_value=-14 * 60, max_value=14 * 60),
)
def test_an_instant_stays_the_same_whatever_its_offset(naive: datetime, minutes: int) -> None:
    instant = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert start_date(instant.isoformat()) == instant
