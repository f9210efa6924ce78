"""Cases of a test: the quick suite runs a few of them, `-m thorough` the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

thorough = pytest.mark.thorough


def sample(cases: Iterable[Any], *quick: Any) -> list[Any]:
    """Return all cases as parameters, of which only `quick` run in the quick suite.

    A tuple is a case of several arguments.
    """
    every = [*cases]
    unknown = [case for case in quick if case not in every]
    assert not unknown, f"no such cases: {unknown}"
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=() if case in quick else thorough,
        )
        for case in every
    ]
