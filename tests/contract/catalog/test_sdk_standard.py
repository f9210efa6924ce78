"""The SDK's own tests of any tap, for the stream that this tap is named after."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from singer_sdk import Stream
from singer_sdk.testing import SuiteConfig, get_tap_test_class
from typing_extensions import override

from tap_zohocrm_modules.tap import TapZohoCRMModules


class ModulesOnly(TapZohoCRMModules):
    """The tap with one stream: the others, with a test for each column, would take minutes."""

    @override
    def discover_streams(self) -> Sequence[Stream]:
        return [stream for stream in super().discover_streams() if stream.name == "modules"]


_Tests = get_tap_test_class(
    ModulesOnly,
    config={"environment": "demo"},
    suite_config=SuiteConfig(max_records_limit=None),
    parse_env_config=False,
)


# No organisation has a value in every one of the documented fields.
@pytest.mark.filterwarnings("ignore:No records were available to test:UserWarning")
class TestModules(_Tests):  # type: ignore[misc, valid-type]
    pass
