"""Follows every link of an atlas in a real browser and says which lead nowhere, as JSON.

Runs in an environment that has Playwright, with `tests` on the path: `links_probe.py ATLAS`. A
page is opened once for all links that lead to it, and from there each place in it: what a click
does, without loading a page of megabytes for each of thousands of links.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote, urldefrag

from playwright.sync_api import sync_playwright

from atlas.browser_probe import CHROMIUM, OPTIONS, SIZE

SLOW = 240_000
PHONE = {"width": 390, "height": 844}
WIDER = "() => document.documentElement.scrollWidth - window.innerWidth"
LINKS = """() => [...document.querySelectorAll("a[href]")].map(({href}) =>
    typeof href === "string" ? href : new URL(href.baseVal, document.baseURI).href)"""
# A place is there if the browser shows it once it has been gone to.
PLACES = """async (places) => {
    const wrong = [];
    for (const place of places) {
        location.hash = "#" + place;
        await new Promise((done) => setTimeout(done, 0));
        const found = document.getElementById(decodeURIComponent(place));
        const box = found && found.getBoundingClientRect();
        if (!found) wrong.push([place, "absent"]);
        else if (!found.getClientRects().length) wrong.push([place, "hidden"]);
        else if (box.bottom < 0 || box.top > innerHeight) wrong.push([place, "out of sight"]);
    }
    return wrong;
}"""


def main(atlas: str) -> None:
    """Follow the links of all pages."""
    root = Path(atlas).resolve()
    program = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if program is None:
        sys.exit("No Chromium is installed (Debian: apt-get install chromium)")
    pages, links, complaints = 0, 0, []
    places: dict[str, set[str]] = defaultdict(set)
    wrong: list[list[str]] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        page = browser.new_context(viewport=SIZE, reduced_motion="reduce").new_page()
        page.set_default_timeout(SLOW)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        for file in sorted(root.rglob("*.html")):
            page.goto(file.as_uri())
            found = page.evaluate(LINKS)
            pages, links = pages + 1, links + len(found)
            for address in found:
                target, place = urldefrag(address)
                # What is asked of a page does not change which places it has.
                places[target.partition("?")[0]].add(place)
        page.set_viewport_size(PHONE)
        for file in sorted(root.rglob("*.html")):
            page.goto(file.as_uri())
            if (wider := page.evaluate(WIDER)) > 0:
                wrong.append([file.name, "", f"{wider} px wider than a phone"])
        page.set_viewport_size(SIZE)
        for target, ends in sorted(places.items()):
            path = Path(unquote(target.removeprefix("file://")))
            if not target.startswith("file://") or root not in path.parents:
                wrong.append([target, "", "outside"])
            elif not path.exists():
                wrong.append([path.name, "", "absent"])
            elif path.suffix == ".html":
                page.goto(target)
                missed = page.evaluate(PLACES, sorted(ends - {""}))
                wrong += [[path.name, *one] for one in missed]
        browser.close()
    count = {"pages": pages, "links": links, "ends": sum(map(len, places.values()))}
    said = {**count, "wrong": wrong, "complaints": complaints}
    print(json.dumps(said))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
