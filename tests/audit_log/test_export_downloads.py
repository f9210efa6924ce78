"""Files of the audit log that come damaged, late, or from a host that gets no token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from audit_log.log import Warehouse, export, lines, small_demo
from zohocrm_demo import DemoOrganisation, Fault

FILES = "/v2/crm/*/auditlog/*"


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with small_demo() as demo:
        yield demo


@pytest.mark.parametrize(
    "fault",
    [
        Fault.half(),
        Fault.cut(300),
        Fault.html(),
        Fault(status=200, body="<html><body>Signed out</body></html>"),
        Fault(status=200, body="<html></html>", content_type="text/csv"),
        Fault(status=200, body="Audited Time,Action\r\n2026", content_type="text/csv"),
        Fault(status=200, body=b"PK\x03\x04 and no more", content_type="application/zip"),
        Fault(status=200, body="{}", content_type="application/json"),
        Fault.empty(200),
        Fault.empty(204),
        Fault.error(401, "INVALID_TOKEN"),
        Fault.reset(),
    ],
)
def test_one_answer_that_is_no_file_changes_nothing(demo: DemoOrganisation, fault: Fault) -> None:
    job = export(demo)
    demo.inject(FILES, fault)
    warehouse = Warehouse(demo)
    run = warehouse.load()
    if run.code == 0:
        warehouse.assert_has(lines(demo, job))
    else:
        # Complete, or a clear error, and nothing of it.
        assert run.rows == []
        assert run.error


def test_a_file_that_stays_damaged_is_an_error(demo: DemoOrganisation) -> None:
    export(demo)
    text = "Audited Time,Action\r\n2026-01-01T00:00:00Z,Added\r\n2026-01-01T00:00"
    demo.inject(FILES, Fault(status=200, body=text, content_type="text/csv"), times=None)
    run = Warehouse(demo).load()
    assert "1 cells of 2" in run.error
    assert run.rows == []


@pytest.mark.thorough
def test_a_drip_ends_in_time(demo: DemoOrganisation) -> None:
    export(demo)
    demo.inject(FILES, Fault.dripping(0.2), times=None)
    run = Warehouse(demo).load(total_timeout=1)
    assert "total_timeout" in run.error


@pytest.mark.parametrize(
    "link",
    [
        "https://download.zoho.com.example.org/v2/crm/1/auditlog/1/AuditLog.csv",
        "https://example.org/download.zoho.com/AuditLog.csv",
        "http://download.zoho.com/AuditLog.csv",
        "https://download.zoho.com:8443/AuditLog.csv",
        "https://user@download.zoho.com/AuditLog.csv",
        "ftp://127.0.0.1/AuditLog.csv",
        "//example.org/AuditLog.csv",
        "/v2/AuditLog.csv",
    ],
)
def test_the_token_goes_to_no_other_host(demo: DemoOrganisation, link: str) -> None:
    export(demo)
    demo.organisation.audit_log_exports[0]["download_links"] = [link]
    run = Warehouse(demo).load()
    assert "download hosts" in run.error
    assert run.rows == []


def test_a_redirect_is_followed_to_hosts_of_the_list_only(demo: DemoOrganisation) -> None:
    job = export(demo)
    where = f"{demo.download_url}{demo.organisation.audit_log.path(job)}.csv"
    demo.inject(FILES, Fault(status=302, body="", headers={"Location": where}))
    warehouse = Warehouse(demo)
    run = warehouse.load()
    assert run.code == 0, run.stderr
    warehouse.assert_has(lines(demo, job))
    away = {"Location": "https://files.example.org/AuditLog.csv"}
    demo.inject(FILES, Fault(status=302, body="", headers=away))
    assert "files.example.org" in Warehouse(demo).load().error
    demo.inject(FILES, Fault(status=302, body="", headers={"Location": where}), times=None)
    assert "redirected" in Warehouse(demo).load().error
