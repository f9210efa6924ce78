"""The control API: what the Python object does, for those who speak HTTP. `docs/demo.md` lists it.

`POST /control/ACTION` with a JSON object of arguments; `GET /control` names the actions.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, is_dataclass
from typing import Any

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.calls import Request
from zohocrm_demo.control_room import ControlRoom

_PREFIX = "/control"


@dataclass(frozen=True, slots=True)
class Control:
    """Answers the control API of one organisation."""

    room: ControlRoom

    def answer(self, request: Request, delay: float) -> Answer:
        """Answer a request: `{"result": ...}`, or `{"error": ...}` with 400, 404, 405 or 415."""
        del delay
        if request.path.rstrip("/") == _PREFIX:
            return json_answer({"actions": list(self.room.actions)})
        action = request.path.removeprefix(f"{_PREFIX}/")
        status, wrong = 400, ""
        if action not in self.room.actions:
            status, wrong = 404, "no such action: GET /control lists them"
        elif request.method != "POST":
            status, wrong = 405, "actions take POST"
        # A page in a browser can't send this type to another host without asking first.
        elif not request.headers.get("content-type", "").startswith("application/json"):
            status, wrong = 415, "the body must be application/json"
        else:
            try:
                return json_answer({"result": _plain(self._do(action, request.body))})
            except (ValueError, LookupError) as error:
                wrong = str(error)
        return json_answer({"error": wrong}, status)

    def _do(self, action: str, body: bytes) -> Any:
        arguments = json.loads(body or b"{}")
        if not isinstance(arguments, dict):
            raise ValueError("the arguments must be a JSON object")  # noqa: TRY004 (bad input)
        return self.room.do(action, **arguments)


def _plain(result: Any) -> Any:
    if isinstance(result, list):
        return [_plain(item) for item in result]
    return asdict(result) if is_dataclass(result) and not isinstance(result, type) else result
