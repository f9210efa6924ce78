"""The queries that are sent compile for databases that no test can reach."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from destinations.plugins import run
from pipelines.conftest import ROOT

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(600)]

SNOWFLAKE, BIGQUERY = "snowflake-sqlalchemy==2.1.0", "sqlalchemy-bigquery==1.17.3"


def test_snowflake_and_bigquery(environment: Callable[..., Path]) -> None:
    programs = environment(str(ROOT), SNOWFLAKE, BIGQUERY)
    done = run([programs / "python", Path(__file__).with_name("dialects_probe.py")])
    queries = json.loads(done.stdout)
    snowflake = (
        'SELECT zoho.leads.id, zoho.leads.modified_time, zoho.leads."Remind Participants",'
        " zoho.leads._sdc_deleted_at FROM zoho.leads"
    )
    assert queries["snowflake"] == [snowflake, f"{snowflake} WHERE zoho.leads.id IN ('1', '2')"]
    bigquery = (
        "SELECT `leads`.`id`, `leads`.`modified_time`, `leads`.`Remind Participants`,"
        " `leads`.`_sdc_deleted_at` FROM `zoho`.`leads`"
    )
    assert queries["bigquery"] == [bigquery, f"{bigquery} WHERE `leads`.`id` IN ('1', '2')"]
