"""How soon the first records are there: what calls wait for."""

from __future__ import annotations

import threading

import pytest
from support.cases import thorough
from support.pages import limited
from support.records import read_records, records_catalog
from support.sample import awkward_sample
from support.wire import Send, on_the_way, params_of, query_of

from tap_zohocrm_modules.streams.messages import MessageWriter
from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request

PATIENCE = 10


def kind(request: Request) -> str:
    """What a call of a first read is for."""
    if query := query_of(request):
        return "count" if "COUNT" in query else "page"
    if request.path.count("/") == len(["", "crm", "v8", "Leads"]) - 1:
        return "missing fields" if "ids" in params_of(request) else "converted leads"
    return request.path.rpartition("/")[2]


@pytest.mark.thorough
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
    write = MessageWriter.write_lines

    def way(request: Request, send: Send) -> Answer:
        if not request.path.startswith("/crm/"):
            return send(request)
        purpose = kind(request)
        made.append(purpose)
        if purpose == "deleted":
            assert emitted.wait(PATIENCE)
        elif purpose in held:
            held.remove(purpose)
            all_there.wait(PATIENCE)
        return send(request)

    def write_lines(writer: MessageWriter, lines: bytes) -> None:
        write(writer, lines)
        if b'"type":"RECORD"' in lines:
            emitted.set()

    catalog = records_catalog(module)
    # With so narrow lists it is queries that a read begins with.
    limits = Limits(list_fields=8)
    monkeypatch.setattr(MessageWriter, "write_lines", write_lines)
    organisation = awkward_sample(records={module: 6_000})
    with DemoOrganisation(organisation) as demo, limited(limits), on_the_way(way):
        run = read_records(demo, catalog=catalog)
    assert run.code == 0, (made, run.stderr)
    before = made[: made.index("deleted")]
    assert {*before[:2]} == {"modules", "fields"}
    assert set(before[2:]) == {"page", "count", *together}
    assert before.count("count") == 1
