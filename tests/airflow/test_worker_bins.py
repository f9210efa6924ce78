"""How the workers' DAG spreads streams and credits over bins, and which names it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.airflow import example

BINS = example("zoho_crm_bins")
OTHERS = {"modules", "deleted_records", "sync_report"}
STREAMS = [{"tap_stream_id": name} for name in ("Leads", "Deals", "notes_x", *sorted(OTHERS))]


@given(budget=st.integers(1, 10**6), bins=st.integers(1, 50))
def test_shares_are_the_budget_and_as_even_as_can_be(budget: int, bins: int) -> None:
    shares = BINS.shares(budget, bins)

    assert len(shares) == bins
    assert sum(shares) == budget
    assert max(shares) - min(shares) <= 1


def test_without_a_budget_no_bin_has_one() -> None:
    assert BINS.shares(None, 3) == [None] * 3


@given(
    seconds=st.lists(st.floats(0, 1e4), max_size=40),
    workers=st.integers(1, 12),
)
def test_each_stream_is_in_one_bin_and_no_bin_is_much_longer(
    seconds: list[float], workers: int
) -> None:
    streams = [{"stream": f"s{at}", "seconds": took} for at, took in enumerate(seconds)]
    bins = BINS.spread(streams, workers)

    held = [name for part in bins for name in part["streams"]]
    assert sorted(held) == sorted(f"s{at}" for at in range(len(seconds)))
    assert len(bins) == min(workers, len(seconds))
    if bins:
        longest = max(part["seconds"] for part in bins)
        # None could be emptied into another one to even out more than its last stream.
        assert longest <= sum(seconds) / workers + max(seconds) + 1e-6


@pytest.mark.parametrize(
    ("most", "bins"),
    [
        (1, [{"Deals", "Deals_Emails", "Leads", "modules", "sync_report"}]),
        (2, [{"Deals", "Deals_Emails", "Leads"}, {"modules", "sync_report"}]),
        (3, [{"Deals_Emails"}, {"Deals", "Leads"}, {"modules", "sync_report"}]),
        (9, [{"Deals_Emails"}, {"Deals"}, {"Leads"}, {"modules", "sync_report"}]),
    ],
)
def test_children_have_bins_like_records_and_the_others_share_one(
    most: int, bins: list[set[str]]
) -> None:
    took = {"Deals": 20, "Deals_Emails": 900, "Leads": 10, "modules": 1, "sync_report": 0}
    planned = [{"stream": name, "seconds": seconds} for name, seconds in took.items()]
    found = [set(part["streams"]) for part in BINS.fill(planned, OTHERS, most)]
    assert found == bins


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"full_refresh": ["Leads"], "streams": ["sync_report"]}, None),
        ({"full_refresh": ["sync_report"], "streams": ["sync_report"]}, None),
        ({"full_refresh": ["leads"], "streams": []}, "did you mean 'Leads'?"),
        ({"full_refresh": ["Notes_X"], "streams": []}, "did you mean 'notes_x'?"),
        ({"full_refresh": ["Quotes"], "streams": []}, "full_refresh names 'Quotes', which"),
        ({"full_refresh": ["sync_report"], "streams": []}, "full_refresh names 'sync_report'"),
        ({"full_refresh": [], "streams": ["deleted_record"]}, "did you mean 'deleted_records'?"),
        ({"full_refresh": [], "streams": ["Leads"]}, "streams names 'Leads'"),
    ],
)
def test_names_are_those_of_streams_of_the_run(params: dict[str, Any], said: str | None) -> None:
    found = BINS.wrong_name(params, STREAMS, OTHERS)
    assert found is None if said is None else found is not None and said in found


def test_the_catalog_of_a_run_has_all_streams_selected_but_some() -> None:
    streams: list[dict[str, Any]] = [
        {"tap_stream_id": name, "metadata": [{"breadcrumb": [], "metadata": {}}]}
        for name in ("Leads", "modules")
    ]
    [only] = BINS.selected(streams, {"modules"})["streams"]
    assert only["tap_stream_id"] == "Leads"
    assert only["metadata"][0]["metadata"]["selected"] is True
