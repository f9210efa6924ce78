"""Which columns no row of the sample organisation fills, and why."""

from __future__ import annotations

from pathlib import Path

import yaml
from support.demo import catalogue, read

from tap_zohocrm_modules.definitions import load_schema
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS
from zohocrm_demo import DemoOrganisation

# The sample organisation does not have this call, whose key no document of Zoho's has.
STREAMS = ENDPOINTS.keys() - {"data_sharing_rules"}
REASONS = yaml.safe_load(Path(__file__).with_name("unfilled_columns.yaml").read_text("utf-8"))


def test_a_column_that_no_row_fills_has_a_reason() -> None:
    with DemoOrganisation() as demo:
        catalog = catalogue(**{name: {} for name in STREAMS})
        run = read(demo, catalog=catalog, record_modules=[])
    assert run.code == 0, run.stderr
    empty = {name: set(load_schema(name)["properties"]) for name in STREAMS}
    for message in run.of_type("RECORD"):
        empty[message["stream"]] -= {
            column for column, value in message["record"].items() if value is not None
        }
    found = {
        f"{stream}.{column}"
        for stream, columns in empty.items()
        for column in columns - {"additional_properties"}
    }
    reasons = {
        f"{stream}.{column}": reason
        for reason, streams in REASONS.items()
        for stream, columns in streams.items()
        for column in columns
    }
    assert sorted(found - reasons.keys()) == []
    assert sorted(reasons.keys() - found) == [], "filled now: remove the reason"
