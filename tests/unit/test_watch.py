"""What Zoho publishes and nobody has decided on turns the watch red.

The sources are made up here in the forms that Zoho's page and files have.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
NAVIGATION = yaml.safe_load((SCRIPTS / "zoho" / "navigation.yaml").read_text("utf-8"))
ADDRESS = "https://www.zoho.com/crm/developer/docs/api/v8"


def watch(*words: str | Path) -> tuple[int, list[str]]:
    """Run the watch; its code, and its lines."""
    done = subprocess.run(
        [sys.executable, SCRIPTS / "watch_zoho.py", *words],
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr.splitlines()


def navigation(folder: Path, pages: Sequence[str], *, html: bool) -> Path:
    """Write a navigation as Zoho's page has it, or as Markdown."""
    file = folder / "navigation"
    shape = '<li><a href="{}"><span>GET</span> Something</a></li>' if html else "- [GETIt]({})"
    others = ['<a href="/x.html">Home</a>', f"[POSTIt]({ADDRESS}/create-it.html)"]
    lines = [*others, *(shape.format(f"{ADDRESS}/{page}.html") for page in pages)]
    file.write_text("\n".join(lines), "utf-8")
    return file


def openapi(folder: Path, path: str, key: str, *columns: str) -> Path:
    """Write an OpenAPI file with one GET."""
    row = {"type": "object", "properties": {name: {"type": "string"} for name in columns}}
    schema = {"type": "object", "properties": {key: {"type": "array", "items": row}}}
    answer = {"200": {"content": {"application/json": {"schema": schema}}}}
    parameters = [{"in": "query", "name": "since", "schema": {"type": "string"}}]
    content = {"paths": {path: {"get": {"parameters": parameters, "responses": answer}}}}
    (folder / "one.json").write_text(json.dumps(content), "utf-8")
    return folder


def test_everything_that_is_known_is_decided() -> None:
    assert watch() == (0, [])
    assert len(NAVIGATION["navigation"]) == 123, "124 links, one page twice"


@pytest.mark.parametrize("html", [True, False])
def test_one_more_page_turns_it_red(tmp_path: Path, html: bool) -> None:
    known = NAVIGATION["navigation"]
    assert watch("--navigation", navigation(tmp_path, known, html=html)) == (0, [])
    code, lines = watch("--navigation", navigation(tmp_path, [*known, "get-it"], html=html))
    assert code == 1
    assert lines == ["new page: get-it", "page get-it: in no definition, and not in not_read.yaml"]


def test_a_navigation_of_another_form_is_no_silence(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("<html><script>render()</script></html>", "utf-8")
    code, (line,) = watch("--navigation", file)
    assert code == 1
    assert "no link that begins with GET" in line


def test_a_new_call_parameter_and_column_turn_it_red(tmp_path: Path) -> None:
    code, lines = watch(
        "--openapi", openapi(tmp_path, "/crm/v8/settings/forecasts", "forecasts", "id")
    )
    assert code == 1
    assert lines == [
        "new call: GET /settings/forecasts",
        "GET /settings/forecasts: in no definition, and not in not_read.yaml",
    ]
    code, lines = watch(
        "--openapi", openapi(tmp_path, "/crm/v8/settings/tags", "tags", "id", "mood")
    )
    assert code == 1
    assert lines == [
        "GET /settings/tags: new parameter since",
        "GET /settings/tags: new column mood",
        "GET /settings/tags: no definition has the column mood",
    ]


def test_the_page_on_what_is_covered_knows_everything() -> None:
    text = (ROOT / "docs" / "reference" / "coverage.md").read_text("utf-8")
    rows = re.findall(r"^\| (\[|`GET ).+ \| (.+) \|$", text, re.MULTILINE)
    assert len(rows) > 300
    assert [row for row in rows if row[1] == "unknown"] == []
