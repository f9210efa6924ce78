"""The organisation whose deletions most of these tests read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.demo import sample_demo

from zohocrm_demo import DemoOrganisation


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    """The whole sample."""
    with sample_demo(profile=profile) as organisation:
        yield organisation
