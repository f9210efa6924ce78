"""What the compiler of definitions refuses: the error names the file, the key and the reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from definition_compiler import DefinitionError, compile_folder

SHAPES = "user:\n  id: string | Id of a user.\n"
THINGS = """about: Things, one row per thing.
page: get-things
path: /things
rows: things
scope: ZohoCRM.things.READ
columns:
  id: string | Id of the thing.
  made_by: user | By whom the thing was made.
  sizes: string[] (small, large) | Sizes that it comes in.
  parts:
    is: object | What it is made of.
    has:
      at: date-time | When the part came.
      lots:
        is: object[] | Lots of the part.
        has:
          at: date-time | When the lot came.
"""


def compiled(folder: Path, definition: str) -> str:
    (folder / "shapes.yaml").write_text(SHAPES, "utf-8")
    (folder / "things.yaml").write_text(definition, "utf-8")
    return compile_folder(folder)


def test_a_definition_becomes_an_endpoint_and_a_schema(tmp_path: Path) -> None:
    things = json.loads(compiled(tmp_path, THINGS))["things"]
    assert things["endpoint"]["name"] == "things"
    properties = things["schema"]["properties"]
    lot_time = {"type": ["string", "null"], "format": "date-time"}
    assert properties["id"] == {"type": "string", "description": "Id of the thing."}
    assert properties["sizes"] == {
        "type": ["array", "null"],
        "description": "Sizes that it comes in. One of: small, large.",
        "items": {"type": "string"},
    }
    assert list(properties["made_by"]["properties"]) == ["id"]
    parts = properties["parts"]["properties"]
    assert parts["at"]["contentMediaType"] == "text/x-date-time"
    assert parts["lots"]["items"]["properties"]["at"].items() >= lot_time.items()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("path:", "route:", "the definition has an unknown key: route"),
        ("rows: things", "rows: things\nper_page: many", "per_page"),
        ("rows: things", "detail: {path: /x, columns: {}, whence: y}", "detail has an unknown key"),
        ("rows: things", "keys: [id, number]", "columns lack number"),
        ("id: string |", "id: text |", "id has the unknown type text"),
        ("made_by: user |", "made_by: object |", "made_by has the unknown type object"),
        ("made_by: user", "made-by: user", "made-by is not a column name"),
        ("Id of the thing.", "Id of the thing", "id is not written as TYPE | What it holds"),
        ("    is: object |", "    was: object |", "parts needs the keys is and has"),
        ("date-time | When the lot came.", "{is: object | A., has: {a: user | B.}}", "nest"),
    ],
)  # fmt: skip
def test_what_the_format_does_not_know_is_refused(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    assert old in THINGS
    with pytest.raises(DefinitionError) as error:
        compiled(tmp_path, THINGS.replace(old, new))
    assert str(error.value).startswith("things.yaml: ")
    assert reason in str(error.value)
