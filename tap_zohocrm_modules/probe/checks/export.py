"""What the file of one bulk job shows, held against the same records in lists.

https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/overview.html
"""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tap_zohocrm_modules.probe.account import (
    PROBE,
    SCOPES,
    Account,
    Row,
    Witness,
    data_of,
    said,
    texts_of,
)
from tap_zohocrm_modules.probe.assumption import Seen
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.path_names import BULK
from tap_zohocrm_modules.zoho.transport.calls import CRM_BULK, Call
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.instants import parse, zoho_literal
from tap_zohocrm_modules.zoho.transport.texts import counted

_MOST_OF_A_KIND = 4
_IDS = ("export_file", "export_separator", "export_booleans", "export_zone")
_PAUSES = (1, 2, 4, 8, 16, 32)


def result(account: Account) -> Mapping[str, Seen]:
    """Export the newest records of the witness, and look at the file."""
    witness = account.witness
    kinds = ("multiselectpicklist", "boolean", "datetime")
    names = [name for kind in kinds for name in witness.of_type(kind)[:_MOST_OF_A_KIND]]
    try:
        data = _exported(account, witness, names)
    except ZohoError as error:
        return dict.fromkeys(_IDS, Seen(f"no result: {said(error)}", None))
    return _look(witness, names, data)


def _exported(account: Account, witness: Witness, names: Sequence[str]) -> bytes:
    """Return the zipped result of one job; ZohoError: there is none."""
    times = [parse(str(row["Modified_Time"])) for row in witness.newest if row.get("Modified_Time")]
    condition = {
        "field": {"api_name": "Modified_Time"},
        "comparator": "greater_equal",
        "value": zoho_literal(min(times)),
    }
    query = {
        "module": {"api_name": witness.name},
        "fields": [*dict.fromkeys(["Modified_Time", *names])],
        "page": 1,
        "criteria": condition,
    }
    answer = account.call(
        "/read",
        SCOPES[BULK],
        method="POST",
        base=CRM_BULK,
        credits=Limits().job_credits,
        body={"query": query},
    )
    job = _object(_object(next(iter(data_of(answer)), {})).get("details")).get("id")
    url = None
    for pause in _PAUSES:
        account.client.machine.sleep(pause * account.client.policy.first_wait)
        jobs = data_of(account.call(f"/read/{job}", SCOPES[BULK], base=CRM_BULK))
        url = _object(_object(next(iter(jobs), {})).get("result")).get("download_url")
        if url is not None:
            break
    if not isinstance(url, str):
        raise ZohoError("The job did not end in time.")
    with tempfile.TemporaryFile() as file:
        account.client.download(Call(url, SCOPES[BULK], base="", stream=PROBE), file)
        file.seek(0)
        return file.read()


def _look(witness: Witness, names: Sequence[str], data: bytes) -> Mapping[str, Seen]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    files = archive.namelist()
    text = archive.read(files[0])
    has_mark = text.startswith(codecs.BOM_UTF8)
    rows = [*csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""))]
    header, cells = rows[0], [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
    is_usual = len(files) == 1 and not has_mark and header[:1] == ["Id"]
    shape = (
        f"{counted(len(files), 'file')}, {'a' if has_mark else 'no'} byte-order mark, the id"
        f" {'first' if header[:1] == ['Id'] else 'elsewhere'}, {counted(len(cells), 'row')}"
    )
    listed = {str(row["id"]): row for row in witness.newest}
    pairs = [(row, listed[row["Id"]]) for row in cells if row.get("Id") in listed]
    return {
        "export_file": Seen(shape, is_usual),
        "export_separator": _separator(_of(witness, names, "multiselectpicklist"), pairs),
        "export_booleans": _booleans(_of(witness, names, "boolean"), pairs),
        "export_zone": _zone(_of(witness, names, "datetime"), pairs),
    }


def _of(witness: Witness, names: Sequence[str], kind: str) -> list[str]:
    return [name for name in witness.of_type(kind) if name in names or name == "Modified_Time"]


_Pairs = Sequence[tuple[Mapping[str, str], Row]]


def _separator(names: Sequence[str], pairs: _Pairs) -> Seen:
    signs: set[str] = set()
    number = 0
    for cells, row in pairs:
        for name in names:
            chosen = texts_of(row.get(name))
            if len(chosen) > 1 and cells.get(name):
                number += 1
                signs.add(next((s for s in ";,|" if s.join(chosen) == cells[name]), "another sign"))
    if not number:
        return Seen("no record has several values in one field", None)
    return Seen(f"{' and '.join(sorted(signs))} in {counted(number, 'cell')}", signs == {";"})


def _booleans(names: Sequence[str], pairs: _Pairs) -> Seen:
    found = [cells[name] for cells, _ in pairs for name in names if cells.get(name)]
    usual = sum(text in {"true", "false"} for text in found)
    text = f"{usual} of {counted(len(found), 'cell')} true or false"
    return Seen(text, usual == len(found) if found else None)


def _zone(names: Sequence[str], pairs: _Pairs) -> Seen:
    """Compare what has not been changed between list and export."""
    same = zoned = number = 0
    for cells, row in pairs:
        for name in names:
            if not (cells.get(name) and row.get(name)):
                continue
            number += 1
            instant = _instant(cells[name])
            zoned += instant is not None
            same += instant == _instant(row[name])
    text = f"{zoned} of {counted(number, 'date-time')} with an offset, {same} as in lists"
    return Seen(text, zoned == same == number if number else None)


def _instant(value: Any) -> datetime | None:
    """Return an instant; None for a text without an offset."""
    try:
        found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
