"""What the tap assumes about Zoho, and what was seen of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

if TYPE_CHECKING:
    from tap_zohocrm_modules.probe.account import Account


@dataclasses.dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption, as `assumptions.yaml` has it."""

    id: str
    assumption: str  # a sentence
    documented: str  # what Zoho's pages say
    tap: str  # what the tap does about it
    rests_on: str  # what shows it so far: documents, reports, answers, nothing
    relied: bool  # whether records could be lost or wrong where it does not hold


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """What an account shows of one assumption: shapes, counts and codes, no value of a record."""

    text: str
    holds: bool | None  # None where the account has nothing to see it by


Check: TypeAlias = "Callable[[Account], Mapping[str, Seen]]"
"""Makes a few calls, and returns what they show, by the assumption's id."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """An assumption, and what was seen of it."""

    of: Assumption
    seen: Seen

    @property
    def is_failure(self) -> bool:
        """Whether the tap relies on what does not hold."""
        return self.of.relied and self.seen.holds is False

    def to_json(self) -> dict[str, Any]:
        """Return it as `--probe=json` prints it."""
        of = self.of
        return {
            "id": of.id,
            "assumption": of.assumption,
            "documented": of.documented,
            "seen": self.seen.text,
            "holds": self.seen.holds,
            "tap": of.tap,
        }


def assumptions() -> tuple[Assumption, ...]:
    """Return all assumptions, in the order in which an account is asked."""
    text = resources.files(__package__).joinpath("assumptions.yaml").read_text("utf-8")
    return tuple(Assumption(id=name, **about) for name, about in yaml.safe_load(text).items())


def findings(seen: Mapping[str, Seen]) -> tuple[Finding, ...]:
    """Return a finding for each assumption; KeyError: nobody has looked for one."""
    return tuple(Finding(of, seen[of.id]) for of in assumptions())
