"""How soon the first records are there: what calls wait for."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from support.cases import thorough
from support.pages import limited
from support.records import read_records, records_catalog

from tap_zohocrm_modules.streams.messages import MessageWriter
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from zohocrm_demo import DemoOrganisation, sample_organisation

PATIENCE = 10


def kind(call: Call) -> str:
    """What a call of a first read is for."""
    if call.path == "/coql":
        return "count" if "COUNT" in str(call.body) else "page"
    if call.path.count("/") == 1:
        return "missing fields" if "ids" in dict(call.params) else "converted leads"
    return call.path.rpartition("/")[2]


@pytest.mark.parametrize(
    ("module", "together"),
    [
        pytest.param("Leads", {"converted leads", "page"}, id="some-converted"),
        pytest.param(
            "Cases", {"missing fields", "count"}, id="some-fields-not-by-queries", marks=thorough
        ),
    ],
)
def test_records_flow_after_four_round_trips(
    module: str, together: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls that go out side by side are answered when all of them are there, or fail."""
    made: list[str] = []
    held = set(together)
    all_there = threading.Barrier(len(together))
    emitted = threading.Event()
    call_zoho: Callable[[ZohoClient, Call], Answer] = ZohoClient.call
    write = MessageWriter.write_lines

    def call(client: ZohoClient, what: Call) -> Answer:
        purpose = kind(what)
        made.append(purpose)
        if purpose == "deleted":
            assert emitted.wait(PATIENCE)
        elif purpose in held:
            held.remove(purpose)
            all_there.wait(PATIENCE)
        return call_zoho(client, what)

    def write_lines(writer: MessageWriter, lines: bytes) -> None:
        write(writer, lines)
        if b'"type":"RECORD"' in lines:
            emitted.set()

    catalog = records_catalog(module)
    # With so narrow lists it is queries that a read begins with.
    limits = Limits(list_fields=8)
    monkeypatch.setattr(ZohoClient, "call", call)
    monkeypatch.setattr(MessageWriter, "write_lines", write_lines)
    organisation = sample_organisation(records={module: 6_000})
    with DemoOrganisation(organisation) as demo, limited(limits):
        run = read_records(demo, catalog=catalog)
    assert run.code == 0, (made, run.stderr)
    before = made[: made.index("deleted")]
    assert {*before[:2]} == {"modules", "fields"}
    assert set(before[2:]) == {"page", "count", *together}
    assert before.count("count") == 1
