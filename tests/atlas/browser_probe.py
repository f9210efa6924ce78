"""Walks through an atlas in a real browser and says what it saw, as JSON.

Runs in an environment that has Playwright: `browser_probe.py ATLAS MODULE FIELD [SCREENSHOTS]`.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Request, sync_playwright

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SMALLEST_LABEL = """() => Math.min(...[...document.querySelectorAll("#map text")].map((text) =>
    parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a))"""
SIZE = {"width": 1440, "height": 1000}


class Walk:
    """One walk in one colour scheme."""

    def __init__(self, browser: Browser, scheme: Any, atlas: Path, shots: Path | None) -> None:
        self.seen: dict[str, Any] = {"complaints": [], "requests": []}
        self._context = browser.new_context(viewport=SIZE, color_scheme=scheme)
        self._page = self._context.new_page()
        self._watch(self._page)
        self._atlas = atlas
        self._shots = shots
        self._scheme = scheme

    def _watch(self, page: Page) -> None:
        complaints, requests = self.seen["complaints"], self.seen["requests"]
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on("requestfailed", lambda failed: complaints.extend(_failure(failed)))
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith("file:") else requests.append(request.url)
            ),
        )

    def open(self, name: str) -> None:
        """Opens a page of the atlas."""
        self._page.goto((self._atlas / name).as_uri())

    def take(self, name: str) -> None:
        """Takes a picture, if pictures are wanted."""
        if self._shots:
            self._page.screenshot(path=self._shots / f"{name}-{self._scheme}.png")

    def overview(self) -> None:
        """The first page, and whether the button changes its colours."""
        page = self._page
        self.open("index.html")
        self.take("overview")
        ground = "getComputedStyle(document.body).backgroundColor"
        before = page.evaluate(ground)
        page.click("#scheme")
        self.seen["ground"] = [before, page.evaluate(ground)]
        page.click("#scheme")

    def search(self, words: str) -> None:
        """Types into the search, and follows the first result."""
        page = self._page
        page.keyboard.press("/")
        page.keyboard.type(words)
        page.wait_for_selector("#found [role=option]")
        self.take("search")
        self.seen["search_ms"] = page.evaluate(
            "words => { const start = performance.now(); find(words, 40);"
            " return performance.now() - start }",
            words.lower().split(),
        )
        page.keyboard.press("Enter")
        page.wait_for_selector("tr:target")
        self.seen["found"] = page.locator("tr:target").inner_text()
        self.take("field")

    def map(self, module: str) -> None:
        """Filters the map by kind and by neighbourhood, and clicks into a module."""
        page = self._page
        self.open("map.html")
        self.take("map")
        seen: dict[str, Any] = {"groups": page.locator("#map .name").all_text_contents()}
        seen["label"] = page.evaluate(SMALLEST_LABEL)
        group = page.evaluate(
            "module => Object.entries(window.atlasMap.groups)"
            ".find(([, group]) => group.members.includes(module))[0]",
            module,
        )
        page.click(f'#map .node[data-id="{group}"]')
        page.wait_for_selector(f'#map .node[data-id="{module}"]')
        self.take("group")
        page.fill("#centre", module)
        page.keyboard.press("Enter")
        page.wait_for_selector("#map .centre")
        seen["near"] = page.locator("#map .node").count()
        self.take("neighbourhood")
        page.click(".map-options summary")
        page.uncheck("[data-node-kind=custom]")
        seen["without_custom"] = page.locator("#map .node").count()
        page.check("[data-node-kind=custom]")
        page.check("#keys")
        seen["keys"] = page.locator("#map .key").all_text_contents()
        seen["dimmed"] = page.locator("#map.pointed").count()
        page.click(f'#map .node[data-id="{module}"]')
        page.wait_for_selector("#section-fields")
        seen["heading"] = page.locator("h1").inner_text()
        self.seen["map"] = seen
        self.take("module")

    def filter(self, words: str) -> None:
        """Filters the fields of the module that is open."""
        self._page.fill("[data-filter=fields]", words)
        self.seen["filtered"] = self._page.locator("#fields tbody tr:visible").count()

    def others(self) -> None:
        """Every page of the navigation, and what the changes say."""
        page = self._page
        self.open("index.html")
        titles = []
        for number in range(page.locator(".side a").count()):
            page.locator(".side a").nth(number).click()
            titles.append(page.locator("h1").first.inner_text())
            self.take(Path(page.url).stem)
        self.seen["titles"] = titles
        self.seen["changes"] = page.locator("#changes tbody tr").all_inner_texts()


def _failure(request: Request) -> list[str]:
    """What a failed request is to be complained of: not that a page has been left meanwhile."""
    return [] if request.failure == "net::ERR_ABORTED" else [f"{request.url}: {request.failure}"]


def main(atlas: str, module: str, field: str, shots: str | None = None) -> None:
    """Walks in both schemes."""
    program = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if program is None:
        sys.exit("No Chromium is installed (Debian: apt-get install chromium)")
    pictures = Path(shots) if shots else None
    seen = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        for scheme in ("light", "dark"):
            walk = Walk(browser, scheme, Path(atlas).resolve(), pictures)
            walk.overview()
            walk.search(f"{module}.{field}")
            walk.map(module)
            walk.filter(field)
            walk.others()
            seen[scheme] = walk.seen
        browser.close()
    print(json.dumps(seen))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
