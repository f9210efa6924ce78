"""What holds of lists of records: pages, zones, every field."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation, RequestLimits
from zohocrm_demo.families import records_list
from zohocrm_demo.organisation.records.kinds import kind_of

from .conftest import Client, assert_refused, speaking
from .records_calls import BULK, COQL, LEADS, page, walk

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("by", ["id", "Created_Time", "Modified_Time"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_and_tokens_give_the_same(client: Client, by: str, order: str) -> None:
    params = {"sort_by": by, "sort_order": order, "fields": f"{by},Last_Name", "converted": "both"}
    by_page = [
        row for number in range(1, 11) for row in page(client, LEADS, page=number, **params)["data"]
    ]

    assert list(walk(client, LEADS, **params)) == by_page
    assert len({row["id"] for row in by_page}) == 2_000


def test_beyond_100000_not_even_with_one() -> None:
    assert records_list.MOST_BY_TOKEN == 100_000
    # 500 pages would take long.
    with speaking(limits=RequestLimits(rows_by_token=400)) as client:
        token = page(client, "/crm/v8/Calibrations")["info"]["next_page_token"]
        second = page(client, "/crm/v8/Calibrations", page_token=token)
        assert second["info"]["page"] == 2
        assert second["info"]["more_records"]
        params = {"fields": "Modified_Time", "page_token": second["info"]["next_page_token"]}
        answer = client.get("/crm/v8/Calibrations", params=params)
        assert assert_refused(answer, 400, "PAGINATION_LIMIT_EXCEEDED")["limit"] == 400


def test_limits_of_single_calls_can_be_smaller() -> None:
    small = RequestLimits(fields=2, rows_by_page=100, job_fields=1, query_columns=2)
    with speaking(limits=small) as client:
        for call, code in (
            ("Leads?fields=id,City,State", "LIMIT_EXCEEDED"),
            ("Leads?fields=id&page=2&per_page=100", "DISCRETE_PAGINATION_LIMIT_EXCEEDED"),
        ):
            assert_refused(client.get(f"/crm/v8/{call}"), 400, code)
        query = {"select_query": "select id, City, State from Leads where id is not null"}
        assert_refused(client.get(COQL, "POST", json=query), 400, "LIMIT_EXCEEDED")
        job = {"query": {"module": {"api_name": "Leads"}, "fields": ["City", "State"]}}
        assert_refused(client.get(BULK, "POST", json=job), 400, "LIMIT_EXCEEDED")


def test_a_token_of_another_organisation_is_none(client: Client) -> None:
    params = {"fields": "City", "page_token": page(client, LEADS)["info"]["next_page_token"]}
    with DemoOrganisation(awkward_sample) as other:
        answer = Client(other).get(LEADS, params=params)
    assert_refused(answer, 400, "TOKEN_BOUND_DATA_MISMATCH")


def test_date_times_are_the_callers(client: Client) -> None:
    client.demo.organisation.records.zone = timezone(timedelta(hours=5, minutes=30))
    moved = page(client, LEADS, fields="Created_Time")["data"]
    assert {row["Created_Time"][-6:] for row in moved} == {"+05:30"}


def test_every_field_of_every_module_can_be_listed(client: Client) -> None:
    truth = client.demo.organisation.records
    for module in client.demo.organisation.modules:
        name = module["api_name"]
        fields = client.demo.organisation.fields.get(name, [])
        if not module["api_supported"] or not fields or not truth.count(name):
            continue
        for start in range(0, len(fields), 50):
            part = fields[start : start + 50]
            answer = client.get(
                f"/crm/v8/{name}",
                params={"fields": ",".join(f["api_name"] for f in part), "per_page": "30"},
            )
            if answer.status_code != 200:
                assert name in {"Emails", "CTI_Entry", "Locking_Information__s", "Attachments"}
                break
            for row in answer.json()["data"]:
                for field in part:
                    check_shape(field, row)


def check_shape(field: dict[str, Any], row: dict[str, Any]) -> None:
    kind = kind_of(field)
    if kind in {"rows", "links"}:
        assert field["api_name"] not in row
        return
    value = row[field["api_name"]]
    if value is not None:
        assert isinstance(value, _TYPES[field.get("json_type") or "string"]) or (
            # Whole ones have no decimal point, and metadata may say nothing of the type.
            isinstance(value, int) and kind in {"decimal", "integer"}
        )


_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "double": float,
    "boolean": bool,
    "jsonobject": dict,
    "jsonarray": list,
}
