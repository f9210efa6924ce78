"""What `tap_zohocrm_modules.read()` needs: what it imports, where its settings come from."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from support.demo import config_for, sample_demo

import tap_zohocrm_modules
from zohocrm_demo import DemoOrganisation

LEADS = 30


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoOrganisation]:
    with sample_demo() as organisation:
        organisation.organisation.records.resize("Leads", LEADS)
        yield organisation


_PROGRAM = """
import json, sys
import tap_zohocrm_modules
with tap_zohocrm_modules.read("Leads", fields=["Email"], config=json.loads(sys.argv[1])) as reader:
    rows = reader.read_all().num_rows
print(rows, *sorted({*sys.modules} & {*sys.argv[2:]}))
"""
_NOT_FOR_A_READ = [
    *["singer_sdk", "singer", "sqlalchemy", "jsonschema", "simpleeval", "fsspec", "jinja2", "yaml"],
    *["zohocrm_demo", "zohocrm_atlas", "zohocrm_conformance"],
    *[f"tap_zohocrm_modules.{room}" for room in ("cli", "tap", "streams", "plan", "probe")],
    *[f"tap_zohocrm_modules.{room}" for room in ("verify", "set_up", "zoho.audit_log")],
    *["duckdb", "pandas", "pyarrow.dataset", "pyarrow.parquet", "pyarrow.fs"],
    *["multiprocessing", "unittest"],
]


def test_it_imports_neither_singer_nor_the_sample_organisation(demo: DemoOrganisation) -> None:
    command = [sys.executable, "-W", "error", "-c", _PROGRAM, json.dumps(config_for(demo))]
    command += _NOT_FOR_A_READ
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.split() == [str(LEADS)]


def test_without_settings_those_of_the_environment_count(
    demo: DemoOrganisation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for key, value in config_for(demo).items():
        monkeypatch.setenv(f"TAP_ZOHOCRM_MODULES_{key.upper()}", value)
    with tap_zohocrm_modules.read("Leads", since=date(2000, 1, 1)) as reader:
        assert isinstance(reader, pa.RecordBatchReader)
        assert reader.read_all().num_rows == LEADS


_WITHOUT_PYARROW = """
import sys
sys.modules["pyarrow"] = None
import tap_zohocrm_modules
tap_zohocrm_modules.read("Leads")
"""


def test_without_pyarrow_the_error_says_what_to_install() -> None:
    command = [sys.executable, "-c", _WITHOUT_PYARROW]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    *_, last = run.stderr.splitlines()
    assert last.startswith("tap_zohocrm_modules.config.parsing.SettingsError: read() needs pyarrow")
    assert last.endswith("install tap-zohocrm-modules[arrow]")
