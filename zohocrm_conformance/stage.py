"""The organisation of one case, and what the case does to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from zohocrm_conformance.case import READS, Action, Case, Run
from zohocrm_conformance.truth import Truth
from zohocrm_demo import (
    Clock,
    DemoOrganisation,
    Fault,
    Organisation,
    RequestLimits,
    sample_organisation,
)
from zohocrm_demo.faults import fault_of

# All modules that there are beside those that a case reads and those that they lead to, so that
# nobody's discovery takes long.
_MENU = frozenset({"Leads", "Accounts", "Contacts", "Deals", "Tasks"})
# So much behind the machine's clock that all of a case is in the past, and no day away from it.
_BEHIND = timedelta(hours=8)
_BEFORE_THE_FIRST_RUN = 3_600
_FAR = 9  # lookups from module to module; far more than there are
_ID_ARGUMENTS = {"records.convert": "lead_id"}


class Stage:
    """The organisation of a case while it runs; time stands still between what happens."""

    def __init__(self, case: Case, *, proxy: bool, lenient: bool = False) -> None:
        self.case = case
        self.demo = DemoOrganisation(
            self._organisation(),
            seed=1,
            lenient=lenient,
            clock=Clock(datetime.now(timezone.utc).replace(microsecond=0) - _BEHIND),
            https="proxy" if proxy else False,
            limits=RequestLimits(**(case.limits or {})),
            **(case.organisation or {}),
        )
        organisation = self.demo.organisation
        self.truth = Truth(organisation, tuple(case.modules))
        self._ids = {
            module: [row["id"] for row in organisation.records.read(module, "id")]
            for module in case.modules
        }
        self._pending: list[Callable[[], None]] = []
        self.do(case.setup)
        self.demo.settable_clock.advance(_BEFORE_THE_FIRST_RUN)
        self.truth.note()

    def _organisation(self) -> Organisation:
        made = sample_organisation(sample="plain", seed=1)
        kept = _MENU.union(self.case.modules)
        for _ in range(_FAR):
            kept |= {target for name in kept for target in _targets(made, name)}
        made.modules[:] = [one for one in made.modules if one["api_name"] in kept]
        for module, size in self.case.modules.items():
            made.records.resize(module, **size)
        return made

    @property
    def reads(self) -> str:
        """The paths of the calls that read the case's records."""
        first = next(iter(self.case.modules))
        return READS.format(module=first)

    def prepare(self, run: Run, kill: Callable[[], None]) -> None:
        """Arrange what goes wrong and what happens while a run goes on."""
        self._pending.clear()
        self.demo.clear_faults()
        for trouble in run.faults:
            fault = fault_of(trouble.kind, trouble.code, trouble.message)
            self.demo.inject(trouble.path or self.reads, fault, trouble.nth, trouble.times)
        for during in run.during:
            happen = self._once(during.do, kill if during.kill else None)
            self._pending.append(happen)
            self.demo.inject(self.reads, Fault.followed_by(happen), during.nth)

    def finish(self, run: Run) -> bool:
        """Let happen what was to happen meanwhile and did not; returns whether there was any."""
        missed = list(self._pending)
        for happen in missed:
            happen()
        self.demo.clear_faults()
        self.do(run.then)
        return bool(missed)

    def do(self, actions: tuple[Action, ...]) -> None:
        """Do these actions, one after the other."""
        for action in actions:
            for arguments in self._calls(action):
                made = self.demo.do(action["do"], **arguments)
                if action["do"] == "records.insert":
                    self._ids[arguments["module"]].append(made)
            self.truth.note()

    def _once(self, actions: tuple[Action, ...], kill: Callable[[], None] | None) -> Any:
        def happen() -> None:
            if happen in self._pending:
                self._pending.remove(happen)
                if kill is not None:
                    kill()
                self.do(actions)

        return happen

    def _calls(self, action: Action) -> Iterator[dict[str, Any]]:
        name = action["do"]
        given = {k: v for k, v in action.items() if k not in {"do", "records", "times", "late"}}
        if "late" in action:
            given["at"] = self.demo.settable_clock() - timedelta(seconds=action["late"])
        module = given.get("module", next(iter(self.case.modules)))
        if name == "records.convert":
            module = given.pop("module", "Leads")
        elif name.partition(".")[0] in {"records", "schema"} and name != "schema.add_module":
            given.setdefault("module", module)
        if "records" not in action:
            for number in range(action.get("times", 1)):
                yield _numbered(given, number)
            return
        for number in _places(str(action["records"])):
            key = _ID_ARGUMENTS.get(name, "record_id")
            yield _numbered({**given, key: self._ids[module][number]}, number)


def _targets(organisation: Organisation, module: str) -> Iterator[str]:
    for field in organisation.fields.get(module, ()):
        target = (field.get("lookup") or {}).get("module")
        if target:
            yield target["api_name"]


def _places(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        yield from range(int(first), int(last or first) + 1)


def _numbered(content: Any, number: int) -> Any:
    # `{n}` in a text is the number of the record, `{x*600}` six hundred times x.
    if isinstance(content, dict):
        return {key: _numbered(value, number) for key, value in content.items()}
    if isinstance(content, str):
        long = re.sub(r"\{(\w)\*(\d+)\}", lambda m: m[1] * int(m[2]), content)
        return long.replace("{n}", str(number))
    return content
