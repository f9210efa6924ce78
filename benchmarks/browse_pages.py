# /// script
# requires-python = ">=3.10"
# dependencies = ["playwright>=1.55,<2"]
# ///
"""Opens pages in Chromium and says when each was seen: what first_sight measures.

Usage: python browse_pages.py ADDRESSES.json

Prints, for each address, milliseconds from the start of loading to the first text on the screen.
"""

import json
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
SIZE = {"width": 1440, "height": 1000}
SEEN = """() => new Promise((done) => {
    const look = () => {
        const [paint] = performance.getEntriesByName("first-contentful-paint");
        if (paint) done(paint.startTime); else requestAnimationFrame(look);
    };
    look();
})"""


def main(file: str) -> None:
    """Open the addresses one after the other."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not where this is imported

    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        sys.exit("No Chromium is installed (Debian: apt-get install chromium)")
    addresses = json.loads(Path(file).read_text("utf-8"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        page = browser.new_context(viewport=SIZE).new_page()
        seen = []
        for address in addresses:
            page.goto(address, timeout=120_000)
            seen.append(page.evaluate(SEEN))
        browser.close()
    print(json.dumps(seen))  # noqa: T201 - its whole output


if __name__ == "__main__":
    main(*sys.argv[1:])
