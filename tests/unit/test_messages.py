"""Messages are lines of UTF-8 JSON, whatever the values; numbers keep their digits."""

from __future__ import annotations

import contextlib
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from singer_sdk.singerlib.messages import RecordMessage
from support.json_values import ANYTHING, same

from tap_zohocrm_modules.streams.messages import MessageWriter
from tap_zohocrm_modules.zoho.transport.json_text import json_bytes, json_text, without_halves


def written(*values: Any) -> bytes:
    """What standard output gets of a record for each value."""
    stdout = io.BytesIO()
    with contextlib.redirect_stdout(io.TextIOWrapper(stdout, "ascii")):
        for value in values:
            MessageWriter().write_message(RecordMessage(stream="modules", record={"value": value}))
        return stdout.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (2**70, "1180591620717411303424"),
        (-(2**64), "-18446744073709551616"),
        (Decimal("1.10"), "1.10"),
        (Decimal("0.12345678901234567890"), "0.12345678901234567890"),
        ("納品書", '"納品書"'),
        ("\u2028\n\x00", '"\u2028\\n\\u0000"'),
        ("\ud800", '"\ufffd"'),
        (["\udfff", Decimal("1.10"), 2**70], '["\ufffd",1.10,1180591620717411303424]'),
        (["\udfff", True, None, 1.5, ("é",)], '["\ufffd",true,null,1.5,["é"]]'),
        ({"\ud800": {}}, '{"\ufffd":{}}'),
    ],
)
def test_values_are_spelt_exactly(value: object, text: str) -> None:
    assert json_text(value) == text


@given(ANYTHING)
def test_any_value_can_be_read_back(value: Any) -> None:
    line = json_bytes(value)
    assert b"\n" not in line
    assert same(json.loads(line.decode("utf-8"), parse_float=Decimal), without_halves(value))


@given(ANYTHING, ANYTHING)
def test_every_message_is_one_line_whatever_standard_outputs_encoding(
    first: Any, second: Any
) -> None:
    lines = written(first, second).decode("utf-8").split("\n")
    assert lines.pop() == ""
    records = [json.loads(line, parse_float=Decimal)["record"] for line in lines]
    assert same(records, [{"value": first}, {"value": second}])
