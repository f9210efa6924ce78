"""What the organisation answers, rule by rule; `answers/README.md` says how they are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .answer_rules import RULES, Step, play, rules_of
from .conftest import Client

THOROUGH = {"bulk", "children", "coql", "pages", "people", "scopes", "values", "views", "writes"}


def rules() -> Iterator[Any]:
    for file in sorted(RULES.glob("*.yaml")):
        marks = [pytest.mark.thorough] if file.stem in THOROUGH else []
        for name, steps in rules_of(file):
            yield pytest.param(steps, id=f"{file.stem}: {name}", marks=marks)


@pytest.mark.parametrize("steps", list(rules()))
def test_rule(shared: Client, steps: list[Step]) -> None:
    play(steps, shared)
