"""What a catalog may not do to who loads by it: lose streams and columns, change types and keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from zohocrm_conformance.messages import Described
from zohocrm_conformance.tables import columns_of
from zohocrm_conformance.truth import Stain


def changes(
    before: Mapping[str, Described], after: Mapping[str, Described], when: str
) -> Iterator[Stain]:
    """What has broken between two catalogs of the same organisation; more columns break nothing."""
    gone = sorted(before.keys() - after.keys())
    if gone:
        yield Stain("lost", len(gone), f"streams are gone {when}: {', '.join(gone[:5])}")
    for name in sorted(before.keys() & after.keys()):
        one, other = columns_of(before[name]), columns_of(after[name])
        lost = sorted(one.keys() - other.keys())
        if lost:
            text = f"{name}: columns are gone {when}: {', '.join(lost[:5])}"
            yield Stain("lost", len(lost), text)
        retyped = sorted(key for key in one.keys() & other.keys() if one[key] != other[key])
        if retyped:
            text = f"{name}: columns have other types {when}: {', '.join(retyped[:5])}"
            yield Stain("false", len(retyped), text)
        if before[name].keys != after[name].keys:
            yield Stain("false", 1, f"{name}: the key is another one {when}")
