"""The sample organisation as the tests want it: with whatever has broken somebody's client."""

from __future__ import annotations

from typing import Any

from zohocrm_demo import Organisation, sample_organisation


def awkward_sample(**options: Any) -> Organisation:
    """Make one with few deletions of the module that most tests read in small pages."""
    made = sample_organisation(sample="awkward", **options)
    made.records.purge_long_ago("Tasks", 25)
    return made
