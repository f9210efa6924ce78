"""Fixtures for other people's tests: `pytest_plugins = ["zohocrm_demo.pytest_fixtures"]`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zohocrm_demo.demo_organisation import DemoOrganisation


@pytest.fixture
def zoho() -> Iterator[DemoOrganisation]:
    """A running Zoho CRM of the test's own, with the sample organisation."""
    with DemoOrganisation() as demo:
        yield demo
