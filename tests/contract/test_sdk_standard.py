"""The SDK's own tests of any tap, against the demo organisation."""

from __future__ import annotations

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from tap_zohocrm_modules.tap import TapZohoCRMModules

_Tests = get_tap_test_class(
    TapZohoCRMModules,
    config={"environment": "demo"},
    suite_config=SuiteConfig(max_records_limit=None),
    parse_env_config=False,
)


# No organisation has a value in every one of the documented fields.
@pytest.mark.filterwarnings("ignore:No records were available to test:UserWarning")
class TestTapZohoCRMModules(_Tests):  # type: ignore[misc, valid-type]
    pass
