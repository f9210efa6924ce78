"""The organisation that most tests of children read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from children.organisation import small_demo
from zohocrm_demo import DemoOrganisation


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with small_demo() as demo:
        yield demo
