"""A demo organisation of which one behaviour is changed: what its API host answers, rewritten."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from zohocrm_demo import DemoOrganisation, Organisation
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request

Alter: TypeAlias = Callable[[Request, Answer], Answer]
Rows: TypeAlias = list[dict[str, Any]]


@contextmanager
def altered(organisation: Organisation, alter: Alter) -> Iterator[DemoOrganisation]:
    """Serve an organisation whose answers are altered."""
    demo = DemoOrganisation(organisation)
    real = demo._answer
    demo._answer = lambda request, delay: alter(request, real(request, delay))
    organisation.records.bulk_jobs._downloads.clear()
    with demo:
        yield demo


def refusal(code: str, status: int = 400, **details: Any) -> Answer:
    """One of Zoho's refusals."""
    return answer({"code": code, "status": "error", "message": "no", "details": details}, status)


def answer(body: Any, status: int = 200) -> Answer:
    """An answer with this JSON."""
    return Answer(status, json.dumps(body).encode(), "application/json")


def rows_of(answer_: Answer, key: str = "data") -> Rows:
    """The rows of an answer; none where it has none."""
    body = json.loads(answer_.body) if answer_.body[:1] == b"{" else {}
    rows: Rows = body.get(key) or []
    return rows


def with_rows(answer_: Answer, rows: Rows, key: str = "data") -> Answer:
    """The answer with these rows in place of its own."""
    body = {**json.loads(answer_.body), key: rows}
    return dataclasses.replace(answer_, body=json.dumps(body).encode())


def with_cells(answer_: Answer, change: Callable[[str], str], before: bytes = b"") -> Answer:
    """The zipped CSV of an answer with each cell changed, and bytes before it."""
    with zipfile.ZipFile(io.BytesIO(answer_.body)) as archive:
        (name,) = archive.namelist()
        rows = [*csv.reader(io.StringIO(archive.read(name).decode(), newline=""))]
    file = io.StringIO()
    csv.writer(file).writerows([rows[0], *([change(cell) for cell in row] for row in rows[1:])])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, before + file.getvalue().encode())
    return dataclasses.replace(answer_, body=packed.getvalue())
