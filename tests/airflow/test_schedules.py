"""The example project's schedules, with a wheel of the tap: a new field comes with the next run."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from destinations.plugins import run
from destinations.postgres_server import PASSWORD, USER, PostgresServer
from pipelines.conftest import ROOT, uv
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(1_800)]

DATABASE = "scheduled"
FIELD = "Water_Hardness"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project with an installed tap, whose catalog Meltano keeps."""
    folder = tmp_path / "project"
    shutil.copytree(
        ROOT / "examples" / "meltano", folder, ignore=shutil.ignore_patterns(".meltano", "state")
    )
    run([uv(), "build", "--wheel", "--quiet", "--out-dir", folder, ROOT], timeout=400)
    [wheel] = folder.glob("*.whl")
    definition = folder / "tap-zohocrm-modules.meltano.yml"
    text = definition.read_text("utf-8")
    assert "pip_url: -e ../.." in text
    definition.write_text(text.replace("pip_url: -e ../..", f"pip_url: {wheel}"), "utf-8")
    return folder


def test_a_new_field_comes_with_the_next_scheduled_run(
    project: Path, path: dict[str, str], postgres: PostgresServer
) -> None:
    postgres.create(DATABASE)
    sample = awkward_sample()
    for module in ("Leads", "Contacts", "Accounts", "Deals"):
        sample.records.resize(module, 40)
    with DemoOrganisation(sample) as zoho:
        variables = path | {
            "TARGET_POSTGRES_HOST": "127.0.0.1",
            "TARGET_POSTGRES_PORT": str(postgres.port),
            "TARGET_POSTGRES_USER": USER,
            "TARGET_POSTGRES_PASSWORD": PASSWORD,
            "TARGET_POSTGRES_DATABASE": DATABASE,
            "TAP_ZOHOCRM_MODULES_CLIENT_ID": zoho.client_id,
            "TAP_ZOHOCRM_MODULES_CLIENT_SECRET": zoho.client_secret,
            "TAP_ZOHOCRM_MODULES_REFRESH_TOKEN": zoho.refresh_token,
            "TAP_ZOHOCRM_MODULES_ACCOUNTS_URL": zoho.accounts_url,
            "TAP_ZOHOCRM_MODULES_CUTOFF_LAG": "0",
            "TAP_ZOHOCRM_MODULES_TOKEN_CACHE_DIR": str(project / "tokens"),
        }

        def meltano(*words: str) -> subprocess.CompletedProcess[str]:
            command = ["meltano", "--environment=prod", *words]
            return run(command, folder=project, variables=variables, timeout=800)

        meltano("install")
        meltano("schedule", "run", "zoho-crm-records")
        time.sleep(1.1)  # Zoho's times have whole seconds.
        sample.schema.add_field("Leads", f"{FIELD}|Water hardness (°dH)|double:8|custom")
        leads = [each["id"] for each in itertools.islice(sample.records.read("Leads", "City"), 3)]
        for lead, value in zip(leads, ("4.5", "14", "21.2"), strict=True):
            sample.records.update("Leads", lead, {FIELD: value})
        time.sleep(1.1)
        meltano("schedule", "run", "zoho-crm-records")

    found = postgres.rows(
        DATABASE, f'SELECT id, "{FIELD}" AS value FROM zoho_crm."Leads" WHERE "{FIELD}" IS NOT NULL'
    )
    assert {row["id"]: float(row["value"]) for row in found} == dict(
        zip(leads, (4.5, 14.0, 21.2), strict=True)
    )
    assert os.environ.get("MELTANO_RUN_REFRESH_CATALOG") is None
