"""The pages of the streams are as the definitions have them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_pages_are_as_the_script_writes_them() -> None:
    script = ROOT / "scripts" / "write_streams.py"
    done = subprocess.run([sys.executable, script, "--check"], check=False)
    assert done.returncode == 0, "run: python scripts/write_streams.py"
