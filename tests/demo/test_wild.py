"""The profile `wild`: what real Zoho was seen to do, and no document says."""

from __future__ import annotations

from .conftest import speaking
from .records_calls import ask, page


def test_queries_send_last_names_of_owners_or_none() -> None:
    with speaking(profile="wild") as client:
        listed = page(client, "/crm/v8/Deals", fields="Owner")["data"]
        names = {row["Owner"]["id"]: row["Owner"]["name"] for row in listed}
        query = "select Owner from Deals where id is not null limit 200"
        # The first of five queries fails, with nothing wrong in it.
        assert ask(client, query).json()["code"] == "SYNTAX_ERROR"
        owners = [row["Owner"] for row in ask(client, query).json()["data"]]
    queried = {owner["id"]: owner["name"] for owner in owners if owner["id"] in names}
    assert None in queried.values()
    assert {*queried.values()} > {None}
    for owner, name in queried.items():
        assert name is None or names[owner].endswith(f" {name}")
