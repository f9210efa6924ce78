"""What one kind of call lists and another one does not send, or cuts, is never lost in silence."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from support.altered import refusal, rows_of, with_rows
from support.pages import limited, paged_demo
from support.records import cuts, emitted, existing, read_records, read_whole, table, truth
from support.wire import Send, altered_answers, on_the_way, params_of, query_of, server_time

from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.answers import NO_CONTENT, Answer
from zohocrm_demo.calls import Request

LATER = timedelta(days=2)


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    with paged_demo("Events", 12, 50, profile=profile) as organisation:
        yield organisation


def not_sent_by_id(*ids: str) -> contextlib.AbstractContextManager[None]:
    """Let no call return these records by their ids, as if its index lagged."""

    def alter(request: Request, answer: Answer) -> Answer:
        if "ids" not in params_of(request) or not answer.body:
            return answer
        rows = [row for row in rows_of(answer) if row["id"] not in ids]
        return with_rows(answer, rows) if rows else NO_CONTENT

    return altered_answers(alter)


def cut_by_units(name: str, text: str, units: int) -> contextlib.AbstractContextManager[None]:
    """Let lists cut a rich text by UTF-16 units, and drop half a character."""
    cut = text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")

    def alter(request: Request, answer: Answer) -> Answer:
        if request.path != "/crm/v8/Sites":
            return answer
        rows = rows_of(answer)
        for row in rows:
            if row.get(name) and text.startswith(row[name]):
                row[name] = cut
        return with_rows(answer, rows)

    return altered_answers(alter)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("rest", "a" + "🙂" * 300),
        ("rest", "a" * 499 + "🙂" * 9),
        ("rest", "é" * 501),
        ("coql", "🙂" * 300),
    ],
)
def test_rich_texts_cut_by_utf_16_units_are_read_whole(
    demo: DemoOrganisation, path: str, text: str
) -> None:
    store = demo.organisation.records
    store.resize("Sites", 3)
    (rich, *_) = [
        name
        for name, field in store.fields("Sites").items()
        if (field.get("textarea") or {}).get("type") == "rich_text"
    ]
    ids = [row["id"] for row in store.read("Sites", rich)]
    store.update("Sites", ids[1], {rich: text}, at=datetime(2026, 3, 1, tzinfo=timezone.utc))

    with cut_by_units(rich, text, 500):
        run = read_whole(demo, "Sites", read_path=path)

    assert emitted(run.stdout, "Sites")[ids[1]][rich] == text


@pytest.mark.parametrize("path", ["coql", "auto"])
@pytest.mark.parametrize("lagging", [1, 5])
def test_a_changed_record_that_is_listed_and_not_sent_by_its_id_is_read_later(
    demo: DemoOrganisation, path: str, lagging: int
) -> None:
    store = demo.organisation.records
    first = read_whole(demo, "Events", read_path=path, cutoff_lag=0)
    changed = [row["id"] for row in store.read("Events", "Event_Title")][2 : 2 + lagging]
    for one in changed:
        store.update("Events", one, {"Event_Title": "Moved"})
    later = datetime.now(timezone.utc) + timedelta(minutes=10)

    with server_time(now=lambda: later):
        with not_sent_by_id(*changed):
            failed = read_records(demo, "Events", state=first.state, read_path=path)
        assert "Zoho lists the record" in failed.error
        assert failed.bookmark("Events") <= first.bookmark("Events")
        third = read_whole(demo, "Events", state=failed.state, read_path=path)

    rows = table("Events", first.stdout, failed.stdout, third.stdout)
    assert {rows[one]["Event_Title"] for one in changed} == {"Moved"}


def test_a_record_that_one_answer_by_ids_lacks_is_asked_for_once_more(
    demo: DemoOrganisation,
) -> None:
    module = "Sensors_X_Partners"
    store, at = demo.organisation.records, datetime(2026, 3, 1, tzinfo=timezone.utc)
    # More than a page of one second, which is read by position, and then by ids.
    store.resize(module, 8)
    for one in truth(demo, module, ["id"]):
        store.update(module, one, {}, at=at)
    spoilt: list[str] = []

    def alter(request: Request, answer: Answer) -> Answer:
        if "ids" not in params_of(request) or spoilt:
            return answer
        spoilt.append(rows_of(answer)[0]["id"])
        return with_rows(answer, rows_of(answer)[1:])

    with limited(Limits(page_rows=3, list_fields=6)), altered_answers(alter):
        run = read_whole(demo, module)

    assert spoilt
    assert emitted(run.stdout, module).keys() == truth(demo, module, ["id"]).keys()


def test_a_row_of_a_subform_that_is_still_listed_is_no_deleted_one(demo: DemoOrganisation) -> None:
    module = "Site_Contacts"
    ids = [*truth(demo, module, ["id"])]
    for one in ids[:2]:
        # An export joins them by commas, and no list says which commas are part of a name.
        demo.organisation.records.update(module, one, {"Tag": ("by the lake", "north, south")})

    with not_sent_by_id(ids[0]):
        run = read_records(demo, module, read_path="bulk")

    assert ids[0] in run.error


def queries_refuse(field: str) -> contextlib.AbstractContextManager[None]:
    """Let no query have this field."""

    def way(request: Request, send: Send) -> Answer:
        if field in query_of(request):
            return refusal("INVALID_QUERY", column_name=field)
        return send(request)

    return on_the_way(way)


@pytest.mark.parametrize("path", ["bulk", "auto"])
def test_a_field_that_queries_refuse_is_left_out_of_the_recheck_and_not_the_recheck(
    demo: DemoOrganisation, path: str
) -> None:
    store = demo.organisation.records
    store.resize("Contacts", 20)
    before = emitted(read_whole(demo, "Contacts", read_path="rest").stdout, "Contacts")
    lacking = [*before][3:5]

    store.bulk_jobs.lacks.update(map(int, lacking))
    with queries_refuse("Department"):
        run = read_whole(demo, "Contacts", read_path=path)

    assert emitted(run.stdout, "Contacts") == before
    if path == "bulk":
        assert "Zoho refuses the field Department there" in run.stderr


@pytest.mark.parametrize("count", [12, 130])
@pytest.mark.parametrize("path", ["rest", "coql", "bulk"])
def test_a_first_read_has_records_whose_times_are_to_come(
    demo: DemoOrganisation, path: str, count: int
) -> None:
    store = demo.organisation.records
    store.resize("Events", count)
    ids = [row["id"] for row in store.read("Events", "Event_Title")]
    at = datetime.now(timezone.utc) + LATER
    for one in ids[:60]:
        store.update("Events", one, {"Event_Title": "To come"}, at=at)

    run = read_whole(demo, "Events", read_path=path)

    assert existing(run).keys() == {*ids}
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    marks = [state["bookmarks"]["Events"].get("replication_key_value") for _, state in cuts(run)]
    assert all(mark <= now for mark in marks if mark)
