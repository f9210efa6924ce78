"""The sample organisation as the tests want it: with whatever has broken somebody's client."""

from __future__ import annotations

import functools

from zohocrm_demo import sample_organisation

awkward_sample = functools.partial(sample_organisation, sample="awkward")
