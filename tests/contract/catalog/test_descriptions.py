"""What a warehouse's own catalog says of every column."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from support.demo import read
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation


def columns(schema: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, column in schema.get("properties", {}).items():
        yield f"{path}.{name}", column
        yield from columns(column.get("items", column), f"{path}.{name}")


def test_every_column_is_typed_described_and_at_most_four_deep() -> None:
    with DemoOrganisation(awkward_sample) as demo:
        found = json.loads(read(demo, "--discover", catalog=None).stdout)["streams"]
    every = [one for stream in found for one in columns(stream["schema"], stream["stream"])]
    assert len(every) > 3000
    assert [path for path, column in every if "type" not in column] == []
    assert [path for path, column in every if len(column["description"].split()) < 3] == []
    assert [path for path, _ in every if path.count(".") > 4] == []
    # What loaders choke on.
    odd = {"enum", "multipleOf", "anyOf", "oneOf", "maxLength"}
    assert [path for path, column in every if odd & column.keys()] == []
    of_two = [
        path
        for path, column in every
        if isinstance(column["type"], list) and len({*column["type"]} - {"null"}) != 1
    ]
    assert of_two == []
