"""An organisation whose private fields can be traced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from support.demo import sample_demo
from support.private_fields import MARKED, NOW, mark

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.clock import Clock


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoOrganisation]:
    """An organisation in which no time passes, with a marker in every private field."""
    with sample_demo(clock=Clock(NOW)) as organisation:
        store = organisation.organisation.records
        for module, values in MARKED.items():
            store.resize(module, 120)
            for name in values:
                mark(organisation, module, name)
            for row in store.read(module, "id"):
                own = {name: value for name, value in values.items() if value is not None}
                store.update(module, row["id"], own, at=NOW - timedelta(days=5))
            victim = next(iter(store.read(module, "id")))
            store.delete(module, victim["id"])
        yield organisation
