"""Bodies, packed bodies, downloads, numbers and nesting have limits, and a clear error beyond."""

from __future__ import annotations

import gzip
import io
import itertools
import json
from decimal import Decimal

import pytest
from support.client import LIST_MODULES, client_for
from support.demo import MODULES, calls_of

from tap_zohocrm_modules.zoho.transport.connection import Bounds
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError, ZohoError
from tap_zohocrm_modules.zoho.transport.json_text import ExcessiveError, decode_json
from zohocrm_demo import DemoOrganisation, Fault

JSON = "application/json;charset=utf-8"
SMALL = Bounds(body=200_000, small_body=1_000, error_body=1_000, download=200_000)
GZIP = {"Content-Encoding": "gzip"}


def error_of(demo: DemoOrganisation, fault: Fault, *, download: bool = False) -> str:
    demo.inject(MODULES, fault, times=None)
    with client_for(demo, bounds=SMALL) as client:

        def read() -> None:
            if download:
                client.download(LIST_MODULES, io.BytesIO())
            else:
                client.call(LIST_MODULES)

        with pytest.raises(ZohoError) as caught:
            read()
        return str(caught.value)


def answer(body: bytes, kind: str = JSON, **headers: str) -> Fault:
    encoding = {name.replace("_", "-"): value for name, value in headers.items()}
    return Fault(status=200, body=body, content_type=kind, headers=encoding)


@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "packed"])
def test_a_body_beyond_the_bound_is_refused_after_one_call(
    demo: DemoOrganisation, is_packed: bool
) -> None:
    fault = (
        answer(gzip.compress(b" " * 30_000_000), **GZIP) if is_packed else answer(b" " * 300_000)
    )
    error = error_of(demo, fault)
    assert "larger than 0.191 MiB" in error
    assert "GET /crm/v8/settings/modules" in error
    assert calls_of(demo, MODULES) == 1


def test_a_download_beyond_the_bound_is_refused(demo: DemoOrganisation) -> None:
    fault = answer(b"x" * 300_000, "application/zip")
    assert "larger than" in error_of(demo, fault, download=True)


def test_a_packed_body_is_read_like_a_plain_one(demo: DemoOrganisation) -> None:
    body = gzip.compress(b'{"modules": []}')
    demo.inject(MODULES, answer(body, **GZIP))
    with client_for(demo) as client:
        assert client.call(LIST_MODULES).body == {"modules": []}


@pytest.mark.parametrize("cut", [5, 20])
def test_a_packed_body_that_is_cut_short_or_damaged_is_asked_for_again(
    demo: DemoOrganisation, cut: int
) -> None:
    demo.inject(MODULES, answer(gzip.compress(b'{"modules": [1, 2, 3]}')[:cut], **GZIP))
    with client_for(demo) as client:
        client.call(LIST_MODULES)
        assert client.credits.retries == 1


def test_an_encoding_that_was_not_asked_for_is_named(demo: DemoOrganisation) -> None:
    assert "(br)" in error_of(demo, answer(b"{}", **{"Content-Encoding": "br"}))


def test_a_long_page_of_an_error_is_cut_and_the_status_counts(demo: DemoOrganisation) -> None:
    assert "HTTP 400" in error_of(demo, Fault.html(400, "x" * 500_000))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"1" * 1_001, "digits"),
        (b"[1." + b"1" * 1_001 + b"]", "digits"),
        (b"1e999999999", "exponent"),
        (b"-1E-1001", "exponent"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "levels of nesting"),
        (b"[" * 5_000 + b"]" * 5_000, "levels of nesting"),
        (b"[" + b"[]," * 400_000 + b"1]", "lists and objects"),
        (b"[" + b"1," * 1_600_000 + b"1]", "values"),
    ],
    # Else the bodies are the tests' names, which processes tell each other.
    ids=itertools.count(),
)
def test_json_beyond_the_bounds_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(ExcessiveError, match=said):
        decode_json(body)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"1" * 1_000, int("1" * 1_000)),
        (b"1e1000", Decimal("1e1000")),
        (json.dumps("1" * 5_000).encode(), "1" * 5_000),
        (json.dumps(["[" * 500, "{{"]).encode(), ["[" * 500, "{{"]),
        (b"[" * 64 + b"]" * 64, None),
    ],
    ids=itertools.count(),
)
def test_json_within_the_bounds_is_read(body: bytes, value: object) -> None:
    found = decode_json(body)
    assert value is None or found == value


def test_an_answer_with_a_huge_number_fails_its_call_once(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, answer(b'{"modules": [1e999999999]}'), times=None)
    with client_for(demo) as client, pytest.raises(UnreadableAnswerError, match="exponent"):
        client.call(LIST_MODULES)
    assert calls_of(demo, MODULES) == 1
