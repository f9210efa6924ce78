"""The profile of the organisation that tests of records read."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["documents", pytest.param("wild", marks=pytest.mark.nightly)])
def profile(request: pytest.FixtureRequest) -> str:
    """What Zoho does: as it documents, or as it was seen to do in life."""
    return str(request.param)
