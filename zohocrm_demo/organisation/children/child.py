"""One child of a record, and what the data file says of children."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from zohocrm_demo.organisation.data_files import Values, filler, read_file
from zohocrm_demo.organisation.references import Row

KINDS: Mapping[str, Any] = read_file("children.yaml")
LINKS: Mapping[str, Mapping[str, Any]] = KINDS["links"]
# By the parent's side of a relation, the one that says what it has.
INVERSE: Mapping[str, str] = {
    link["inverse"]: name for name, link in LINKS.items() if "inverse" in link
}
EMAILS, TIMELINE, SHARES, LOCKS = "Emails", "Timeline", "Shares", "Locking_Information__s"
BLUEPRINT = "Blueprint"
CHILD_IDS = 985_000_000_000


@dataclass(frozen=True, slots=True)
class Child:
    """One child, as the calls show it."""

    key: str  # its id; of a link the id of the other record
    at: int  # when it came to be, in seconds since 1970
    row: Mapping[str, Any]  # all that is shown; of a link what the relation itself has


def child_module(kind: str) -> str:
    """The module of the records that a list of links has."""
    if kind in INVERSE:
        return INVERSE[kind].partition(".")[0]
    child: str = LINKS[kind]["child"]
    return child


def filled(*path: str, **values: Any) -> Row:
    """A row of the data file with its placeholders' values."""
    template: Any = KINDS
    for part in path:
        template = template[part]
    row: Row = filler(template)(values, _no_tags)
    return row


def _no_tags(kind: str, value: Any, values: Values) -> Any:
    raise LookupError(f"children have no !{kind} {value} of {values}")
