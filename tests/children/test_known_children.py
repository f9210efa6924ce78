"""Keys of children as STATE has them."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_zohocrm_modules.sync.children.known import KnownChildren
from tap_zohocrm_modules.sync.state import StateError

IDS = st.integers(1, 2**64 - 1).map(str)
KEYS = st.sets(IDS | st.text("0123456789abcdef", min_size=1, max_size=40), max_size=5)


@given(st.dictionaries(IDS, KEYS, max_size=8))
def test_what_is_packed_is_unpacked(known: dict[str, set[str]]) -> None:
    children = KnownChildren("Deals_Shares", None)
    children.begin()
    for parent, keys in known.items():
        children.learn(parent, keys)
    again = KnownChildren("Deals_Shares", children.packed())
    assert {parent: {*again.keys_of(parent)} for parent in known} == known


def test_ids_take_few_characters() -> None:
    children = KnownChildren("Deals_Contact_Roles", None)
    children.begin()
    for parent in range(2_000):
        key = 5937104124000000000
        children.learn(str(5937104132000000000 + 13 * parent), {str(key + 7 * parent), str(key)})
    assert len(children.packed() or "") < 2_000 * 2 * 8


@pytest.mark.parametrize("text", ["", "x", "####", base64.b64encode(b"{}").decode()])
def test_what_cannot_be_unpacked_is_an_error(text: str) -> None:
    with pytest.raises(StateError, match="cannot be unpacked"):
        KnownChildren("Deals_Shares", text)
