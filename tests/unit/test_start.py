"""What a production run must not import: each takes time at every start."""

from __future__ import annotations

import subprocess
import sys

NOT_AT_THE_START = {
    "pyarrow": "only files and large results of Bulk Read need it",
    "yaml": "definitions are compiled",
    "filelock": "most runs find an access token",
    "platformdirs": "only without token_cache_dir",
    "jinja2": "no template is filled in",
    "zohocrm_demo": "only the sample organisation needs it",
    "tap_zohocrm_modules.plan.run_plan": "only --plan makes one",
    "tap_zohocrm_modules.streams.batch": "only batch_config writes files",
    "tap_zohocrm_modules.zoho.records.arrow": "only files and large results of Bulk Read need it",
}


def test_a_start_imports_only_what_every_run_needs() -> None:
    code = "import sys, tap_zohocrm_modules.tap; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    imported = set(done.stdout.split())
    assert "tap_zohocrm_modules.streams.records" in imported
    assert {name: NOT_AT_THE_START[name] for name in NOT_AT_THE_START.keys() & imported} == {}
