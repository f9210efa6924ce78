"""Zoho's refusals, by the codes of `data/refusals.yaml`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.organisation.data_files import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping


class ZohoError(Exception):
    """A refusal on its way to the client.

    Attributes:
        row: What its body says: `{code, details, message, status: "error"}`.
        answer: What the client gets.
    """

    def __init__(
        self, code: str, message: str | None = None, status: int | None = None, /, **details: Any
    ) -> None:
        usual_status, usual_message = read_file("refusals.yaml")[code]
        self.row = error_row(code, message or usual_message, details)
        self.answer: Answer = json_answer(self.row, status or usual_status)
        super().__init__(f"{self.answer.status} {code}: {self.row['message']}")


def error_row(code: str, message: str, details: Mapping[str, Any]) -> dict[str, Any]:
    """Zoho's error object."""
    return {"code": code, "details": dict(details), "message": message, "status": "error"}
