from __future__ import annotations

from .conftest import Client, assert_refused
from .records_calls import page


def test_notes_are_for_administrators(client: Client) -> None:
    assert page(client, "/crm/v8/Notes", fields="Parent_Id")["data"]
    client.demo.organisation.users[0]["profile"]["name"] = "Standard"

    answer = client.get("/crm/v8/Notes", params={"fields": "id"})
    assert_refused(answer, 403, "NOT_SUPPORTED")
