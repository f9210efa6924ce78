"""The pages say what the streams hold, and that they do not know what did not come."""

from __future__ import annotations

import html
import html.parser
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from typing_extensions import override

from atlas.messages import files, messages, organisation, run

HOSTILE = '</title><script>alert("x")</script><img src=x onerror=alert(1)>\'"&{{ 7*7 }} \\N'


class Page(html.parser.HTMLParser):
    """What of a page matters here: its elements, ids, links and text."""

    def __init__(self, source: bytes) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(source.decode())

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids.add(found.get("id", ""))
        self.links += [found["href"]] if "href" in found else []
        self.scripts += [found.get("src", "inline")] if tag == "script" else []
        self.handlers += [name for name in found if name.startswith("on")]

    @override
    def handle_data(self, data: str) -> None:
        self.text += f"{data} "


@pytest.fixture
def pages(tmp_path: Path) -> dict[str, Page]:
    run(tmp_path / "atlas", messages(organisation()))
    return _pages(tmp_path / "atlas")


def _pages(atlas: Path) -> dict[str, Page]:
    return {name: Page(text) for name, text in files(atlas).items() if name.endswith(".html")}


def test_every_link_leads_to_something_in_the_folder(tmp_path: Path) -> None:
    atlas = tmp_path / "atlas"
    run(atlas, messages(organisation()))
    pages = _pages(atlas)
    broken = []
    for name, page in pages.items():
        for link in page.links:
            address, _, fragment = unquote(link).partition("#")
            address = address.partition("?")[0]
            target = ((atlas / name).parent / address).resolve() if address else atlas / name
            there = pages.get(target.relative_to(atlas.resolve()).as_posix())
            if not target.exists() or (there and fragment and fragment not in there.ids):
                broken.append((name, link))
    assert broken == []


def test_a_module_page_shows_its_fields_values_and_relationships(pages: dict[str, Page]) -> None:
    text = " ".join(pages["modules/Boats.html"].text.split())
    assert re.search(r"Boat name\s*Name text 80 required by layout", text)
    assert re.search(r"State\s*State picklist .*Afloat\s*Sunk", text)
    assert "What leads here Crews lookup by Boat" in text


def test_markup_in_any_name_is_shown_as_text(tmp_path: Path) -> None:
    rows: Any = organisation()
    for several in rows.values():
        for row in several:
            for key in ("plural_label", "display_label", "display_value", "name", "company_name"):
                if key in row:
                    row[key] = HOSTILE
    rows["webhooks"] = [{"id": "w1", "name": HOSTILE, "module": {"api_name": "Boats"}}]
    run(tmp_path / "atlas", messages(rows))
    for name, page in _pages(tmp_path / "atlas").items():
        assert page.handlers == [], name
        assert "inline" not in page.scripts, name
        assert "49" not in page.text.replace("\n", " ").split(), name
    module = _pages(tmp_path / "atlas")["modules/Boats.html"]
    assert module.text.count(HOSTILE) > 5


def test_ten_thousand_characters_are_shown_whole(tmp_path: Path) -> None:
    rows = organisation()
    label = "Bootsführerschein 船舶免許 رخصة " * 400
    rows["fields"][0]["display_label"] = label.strip()
    run(tmp_path / "atlas", messages(rows))
    assert label.strip() in _pages(tmp_path / "atlas")["modules/Boats.html"].text


@pytest.mark.parametrize("stream", ["fields", "layouts", "relationships", "profiles"])
def test_a_stream_that_was_not_selected_is_named(tmp_path: Path, stream: str) -> None:
    rows = organisation()
    del rows[stream]
    run(tmp_path / "atlas", messages(rows))
    page = "permissions.html" if stream == "profiles" else "modules/Boats.html"
    assert f"The stream {stream} was not in this read" in _pages(tmp_path / "atlas")[page].text


def test_a_stream_that_failed_is_not_shown_as_empty(tmp_path: Path) -> None:
    rows = {**organisation(), "webhooks": []}
    run(tmp_path / "atlas", messages(rows, whole=set(rows) - {"webhooks"}))
    text = _pages(tmp_path / "atlas")["automation.html"].text
    assert "The stream webhooks was not read to its end" in text


def test_a_stream_that_is_empty_is_shown_as_empty(tmp_path: Path) -> None:
    run(tmp_path / "atlas", messages({**organisation(), "webhooks": []}))
    text = " ".join(_pages(tmp_path / "atlas")["automation.html"].text.split())
    assert "Webhooks None." in text


def test_names_that_differ_in_case_alone_have_pages_of_their_own(tmp_path: Path) -> None:
    rows = organisation()
    rows["modules"][1]["api_name"] = "BOATS"
    run(tmp_path / "atlas", messages(rows))
    names = [name for name in _pages(tmp_path / "atlas") if name.startswith("modules/")]
    assert len({name.casefold() for name in names}) == 2


def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    rows = organisation()
    rows["modules"][1]["api_name"] = "../../../evil"
    run(tmp_path / "atlas", messages(rows))
    assert [each.name for each in tmp_path.iterdir()] == ["atlas"]


def test_what_may_be_a_secret_is_on_no_page(tmp_path: Path) -> None:
    rows = organisation()
    rows["webhooks"] = [
        {"id": "w1", "name": "Call", "url": "https://me:s3cret@hook.example/in?key=s3cret"}
    ]
    rows["variables"] = [{"id": "x1", "name": "Key", "value": "s3cret"}]
    rows["notifications"] = [{"channel_id": "1", "resource_id": "2", "token": "s3cret"}]
    run(tmp_path / "atlas", messages(rows))
    found = files(tmp_path / "atlas")
    assert "https://hook.example/in" in html.unescape(found["automation.html"].decode())
    assert [name for name, content in found.items() if b"s3cret" in content] == []


def test_the_cost_of_the_read_is_shown_if_the_tap_says_it(tmp_path: Path) -> None:
    report = [{"stream": "fields", "calls": 3, "credits": 5}, {"stream": "org", "calls": 1}]
    run(tmp_path / "atlas", messages({**organisation(), "sync_report": report}))
    assert "It cost 5 credits in 4 calls" in _pages(tmp_path / "atlas")["index.html"].text


def test_a_stream_read_by_increments_is_named(tmp_path: Path) -> None:
    lines = messages(organisation(), whole=())
    state: dict[str, Any] = {"bookmarks": {key: {} for key in organisation()}}
    state["bookmarks"]["fields"] = {"replication_key": "modified_time"}
    lines[-1] = json.dumps({"type": "STATE", "value": state})
    run(tmp_path / "atlas", lines)
    text = _pages(tmp_path / "atlas")["modules/Boats.html"].text
    assert "The stream fields was not read to its end. It is read by increments" in text


def test_a_page_is_marked_with_how_much_its_lists_hold(tmp_path: Path) -> None:
    rows = {**organisation(), "pipelines": [{"id": "1", "name": "Sales"}, {"id": "2"}]}
    run(tmp_path / "atlas", messages(rows))
    page = " ".join(_pages(tmp_path / "atlas")["picklists.html"].text.split())
    found = re.findall(r"(Pipelines|Picklist fields|Picklists) (\d+)", page)
    assert dict(found) == {"Pipelines": "2", "Picklist fields": "1", "Picklists": "3"}


def test_the_criteria_of_several_rules_are_in_words(tmp_path: Path) -> None:
    rule = {"comparator": "equal", "field": {"api_name": "State"}, "value": "Sunk"}
    several = {"field_rules": [{"id": "r1", "score": 5, "criteria": json.dumps(rule)}]}
    rows = [{"id": "s1", "name": "Sinking", "manual_scoring_rule": several}]
    run(tmp_path / "atlas", messages({**organisation(), "scoring_rules": rows}))
    text = " ".join(_pages(tmp_path / "atlas")["automation.html"].text.split())
    assert "Sinking State equal Sunk" in text


def test_where_a_kiosk_is_used_is_in_words(tmp_path: Path) -> None:
    places = [
        {"type": "detail_view_page", "resources": [{"module": {"api_name": "Boats", "id": "m1"}}]},
        {"type": "blueprint", "resources": [{"name": "Launching", "id": "b1"}]},
    ]
    rows = [{"kiosk_id": "k1", "_associations": json.dumps(places)}]
    run(tmp_path / "atlas", messages({**organisation(), "kiosk_associations": rows}))
    text = " ".join(_pages(tmp_path / "atlas")["automation.html"].text.split())
    assert "k1 detail_view_page, blueprint Boats Launching" in text


def test_a_cell_without_a_value_is_empty(tmp_path: Path) -> None:
    # On a phone, where a cell is a line, it is left out with its title then.
    rows = organisation()
    rows["roles"] = [{"id": "r1", "name": "Skipper", "description": ""}]
    run(tmp_path / "atlas", messages(rows))
    people = (tmp_path / "atlas" / "people.html").read_text("utf-8")
    assert '<td data-title="Description"></td>' in people
