"""The setting `record_modules`: names of modules, and patterns of names."""

from __future__ import annotations

import pytest

from tap_zohocrm_modules.config.settings import Settings

DEMO = {"environment": "demo"}


@pytest.mark.parametrize(
    ("patterns", "read", "not_read"),
    [
        (["*"], ["Leads", "Custom_1"], []),
        ([], [], ["Leads"]),
        (["Leads"], ["Leads"], ["leads", "Leads_2", "Deals"]),
        (["Custom_*", "L?ads"], ["Custom_A", "Leads"], ["My_Custom_A", "Lads"]),
    ],
)
def test_record_modules_are_patterns(
    patterns: list[str], read: list[str], not_read: list[str]
) -> None:
    settings = Settings.parse({**DEMO, "record_modules": patterns})
    assert all(settings.reads_module(name) for name in read)
    assert not any(settings.reads_module(name) for name in not_read)
