"""The language of the rules in `answers`: what reads them and runs their steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import requests
import yaml
from typing_extensions import override

from .conftest import Client, a_clock, assert_refused, control, speaking
from .records_calls import BULK, COQL, create, finish, unpack

Step = Mapping[str, Any]
Body = dict[str, Any]
Watch: TypeAlias = Callable[..., None]  # takes each answer
RULES = Path(__file__).parent / "answers"
CHANGES = {"mint", "accounts", "do", "wait", "set", "start", "job"}
CHECKS: Mapping[str, Callable[[Any, Any], bool]] = {
    "count": lambda found, number: len(found) == number,
    "all": lambda found, value: bool(found) and all(one == value for one in found),
    "set": lambda found, values: sorted(map(str, found)) == sorted(map(str, values)),
    "distinct": lambda found, number: len({str(one) for one in found}) == number,
    "has": lambda found, values: all(one in found for one in values),
    "lacks": lambda found, values: not any(one in found for one in values),
    "each_has": lambda found, names: bool(found) and all(set(names) <= set(one) for one in found),
    "none_has": lambda found, names: not any(set(names) & set(one) for one in found),
    "keys": lambda found, names: set(found) == set(names),
    "with": lambda found, part: part.items() <= found.items(),
    "like": lambda found, pattern: bool(re.fullmatch(pattern, found)),
    "not": lambda found, value: bool(found != value),
    "over": lambda found, bound: bool(found > bound),
    "under": lambda found, bound: bool(found < bound),
    "sorted": lambda found, order: found == sorted(found, key=in_order, reverse=order == "desc"),
}


def in_order(value: str) -> Any:
    return int(value) if value.isdecimal() else value


class Check(tuple[str, Any]):
    """The name of a check and what it compares with."""

    __slots__ = ()


class Loader(yaml.CSafeLoader):
    """YAML with a tag for each check, and no key twice."""

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        found = super().construct_mapping(node, deep)
        assert len(found) == len(node.value), f"a key stands twice{node.start_mark}"
        return found


def check(loader: yaml.CSafeLoader, name: str, node: yaml.Node) -> Check:
    if isinstance(node, yaml.SequenceNode):
        return Check((name, loader.construct_sequence(node, deep=True)))
    if isinstance(node, yaml.MappingNode):
        return Check((name, loader.construct_mapping(node, deep=True)))
    tag = loader.resolve(yaml.ScalarNode, node.value, (True, False))  # type: ignore[no-untyped-call]
    return Check((name, loader.construct_object(yaml.ScalarNode(tag, node.value))))


Loader.add_multi_constructor("!", check)


def rules_of(file: Path) -> Iterator[tuple[str, list[Step]]]:
    """The names and steps of a file's rules."""
    for name, steps in yaml.load(file.read_text("utf-8"), Loader).items():
        # What is written must not be seen by other rules.
        alone: list[Step] = [{"start": {}}] if file.stem == "writes" else []
        yield name, [*alone, *steps]


def play(steps: list[Step], shared: Client, watch: Watch | None = None) -> None:
    """Run the steps of a rule, on an organisation of its own if they change anything."""
    changes = any(CHANGES & step.keys() for step in steps)
    with ExitStack() as stack:

        def teller(options: Mapping[str, Any]) -> Teller:
            client = stack.enter_context(speaking(clock=a_clock(), **options))
            if watch is not None:
                client.session.hooks["response"].append(watch)
            return Teller(client)

        told = teller({}) if changes and "start" not in steps[0] else Teller(shared)
        for step in steps:
            if "start" in step:
                told = teller(step["start"])
            else:
                told.run(step)


def at(found: Any, path: str) -> Any:
    """The value at a path of keys, indexes, `*` and `key=value`."""
    first, _, rest = path.partition("/")
    if not first:
        return found
    if first == "*":
        return [at(one, rest) for one in found]
    if "=" in first:
        key, _, value = first.partition("=")
        return at(next(one for one in found if str(one[key]) == value), rest)
    return at(found[int(first)] if isinstance(found, list) else found[first], rest)


class Teller:
    """Runs the steps of one rule, and remembers what later steps name."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._kept: dict[str, Any] = {
            "caller": client.demo.organisation.users[0],
            "api_url": client.demo.api_url,
            "long": "x" * 800,
            **client.credentials(),
        }

    def run(self, step: Step) -> None:
        ((name, values),) = step.get("each", {"": [""]}).items()
        for value in self._filled(values):
            self._kept[name] = value
            for _ in range(step.get("times", 1)):
                self._run({key: self._filled(part) for key, part in step.items()})

    def _run(self, step: Step) -> None:
        doing: dict[str, Callable[[Any], requests.Response | Body]] = {
            "get": lambda path: self._call(f"GET {path}", step),
            "call": lambda call: self._call(call, step),
            "download": lambda url: self._client.session.get(
                url, headers={"Authorization": f"Zoho-oauthtoken {self._client.token}"}, timeout=60
            ),
            "accounts": lambda call: self._call_accounts(call, step),
            "walk": lambda path: {"data": list(self._walk(path, step))},
            "query": lambda query: self._post(
                COQL, {"select_query": query, **step.get("more", {})}
            ),
            "job": lambda query: self._post(BULK, {"query": query}),
            "export": self._export,
            "file": lambda job: {"data": self._rows(job)},
            "mint": lambda changes: self._client.mint(**changes),
            "do": lambda action: self._do(action, step.get("with", {})),
            "wait": lambda seconds: self._do("clock.advance", {"seconds": seconds}),
            "set": self._set,
        }
        (kind,) = doing.keys() & step.keys()
        self._judge(doing[kind](step[kind]), step)
        self._kept["token"] = self._client.token

    def _call(self, call: str, step: Step) -> requests.Response:
        verb, path = call.split(" ", 1)
        sent = {name: step[name] for name in ("json", "files") if name in step}
        sent["headers"] = dict(step.get("headers", {}))
        return self._client.get(below(path), verb, **sent)

    def _call_accounts(self, call: str, step: Step) -> requests.Response:
        verb, path = call.split(" ")
        url = self._client.demo.accounts_url + path
        return self._client.session.request(verb, url, json=step.get("json"), timeout=60)

    def _query(self, query: str, step: Step) -> requests.Response:
        return self._post(COQL, {"select_query": query, **step.get("more", {})})

    def _post(self, path: str, body: Any) -> requests.Response:
        return self._client.get(path, "POST", json=body)

    def _do(self, action: str, arguments: Mapping[str, Any]) -> Body:
        return {"result": control(self._client.demo, action, **arguments)}

    def _set(self, values: Mapping[str, Any]) -> Body:
        for path, value in values.items():
            put(self._client.demo.organisation, path, value)
        return {}

    def _export(self, query: Any) -> Body:
        job = create(self._client, query)
        seen = finish(self._client, job)
        return {**seen, "data": self._rows(job) if seen["state"] == "COMPLETED" else None}

    def _rows(self, job: str) -> list[dict[str, str]]:
        return unpack(self._client.get(f"{BULK}/{job}/result").content, job)

    def _walk(self, path: str, step: Step) -> Iterator[Any]:
        token = ""
        while True:
            headers = dict(step.get("headers", {}))
            body = self._client.get(below(path) + token, headers=headers).json()
            yield from body["data"]
            if not body["info"]["more_records"]:
                return
            token = f"&page_token={body['info']['next_page_token']}"

    def _judge(self, answer: requests.Response | Body, step: Step) -> None:
        seen = answer if isinstance(answer, dict) else self._received(answer, step)
        for path, expected in step.get("see", {}).items():
            self._hold(at(seen, path), expected, (path, step))
        for name, path in step.get("keep", {}).items():
            self._kept[name] = at(seen, path)

    def _hold(self, found: Any, expected: Any, where: object) -> None:
        several = isinstance(expected, list) and any(isinstance(one, Check) for one in expected)
        for one in expected if several else [expected]:
            holds = CHECKS[one[0]](found, one[1]) if isinstance(one, Check) else found == one
            assert holds, f"{str(found)[:2_000]} should be {one}: {where}"

    def _received(self, answer: requests.Response, step: Step) -> Body:
        headers: Body = {f"header {name.lower()}": value for name, value in answer.headers.items()}
        seen = {**headers, "headers": list(headers), "text": answer.text}
        if "refused" in step:
            details = assert_refused(answer, step.get("status", 400), step["refused"])
            self._hold(details, step.get("details", details), step)
            return seen
        status = step.get("empty", step.get("status", 200))
        assert (answer.status_code, "empty" in step) == (status, not answer.content), answer.text
        is_json = seen.get("header content-type", "").startswith("application/json")
        return {**seen, **(answer.json() if is_json else {})}

    def _filled(self, value: Any) -> Any:
        """The value with what was kept in place of `<name>`, or `<name/path>`."""
        if isinstance(value, Check):
            return Check((value[0], self._filled(value[1])))
        if isinstance(value, dict):
            return {self._filled(key): self._filled(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if not isinstance(value, str):
            return value
        whole = re.fullmatch(r"<(\w[\w/]*)>", value)
        if whole and whole[1].partition("/")[0] in self._kept:
            return at(self._kept, whole[1])
        return re.sub(r"<(\w[\w/]*)>", lambda match: str(at(self._kept, match[1])), value)


def put(target: Any, path: str, value: Any) -> None:
    """Set an attribute, or what a list or a dictionary among the attributes holds."""
    first, _, rest = path.partition("/")
    if not rest and not isinstance(target, dict):
        setattr(target, first, value)
    elif not rest:
        target[first] = value
    else:
        inside = isinstance(target, dict | list)
        put(at(target, first) if inside else getattr(target, first), rest, value)


def below(path: str) -> str:
    return path if path.startswith("/") else f"/crm/v8/{path}"
