from __future__ import annotations

from collections.abc import Iterator

import pytest

from tap_zohocrm_modules.demo import DemoOrganisation


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation() as organisation:
        yield organisation
