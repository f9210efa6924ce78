"""What a server sent reaches log and errors as one bounded line without secrets."""

from __future__ import annotations

import logging

import pytest

from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError
from tap_zohocrm_modules.zoho.transport.hosts import on_host
from tap_zohocrm_modules.zoho.transport.texts import MaskingFilter, Secrets, one_line

API = "https://www.zohoapis.com"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nERROR b", "a ERROR b"),
        ("\x1b[2Ja", "[2Ja"),
        ("a\u202eb\u2066c\u200d", "a b c"),
        ("half \ud800 pair", "half pair"),
        ("a\u2028b\u0085c", "a b c"),
        ("x" * 500, "x" * 397 + "..."),
        ("Ünïcode 納品書", "Ünïcode 納品書"),
    ],
)
def test_a_text_is_one_bounded_line(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_a_secret_is_masked_before_the_text_is_cut() -> None:
    secret = "1000." + "s" * 20
    assert "ssss" not in Secrets([secret]).mask("x" * 390 + secret)


def test_the_log_filter_masks_messages_arguments_and_tracebacks() -> None:
    mask = MaskingFilter(Secrets(["hush"]))
    error = ValueError("it was hush")
    info = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("x", logging.INFO, "f", 1, "a %s\nb", ("hush",), info)
    assert mask.filter(record)
    text = logging.Formatter().format(record)
    assert "hush" not in text
    assert text.splitlines()[0] == "a *** b"
    assert "ValueError: it was ***" in text


def test_a_calls_text_shows_no_more_than_a_line() -> None:
    text = str(Call("/x\r\nERROR", "", params=(("a", "b\n" * 100),)))
    assert "\n" not in text
    assert len(text) < 300


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("/crm/bulk/v8/read/1/result", f"{API}/crm/bulk/v8/read/1/result"),
        (f"{API}/crm/bulk/v8/read/1/result?a=b", f"{API}/crm/bulk/v8/read/1/result?a=b"),
        ("https://WWW.zohoapis.com/x", f"{API}/x"),
    ],
)
def test_a_url_on_the_api_host_is_called(target: str, url: str) -> None:
    assert on_host(API, target) == url


@pytest.mark.parametrize(
    "target",
    [
        "",
        "@evil.example/x",
        ".evil.example/x",
        "//evil.example/x",
        ":1/x",
        "/\\evil.example",
        "/a b",
        "/x\r\nHost: evil.example",
        "https://evil.example/x",
        "http://www.zohoapis.com/x",
        "https://www.zohoapis.com:444/x",
        "https://www.zohoapis.com@evil.example/x",
        "https://u:p@www.zohoapis.com/x",
        "https://[::1",
        "javascript:x",
    ],
)
def test_a_url_that_leads_elsewhere_is_refused(target: str) -> None:
    with pytest.raises(UnreadableAnswerError, match="not on its API host"):
        on_host(API, target)
