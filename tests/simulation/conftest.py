"""The sample organisation for what the simulation has found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zohocrm_demo import DemoOrganisation


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(mints_per_window=1_000, active_tokens=99) as organisation:
        organisation.organisation.records.resize("Tasks", 30)
        organisation.organisation.records.resize("Sample_Readings", 30)
        yield organisation
