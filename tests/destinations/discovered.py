"""The schemas of all streams, as discovery writes them: the metadata's and the records'."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any

from support.demo import config_for
from support.run import run_tap
from support.sample import awkward_sample
from typing_extensions import override

from zohocrm_demo import DemoOrganisation

# Zoho's own spelling, which BigQuery does not take; docs/destinations.md says what to do.
WITH_BLANKS = {"Events.Remind Participants"}


@dataclasses.dataclass(frozen=True)
class Property:
    """A property at any depth."""

    stream: str
    path: tuple[str, ...]
    schema: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.path[-1]

    @override
    def __str__(self) -> str:
        return ".".join((self.stream, *self.path))


@functools.cache
def discovered() -> Mapping[str, dict[str, Any]]:
    """The JSON Schema of each stream of the demo organisation."""
    with DemoOrganisation(awkward_sample) as demo:
        run = run_tap("--discover", config=config_for(demo))
    assert run.code == 0, run.stderr
    return {stream["stream"]: stream["schema"] for stream in json.loads(run.stdout)["streams"]}


def properties(stream: str) -> Iterator[Property]:
    """All properties of a stream, those within objects and arrays too."""
    yield from _below(stream, discovered()[stream], ())


def _below(stream: str, schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Property]:
    while "items" in schema:
        schema = schema["items"]
    for name, inner in schema.get("properties", {}).items():
        yield Property(stream, (*path, name), inner)
        yield from _below(stream, inner, (*path, name))
