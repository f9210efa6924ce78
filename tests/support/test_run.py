"""What tests read of a run: one message or line of the log per line feed."""

from __future__ import annotations

from support.run import LogLine, Run

# What str.splitlines() takes for the end of a line, and JSON or a log leave as it is.
SEPARATORS = "\u2028 \u2029 \x85 \x0b \x0c \x1c \x1d \x1e"


def test_only_a_line_feed_ends_a_message() -> None:
    stdout = f'{{"a":"{SEPARATORS[:5]}"}}\n{{"b":1}}\n'.encode()

    assert Run(0, stdout, "").messages == [{"a": SEPARATORS[:5]}, {"b": 1}]


def test_only_a_line_feed_ends_a_line_of_the_log() -> None:
    lines = f"2026-11-24 03:00:00,000 | INFO     | tap | one {SEPARATORS} line\nanother\n"

    assert Run(0, b"", lines).log == [
        LogLine("INFO", "tap", f"one {SEPARATORS} line"),
        LogLine("", "", "another"),
    ]
