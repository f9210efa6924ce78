"""The reader of endpoints with a client of our own."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from tap_zohocrm_modules.definitions.endpoint import DetailCall
from tap_zohocrm_modules.zoho.metadata import Endpoint, EndpointReader, EndpointResult, ForEach
from tap_zohocrm_modules.zoho.transport import errors
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.machine import Machine

PARENTS = 30
SCOPE = "ZohoCRM.settings.READ"


def endpoint(name: str, path: str, **more: Any) -> Endpoint:
    return Endpoint(name, SCOPE, "page", path, **{"rows": "rows", **more})


TABLE = (
    endpoint("parents", "/parents"),
    endpoint(
        "children", "/children", params={"of": "{of}"}, for_each=ForEach("parents", {"of": "id"})
    ),
    endpoint("derived", "", rows="lines", for_each=ForEach("children", {"child": "id"})),
    endpoint(
        "detailed",
        "/parents",
        params={"details": "1"},
        detail=DetailCall("/one/{id}", {"id": "id"}),
    ),
)


class FakeClient:
    """Has 30 parents with two children each; a test may let some calls take time, or fail."""

    def __init__(self, act: Callable[[Call], Answer | None] = lambda _: None) -> None:
        self.act = act
        self.calls: list[str] = []
        self.machine = Machine()

    def server_now(self) -> datetime:
        return datetime(2024, 12, 31, tzinfo=timezone.utc)

    def call(self, call: Call) -> Answer:
        self.calls.append(str(call))
        if answer := self.act(call):
            return answer
        if parent := dict(call.params).get("of"):
            return rows(*(_child(f"{parent}-{letter}") for letter in "ab"))
        if call.path == "/parents":
            return rows(*({"id": str(number), "name": "N"} for number in range(PARENTS)))
        return rows({"id": call.path.rpartition("/")[2], "more": True})


def _child(child: str) -> dict[str, Any]:
    return {"id": child, "lines": [{"id": child}, {"id": child}]}


def rows(*found: Mapping[str, Any]) -> Answer:
    return Answer(200, {"rows": list(found)})


class Readers(contextlib.ExitStack):
    """Makes readers, and closes them."""

    def __call__(self, client: FakeClient, concurrency: int = 8, *more: Endpoint) -> EndpointReader:
        endpoints = {one.name: one for one in (*TABLE, *more)}
        reader = EndpointReader(client, endpoints, concurrency=concurrency)  # type: ignore[arg-type]
        return self.enter_context(contextlib.closing(reader))


def all_ids(parts: list[EndpointResult]) -> list[str]:
    return [row["id"] for part in parts for row in part.rows]


def refused(kind: type[Any], code: str = "NO_PERMISSION") -> errors.ZohoError:
    error: errors.ZohoError = kind(code, errors.Refusal(403, code))
    return error


def failing(error: Exception, *of: int) -> Callable[[Call], None]:
    """Fail for these parents, or for all of them."""

    def act(call: Call) -> None:
        parent = dict(call.params).get("of")
        if parent is not None and (not of or int(parent) in of):
            raise error

    return act


def dawdling(seed: int) -> Callable[[Call], None]:
    chance = random.Random(seed)
    return lambda _: time.sleep(chance.random() * 0.01)
