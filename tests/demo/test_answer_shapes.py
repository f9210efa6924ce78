"""Answers have the keys and types that Zoho's OpenAPI files describe, in one edition at least.

The two editions contradict each other in hundreds of places, and each has places that contradict
Zoho's pages: what an answer has that neither allows is in `answer_deviations.yaml`, with a reason.

`answer_shapes/EDITION.json` is written by `scripts/answer_shapes.py`: by path, an object is
an object with `!` behind the keys that must be there, a list has the shape of its elements, a text
names types, null stands for null, and `{"one of": […]}` has several.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import requests
import yaml

from .answer_rules import RULES, play, rules_of
from .bulk_write_calls import LEADS, NAMES, WRITE, job, upload
from .conftest import Client
from .metadata_calls import CASES

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(600)]

Deviations: TypeAlias = "dict[str, set[str]]"

HERE = Path(__file__).parent
EDITIONS: Mapping[str, Mapping[str, Any]] = {
    file.stem: json.loads(file.read_text("utf-8"))
    for file in sorted(HERE.glob("answer_shapes/*.json"))
}
REVIEWED: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(
    (HERE / "answer_deviations.yaml").read_text("utf-8")
)
RECORD_CALLS: list[str] = yaml.safe_load((HERE / "answer_calls.yaml").read_text("utf-8"))
TRIED = 60
FILES = {"/{}/{}/attachments/{}", "/read/{}/result"}
WRITES = ("writes", "coql", "bulk", "children")


def plain(path: str) -> str:
    path = re.sub(r"^/crm/(bulk/)?v8|\?.*", "", path)
    return re.sub(r"{[^}]*}", "{}", path).lower()


def described(path: str, verb: str = "GET") -> str:
    """The call in the files, where a module and a list are variables; a GET is a path alone."""
    known = {name for shapes in EDITIONS.values() for name in shapes}
    steps = path.split("/")
    places = (1, 3)
    for chosen in ((), (1,), places):
        name = "/".join("{}" if at in chosen else step for at, step in enumerate(steps))
        name = name if verb == "GET" else f"{verb} {name}"
        if name in known:
            return name
    return path if verb == "GET" else f"{verb} {path}"


def kind_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    kinds = {int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return "null" if value is None else kinds[type(value)]


def deviations(shape: Any, value: Any, path: str) -> Iterator[str]:
    several = isinstance(shape, dict) and "one of" in shape
    shapes = shape["one of"] if several else [shape]
    if "any" in shapes:
        return
    kind = kind_of(value)
    if kind == "object":
        objects = [one for one in shapes if isinstance(one, dict)]
        yield from _of_object(objects[0], value, path) if objects else [f"{path} object"]
    elif kind == "array":
        arrays = [one for one in shapes if isinstance(one, list)]
        if not arrays:
            yield f"{path} array"
        for element in value if arrays else ():
            yield from deviations(arrays[0][0], element, f"{path}[]")
    else:
        names = {
            "null" if one is None else one for one in shapes if not isinstance(one, (dict, list))
        }
        known = {name for one in names for name in one.split("|")}
        if kind not in known and not (kind == "integer" and "number" in known):
            yield f"{path} {kind}"


def _of_object(shape: Mapping[str, Any], value: Mapping[str, Any], path: str) -> Iterator[str]:
    known = {name.rstrip("!"): one for name, one in shape.items()}
    for name, inner in value.items() if known else ():
        if name in known:
            yield from deviations(known[name], inner, f"{path}.{name}".lstrip("."))
        else:
            yield f"{path}.{name} unknown".lstrip(".")
    for name in shape:
        if name.endswith("!") and name[:-1] not in value:
            yield f"{path}.{name[:-1]} lacking".lstrip(".")


def answers(client: Client) -> Iterator[tuple[str, Any]]:
    """The answers to all calls, by the paths that the files have."""
    for case in CASES.values():
        answer = case.ask(client)
        if answer.status_code == 200:
            yield plain(case.route.path), answer.json()
    for call in RECORD_CALLS:
        yield described(plain(call)), _answer(client, call)
    query = {"module": {"api_name": "Sites"}}
    job = client.get("/crm/bulk/v8/read", "POST", json={"query": query}).json()["data"][0]
    yield "/read/{}", client.get(f"/crm/bulk/v8/read/{job['details']['id']}").json()


def written(client: Client) -> Iterator[tuple[str, Any]]:
    """The answers to what is not a GET, and to GETs of jobs, of all rules with such calls."""
    seen: list[tuple[str, Any]] = []

    def watch(answer: requests.Response, **_: Any) -> None:
        verb, path = str(answer.request.method), plain(str(answer.request.path_url))
        url = str(answer.request.path_url)
        is_wanted = "/crm/" in url and (verb != "GET" or "job_id=" in url)
        if is_wanted and answer.ok and answer.content:
            seen.append((described(re.sub(r"/(er-)?\d{7,}", "/{}", path), verb), answer.json()))

    client.session.hooks["response"].append(watch)
    for stem in WRITES:
        for _, steps in rules_of(RULES / f"{stem}.yaml"):
            play(steps, client, watch)
    client.session.hooks["response"].remove(watch)
    yield from seen
    yield "POST /upload", upload(client, LEADS).json()
    made = job(client, LEADS, NAMES).json()
    yield "POST /write", made
    for _ in range(2):
        yield "/write/{}", client.get(f"{WRITE}/{made['details']['id']}").json()


def _answer(client: Client, call: str) -> Any:
    module = call.split("/")[3]
    records = [""]
    if "{record}" in call:
        listed = client.get(f"/crm/v8/{module}", params={"fields": "id", "per_page": str(TRIED)})
        records = [row["id"] for row in listed.json()["data"]]
    for record in records:
        path = call.replace("{record}", record)
        answer = client.get(path.replace("/{row}", ""))
        if "{row}" in path and answer.status_code == 200:
            rows = next(rows for rows in answer.json().values() if isinstance(rows, list))
            row = rows[0].get("id") or rows[0]["message_id"]
            answer = client.get(path.replace("{row}", row))
        assert answer.status_code in {200, 204, 400}, (call, answer.text)
        if answer.status_code == 200:
            return answer.json()
    raise AssertionError(f"no record has an answer to {call}")


@pytest.fixture(scope="module")
def found(shared: Client) -> tuple[Deviations, set[str]]:
    """What neither edition allows, by path; and the paths that were compared."""
    beyond: Deviations = defaultdict(set)
    compared = set()
    for path, body in chain(answers(shared), written(shared)):
        each = [
            {*deviations(shapes[path], body, "")} for shapes in EDITIONS.values() if path in shapes
        ]
        if each:
            compared.add(path)
            beyond[path] |= set.intersection(*each)
    return beyond, compared


def test_what_no_edition_allows_has_a_reason(found: tuple[Deviations, set[str]]) -> None:
    unknown = {
        path: left
        for path, deviating in found[0].items()
        if (left := {one for one in deviating if not _reasons(path, one)})
    }
    assert unknown == {}


def test_every_reason_is_needed(found: tuple[Deviations, set[str]]) -> None:
    used = {
        reason
        for path, deviating in found[0].items()
        for one in deviating
        for reason in _reasons(path, one)
    }
    assert used == {
        (text, path, pattern)
        for text, paths in REVIEWED.items()
        for path, patterns in paths.items()
        for pattern in patterns
    }


def _reasons(path: str, deviation: str) -> list[tuple[str, str, str]]:
    return [
        (text, path, pattern)
        for text, paths in REVIEWED.items()
        for pattern in paths.get(path, ())
        if fnmatch.fnmatchcase(deviation, pattern.replace("[]", "[[]]"))
    ]


def test_both_editions_describe_most_of_what_is_compared(
    found: tuple[Deviations, set[str]],
) -> None:
    assert len(EDITIONS) == 2
    for shapes in EDITIONS.values():
        assert len(found[1] & shapes.keys()) > 90
    every = {path for shapes in EDITIONS.values() for path in shapes}
    assert every - found[1] == FILES


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": 1}, set()),
        ({"a": 1.5, "b": [{"c": None}]}, set()),
        ({"a": None}, {"a null"}),
        ({"b": []}, {"a lacking"}),
        ({"a": 1, "d": 2}, {"d unknown"}),
        ({"a": 1, "b": [{"c": True}, 3]}, {"b[].c boolean", "b[] integer"}),
        ([], {" array"}),
    ],
)
def test_a_deviation_is_named_by_its_place(value: Any, expected: set[str]) -> None:
    shape = {"a!": "number|string", "b": [{"c": {"one of": ["integer", None]}}]}
    assert {*deviations(shape, value, "")} == expected
