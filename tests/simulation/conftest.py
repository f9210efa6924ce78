"""The sample organisation for what the simulation has found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.demo import sample_demo

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.limits import RequestLimits


@pytest.fixture
def demo(request: pytest.FixtureRequest) -> Iterator[DemoOrganisation]:
    """An organisation, with the limits that a test gives by `indirect` parameters."""
    limits = RequestLimits(**getattr(request, "param", {}))
    with sample_demo(limits=limits) as organisation:
        organisation.organisation.records.resize("Tasks", 30)
        organisation.organisation.records.resize("Sample_Readings", 30)
        yield organisation
