"""Where fields of the sample are used, against rows of the messages that name them by their ids."""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.sample import awkward_sample

from atlas.messages import run
from atlas.test_links import metadata
from zohocrm_atlas.intake.listings import BY_STREAM
from zohocrm_demo import DemoOrganisation

FIELDS = 50
_MERGE = re.compile(r"\$\{!?([A-Za-z0-9_]+)\.([^{}$]+)\}")
_NO_USES = frozenset({"fields", "picklist_values", "relationships", "modules"})
"""Streams that describe fields: that they name one is not a use."""


def _texts(value: Any) -> Iterator[str]:
    """All texts in a row, those in JSON within texts among them."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str):
        yield value
        if value[:1] in {"{", "["}:
            try:
                yield from _texts(json.loads(value))
            except ValueError:
                return


def _named(rows: list[tuple[str, dict[str, Any]]]) -> dict[str, dict[str, int]]:
    """For each text, and each `Module.Field` in a merge field: how many rows of each stream."""
    found: dict[str, dict[str, int]] = {}
    for stream, row in rows:
        texts = set(_texts({**row, "id": ""}))
        merged = {f"{m[1]}.{m[2]}" for text in texts for m in _MERGE.finditer(text)}
        for text in texts | merged:
            counts = found.setdefault(text, {})
            counts[stream] = counts.get(stream, 0) + 1
    return found


def _shown(atlas: Path, page: str, row: str) -> dict[str, int]:
    text = (atlas / page).read_text("utf-8")
    (found,) = re.findall(rf'<tr id="{re.escape(row)}".*?</tr>', text, re.DOTALL)
    listed = found.rpartition('<details class="used">')[2] if 'class="used"' in found else ""
    titles = {listing.title: stream for stream, listing in BY_STREAM.items()}
    titles["Layouts"] = "layouts"
    return {
        titles.get(html.unescape(kind), kind): places.count("<bdi>")
        for kind, places in re.findall(r"<li><b>(.*?)</b>(.*?)</li>", listed, re.DOTALL)
        if kind != "Fields"
    }


@pytest.mark.nightly
def test_fifty_fields_are_used_where_the_messages_name_them(tmp_path: Path) -> None:
    with DemoOrganisation(awkward_sample) as demo:
        lines = metadata(demo).decode().split("\n")[:-1]
    run(tmp_path / "atlas", lines)
    messages = [each for each in map(json.loads, lines) if each["type"] == "RECORD"]
    rows = [(each["stream"], each["record"]) for each in messages if each["stream"] not in _NO_USES]
    named = _named(rows)
    fields = [each["record"] for each in messages if each["stream"] == "fields"]
    used = [field for field in fields if field["id"] in named]
    differing = {}
    for field in random.Random(29).sample(used, FIELDS):
        module, name = field["module_api_name"], field["api_name"]
        wanted = dict(named[field["id"]])
        for stream, count in named.get(f"{module}.{name}", {}).items():
            wanted[stream] = wanted.get(stream, 0) + count
        shown = _shown(tmp_path / "atlas", f"modules/{module}.html", name)
        if shown != wanted:
            differing[f"{module}.{name}"] = (wanted, shown)
    assert not differing, json.dumps(differing, indent=1)
