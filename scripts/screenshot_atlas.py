# /// script
# requires-python = ">=3.10,<3.15"
# dependencies = ["playwright>=1.55,<2"]
# ///
"""Make the pictures of the atlas in the docs: `docs/images/atlas-*.png`.

    uv run scripts/screenshot_atlas.py output/atlas

The atlas must be that of the sample organisation, so that no picture shows anybody's CRM. Needs
Chromium (Debian: `apt-get install chromium`).
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
IMAGES = PROJECT / "docs" / "images"
PROBE = PROJECT / "tests" / "atlas" / "browser_probe.py"
SAMPLE = "Brightwater Instruments"
WANTED = ("overview-light", "neighbourhood-dark")


def main(atlas: Path) -> None:
    """Walk through the atlas and keep some of the pictures."""
    if SAMPLE not in (atlas / "index.html").read_text("utf-8"):
        sys.exit(f"{atlas} is not the atlas of the sample organisation, {SAMPLE}")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, str(PROBE), str(atlas), "Deals", "Stage", folder]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        for name in WANTED:
            shutil.copyfile(Path(folder, f"{name}.png"), IMAGES / f"atlas-{name}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
