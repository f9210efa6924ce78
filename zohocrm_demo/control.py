"""The control API: what the Python object does, for those who speak HTTP. `docs/demo.md` lists it.

`POST /control/ACTION` with a JSON object of arguments; `GET /control` names the actions.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.calls import Request
from zohocrm_demo.faults import fault_of

if TYPE_CHECKING:
    from zohocrm_demo.demo_organisation import DemoOrganisation

_PREFIX = "/control"
# What is called like a method of the organisation's records and schema.
_CHANGES: Mapping[str, str] = {
    "records": "insert update delete restore purge resize",
    "children": "add change remove",
    "schema": "add_module drop_module rename_module add_field drop_field rename_field retype_field",
}


class Control:
    """Answers the control API of one organisation."""

    def __init__(self, demo: DemoOrganisation) -> None:
        self._demo = demo
        changes = {
            f"{part}.{name}": getattr(getattr(demo.organisation, part), name)
            for part, names in _CHANGES.items()
            for name in names.split()
        }
        self._actions: Mapping[str, Callable[..., Any]] = {
            **changes,
            "tokens.expire": demo.expire_tokens,
            "tokens.revoke": demo.revoke_refresh_token,
            "codes.make": demo.make_code,
            "clock.now": self._now,
            "clock.set": self._set_clock,
            "clock.advance": self._advance_clock,
            "live.step": demo.life.step,
            "faults.add": self._add_fault,
        }

    @property
    def actions(self) -> tuple[str, ...]:
        """The names of the actions."""
        return tuple(self._actions)

    def answer(self, request: Request, delay: float) -> Answer:
        """Answer a request: `{"result": ...}`, or `{"error": ...}` with 400, 404, 405 or 415."""
        del delay
        if request.path.rstrip("/") == _PREFIX:
            return json_answer({"actions": list(self._actions)})
        action = self._actions.get(request.path.removeprefix(f"{_PREFIX}/"))
        if action is None:
            return json_answer({"error": "no such action: GET /control lists them"}, 404)
        if request.method != "POST":
            return json_answer({"error": "actions take POST"}, 405)
        # A page in a browser can't send this type to another host without asking first.
        if not request.headers.get("content-type", "").startswith("application/json"):
            return json_answer({"error": "the body must be application/json"}, 415)
        try:
            arguments = _arguments(request.body, action)
            result = action(**arguments)
        except (ValueError, LookupError) as error:
            return json_answer({"error": str(error)}, 400)
        return json_answer({"result": _plain(result)})

    def _now(self) -> str:
        return self._demo.clock().isoformat()

    def _set_clock(self, to: str) -> str:
        self._demo.settable_clock.set(datetime.fromisoformat(to.replace("Z", "+00:00")))
        return self._now()

    def _advance_clock(self, seconds: float) -> str:
        self._demo.settable_clock.advance(seconds)
        return self._now()

    def _add_fault(
        self, kind: str, path: str = "/crm/*", nth: int = 1, times: int | None = 1
    ) -> None:
        self._demo.inject(path, fault_of(kind), nth, times)


def _arguments(body: bytes, action: Callable[..., Any]) -> dict[str, Any]:
    arguments = json.loads(body or b"{}")
    if not isinstance(arguments, dict):
        raise ValueError("the arguments must be a JSON object")  # noqa: TRY004 (bad input)
    try:
        inspect.signature(action).bind(**arguments)
    except TypeError as error:
        raise ValueError(str(error)) from error
    if "at" in arguments:
        arguments["at"] = datetime.fromisoformat(str(arguments["at"]).replace("Z", "+00:00"))
    return arguments


def _plain(result: Any) -> Any:
    if isinstance(result, list):
        return [_plain(item) for item in result]
    return asdict(result) if is_dataclass(result) and not isinstance(result, type) else result
