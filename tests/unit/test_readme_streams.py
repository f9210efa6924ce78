"""The README's table of streams is the table of endpoints."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tap_zohocrm_modules.zoho.metadata import ENDPOINTS

ROOT = Path(__file__).parent.parent.parent


def test_the_readme_has_the_table_as_the_script_writes_it() -> None:
    script = ROOT / "scripts" / "write_streams.py"
    done = subprocess.run([sys.executable, script, "--check"], check=False)
    assert done.returncode == 0, "run: python scripts/write_streams.py"


def test_every_stream_is_in_the_readme_with_its_scope() -> None:
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    for name, endpoint in ENDPOINTS.items():
        line = next(line for line in lines if line.startswith(f"| [`{name}`]"))
        assert all(f"`{scope}`" in line for scope in endpoint.scope.split())
