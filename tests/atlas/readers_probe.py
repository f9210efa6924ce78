"""Reads an atlas as people do, and says what it saw, as JSON.

Runs in an environment that has Playwright and axe-core, with `tests` on the path:
`readers_probe.py ATLAS QUESTIONS`. A question is a permission, a module and a field, or no field.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from atlas.browser_probe import CHROMIUM, OPTIONS, SIZE
from atlas.links_probe import PHONE, WIDER

# Pages forbid asking for style sheets a second time. Of rules without a finding axe would
# otherwise describe every element, which takes more than half of its time.
RULES = {"preload": False, "resultTypes": ["violations"]}
PAGES = (
    *("index", "map", "modules", "automation", "people", "permissions", "picklists", "templates"),
    *("portals", "settings", "health", "odd", "changes"),
)
ANSWER = """() => [...document.querySelectorAll("#ask-who details")].map((each) => [
    each.querySelector("summary").textContent,
    [...each.querySelectorAll("li")].map((one) => one.textContent)])"""
# Graphviz decides which boxes lie outermost; each has to begin within what is seen of the map.
OUTSIDE = """() => {
    const seen = document.getElementById("map").getBoundingClientRect();
    return [...document.querySelectorAll("#map .node")].filter((node) => {
        const box = node.getBoundingClientRect();
        return box.left < seen.left - 1 || box.right > seen.right + 1;
    }).map((node) => node.dataset.id);
}"""

CUT = """() => [...document.querySelectorAll("input[placeholder]")].filter((input) => {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = getComputedStyle(input).font;
    return input.clientWidth && pen.measureText(input.placeholder).width > input.clientWidth;
}).map((input) => input.placeholder)"""
# Sentences longer than 40rem are broken so that they can be read.
BROKEN = """() => [...document.querySelectorAll("td > bdi, td .long")].filter((words) => {
    const { display, lineHeight } = getComputedStyle(words);
    const { width, height } = words.getBoundingClientRect();
    const lines = height / parseFloat(lineHeight);
    const room = words.closest("td").clientWidth - width;
    return display !== "inline" && lines > 1.5 && room > 160 && width < 600;
}).map((words) => words.textContent.slice(0, 80))"""


def addresses(atlas: Path) -> list[str]:
    """One of each kind of page, and what the map and the permissions show when asked."""
    (module,) = sorted(page.stem for page in (atlas / "modules").glob("Deals.html"))
    asked = ("map.html#group-Sales", f"map.html#near={module}")
    answered = f"permissions.html?right=View&module={module}#section-ask"
    return [*(f"{page}.html" for page in PAGES), f"modules/{module}.html", *asked, answered]


def ask(page: Page, question: list[str]) -> Any:
    """The lists that the page of permissions answers with, and what it says above them."""
    for name, value in zip(("permission", "module", "field"), question, strict=True):
        page.select_option(f"#ask-{name}", value)
    return [page.inner_text("#ask-who p"), page.evaluate(ANSWER), page.url.partition("?")[2]]


def walk(browser: Browser, atlas: Path, scheme: Any, size: Any) -> dict[str, Any]:
    """What axe finds on each page, and what does not fit or breaks where it would."""
    page = browser.new_context(viewport=size, color_scheme=scheme).new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    found: dict[str, Any] = {}
    for address in addresses(atlas):
        page.goto(f"{atlas.as_uri()}/{address}")
        several = Axe().run(page, options=RULES).response["violations"]
        wrong = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in several]
        if page.evaluate(WIDER) > 0:
            wrong.append("wider than the window")
        if cut := page.evaluate(CUT):
            wrong.append(f"cut: {cut}")
        if broken := page.evaluate(BROKEN):
            wrong.append(f"broken beside room: {broken[:3]}")
        if "near=" in address and (outside := page.evaluate(OUTSIDE)):
            wrong.append(f"begin outside the map: {outside}")
        if wrong:
            found[address] = wrong
    page.context.close()
    return found | ({"complaints": complaints} if complaints else {})


def main(atlas: str, questions: str) -> None:
    """Walk with both schemes and sizes, then ask."""
    root = Path(atlas).resolve()
    program = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if program is None:
        sys.exit("No Chromium is installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        walks = {
            f"{scheme} {size['width']}": walk(browser, root, scheme, size)
            for scheme in ("light", "dark")
            for size in (SIZE, PHONE)
        }
        page = browser.new_context(viewport=PHONE).new_page()
        page.goto((root / "permissions.html").as_uri())
        answers = [ask(page, question) for question in json.loads(questions)]
        browser.close()
    said = {"pages": len(addresses(root)), "walks": walks, "answers": answers}
    print(json.dumps(said))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
