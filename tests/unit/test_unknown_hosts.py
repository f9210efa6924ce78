"""A host whose name leads nowhere is tried for as long as the policy says for such hosts."""

from __future__ import annotations

import pytest

from tap_zohocrm_modules.zoho.transport.errors import (
    GivenUpError,
    NoAnswerError,
    UnknownHostError,
)
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy


@pytest.mark.parametrize(
    ("kind", "seconds", "tries"),
    [(UnknownHostError, 0, 1), (UnknownHostError, 60, 4), (NoAnswerError, 0, 4)],
)
def test_an_unknown_host_is_given_up_sooner(
    kind: type[NoAnswerError], seconds: float, tries: int
) -> None:
    policy = RetryPolicy(4, 60, 0.001, 0.002, unknown_host_time=seconds)
    made = []

    def call() -> None:
        made.append(1)
        raise kind("nobody is there.")

    with pytest.raises(GivenUpError):
        policy.run(call, lambda: None)
    assert len(made) == tries
