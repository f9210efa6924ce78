# /// script
# requires-python = ">=3.10,<3.15"
# dependencies = [
#   "ipykernel>=7", "matplotlib>=3.10", "nbconvert>=7", "pandas>=2.2", "tap-zohocrm-modules[arrow]"
# ]
#
# [tool.uv.sources]
# tap-zohocrm-modules = { path = ".." }
# ///
"""Run the notebook of the docs on the sample organisation, and make its picture in the docs.

    uv run scripts/screenshot_notebook.py

Needs Chromium (Debian: `apt-get install chromium`).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
NOTEBOOK = PROJECT / "examples" / "notebook" / "deals.ipynb"
PICTURE = PROJECT / "docs" / "images" / "notebook.png"
SIZE = "900,1500"


def main() -> None:
    """Run it, and let Chromium draw the page."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("Chromium is not installed")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "notebook.html")
        run = [sys.executable, "-m", "nbconvert", "--execute", "--to=html", f"--output={page}"]
        subprocess.run([*run, str(NOTEBOOK)], check=True)  # noqa: S603 - our own
        draw = [chromium, "--headless=new", "--no-sandbox", "--hide-scrollbars"]
        draw += [f"--window-size={SIZE}", f"--screenshot={PICTURE}", page.as_uri()]
        subprocess.run(draw, check=True, stderr=subprocess.DEVNULL)  # noqa: S603 - our own


if __name__ == "__main__":
    main()
