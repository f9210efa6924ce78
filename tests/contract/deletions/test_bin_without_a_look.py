"""Whether a recycle bin is as it was, by its last page alone."""

from __future__ import annotations

import pytest
from support.client import client_for
from support.demo import sample_demo

from tap_zohocrm_modules.zoho.records.deletions import Deletions
from tap_zohocrm_modules.zoho.records.limits import Limits


@pytest.mark.parametrize(("most", "shows"), [(2_000, True), (12, False)])
def test_a_list_as_long_as_a_list_can_be_shows_nothing(most: int, *, shows: bool) -> None:
    limits = Limits(page_rows=5, deletions=most)
    with sample_demo() as demo, client_for(demo) as client:
        store = demo.organisation.records
        store.resize("Tasks", 30)
        ids = [row["id"] for row in store.read("Tasks", "id")][:12]
        for one in ids:
            store.delete("Tasks", one)
        deletions = Deletions(client, "Tasks", "Tasks", limits)
        assert deletions.are_binned(ids) == shows
        store.restore("Tasks", ids[0], touch=False)
        assert not deletions.are_binned(ids)
