"""One room touches what singer_sdk marks as private."""

from __future__ import annotations

import importlib
import inspect

import pytest

from architecture.house import HOUSE, SourceFile, files, unexpected
from architecture.sdk_internals import touched


def singer_classes(source: SourceFile) -> frozenset[str]:
    """Return the file's classes that extend one of singer_sdk's."""
    module = importlib.import_module(source.module)
    return frozenset(
        name
        for name, cls in inspect.getmembers(module, inspect.isclass)
        if cls.__module__ == source.module
        and any(base.__module__.startswith("singer_sdk") for base in cls.__mro__)
    )


def test_only_one_room_touches_the_internals_of_the_sdk() -> None:
    found = {
        source.path: f"touches {', '.join(names)}"
        for source in files("tap_zohocrm_modules", "zohocrm_atlas")
        if source.path != HOUSE["sdk_internals_are_touched_in"]
        and (names := touched(source, singer_classes(source)))
    }
    assert unexpected(found, "sdk_internals") == []


@pytest.mark.parametrize(
    "body",
    [
        "from singer_sdk.streams._state import StreamStateManager",
        "import singer_sdk.streams._state",
        "class A(Stream):\n    def f(self):\n        self._write_state_message()",
        "class A(Stream):\n    def _increment_stream_state(self): ...",
        "def f(stream):\n    return stream._tap_state",
    ],
)
def test_a_touch_is_found(body: str) -> None:
    assert touched(SourceFile("a.py", body), frozenset({"A"})) != []


def test_private_names_of_our_own_are_no_touch() -> None:
    own = "class B:\n    def f(self):\n        self._tap_state = self._ours\n"

    assert touched(SourceFile("a.py", own), frozenset()) == []
