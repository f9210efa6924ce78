"""The site as it is built: what a page's source has is what its reader sees."""

from __future__ import annotations

import html.parser
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from pipelines.conftest import ROOT, uv
from typing_extensions import override

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
FENCE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
ITEM = re.compile(r"^ {0,3}(\d+)\. ", re.MULTILINE)
CHROMIUM = next(filter(shutil.which, ("chromium", "chromium-browser", "google-chrome")), "")
# Each name in a cell that stands on more than one line.
SPLIT = """
<script>window.addEventListener("load", () => {
  const found = [...document.querySelectorAll("td code")].filter(
    (code) => !/\\s/.test(code.textContent) && code.getClientRects().length > 1);
  document.title = "split:" + JSON.stringify(found.map((code) => code.textContent));
});</script>
"""


class Page(html.parser.HTMLParser):
    """A page's own content: how often each tag occurs, and its text outside of code."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.items: list[int] = []
        self.text = ""
        self._open: list[str] = []
        self._in_content = False
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag == "article":
            self._in_content = True
        if not self._in_content:
            return
        self.tags[tag] += 1
        if tag in {"ol", "ul"}:
            self.items.append(0)
            self._open.append(tag)
        if tag == "li":
            self.tags[f"li of {self._open[-1]}"] += 1
        if tag in {"pre", "code"}:
            self._open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "article":
            self._in_content = False
        if tag in {"ol", "ul", "pre", "code"} and tag in self._open:
            self._open.remove(tag)

    @override
    def handle_data(self, data: str) -> None:
        if self._in_content and not {"pre", "code"} & {*self._open}:
            self.text += data


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built without a warning: every link and anchor leads somewhere."""
    folder = tmp_path_factory.mktemp("site")
    words = [uv(), "run", "--isolated", "--only-group=docs", "mkdocs", "build", "--strict"]
    # With addresses of files, as a browser without a server needs them.
    (folder / "mkdocs.yml").write_text(
        f"INHERIT: {ROOT / 'mkdocs.yml'}\ndocs_dir: {DOCS}\nuse_directory_urls: false\n"
    )
    subprocess.run(
        [*words, "--config-file", folder / "mkdocs.yml", "--site-dir", folder / "site"],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        check=True,
        timeout=600,
    )
    return folder / "site"


def built(site: Path, page: Path) -> Path:
    name = page.relative_to(DOCS).with_suffix(".html")
    return site / (name.with_name("index.html") if name.stem == "README" else name)


def test_ordered_lists_go_on(site: Path) -> None:
    """An item that a block interrupts would begin a list of its own, at 1 again."""
    lists = 0
    for page in PAGES:
        source = FENCE.sub("", page.read_text("utf-8"))
        numbers = [int(number) for number in ITEM.findall(source)]
        found = Page(built(site, page).read_text("utf-8"))
        assert found.tags["ol"] == numbers.count(1), page
        assert found.tags["li of ol"] == len(numbers), page
        lists += found.tags["ol"]
    assert lists >= 10


def test_no_block_of_code_is_swallowed(site: Path) -> None:
    blocks = 0
    for page in PAGES:
        fences = len(FENCE.findall(page.read_text("utf-8")))
        found = Page(built(site, page).read_text("utf-8"))
        assert found.tags["pre"] == fences, page
        assert "```" not in found.text, page
        blocks += fences
    assert blocks >= 100


def test_no_table_is_left_as_text(site: Path) -> None:
    for page in PAGES:
        found = Page(built(site, page).read_text("utf-8"))
        assert "| ---" not in found.text, page
        source = FENCE.sub("", page.read_text("utf-8"))
        assert found.tags["table"] == len(re.findall(r"^ *\|(?: ?-+ ?\|)+$", source, re.MULTILINE))


def test_every_page_is_in_the_navigation_and_in_the_search(site: Path) -> None:
    home = (site / "index.html").read_text("utf-8")
    index = json.loads((site / "search" / "search_index.json").read_text("utf-8"))
    found = {entry["location"].partition("#")[0] for entry in index["docs"]}
    listed = (ROOT / "mkdocs.yml").read_text("utf-8")
    for page in PAGES:
        name = str(page.relative_to(DOCS))
        assert f"- {name}\n" in listed, name
        location = built(site, page).relative_to(site).as_posix()
        assert location.replace("index.html", "") in found or location in found, name
    assert 'href="streams/index.html"' in home


@pytest.mark.skipif(not CHROMIUM, reason="needs Chromium")
@pytest.mark.parametrize(
    "name", ["reference/settings", "set-up", "destinations", "reference/scopes", "streams/users"]
)
def test_no_name_in_a_table_is_split(site: Path, name: str) -> None:
    page = site / f"{name}.html"
    text = page.read_text("utf-8").replace("</body>", f"{SPLIT}</body>")
    probe = page.with_name(f"{page.stem}-probe.html")
    probe.write_text(text, "utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"]
    done = subprocess.run(
        [CHROMIUM, *options, "--dump-dom", probe.as_uri()],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=True,
    )
    probe.unlink()
    title = re.search(r"<title>split:(.*?)</title>", done.stdout)
    assert title
    assert json.loads(title[1]) == []
