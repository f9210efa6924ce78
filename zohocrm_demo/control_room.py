"""What somebody can do to a running organisation, by name: `data/actions.yaml` lists it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from zohocrm_demo.accounts import Accounts
from zohocrm_demo.calls import Journal
from zohocrm_demo.clock import Clock
from zohocrm_demo.faults import FaultPlan, fault_of
from zohocrm_demo.live import Change, Life
from zohocrm_demo.organisation import Organisation
from zohocrm_demo.organisation.data_files import read_file

_TIMES = ("at", "to")


@dataclass(slots=True)
class ControlRoom:
    """The organisation and everything around it that can be changed while it runs."""

    organisation: Organisation
    clock: Callable[[], datetime]
    journal: Journal
    faults: FaultPlan
    accounts: Accounts
    life: Life
    reset: Callable[[], None]

    @property
    def actions(self) -> Mapping[str, str]:
        """The names of the actions, and what does them."""
        actions: Mapping[str, str] = read_file("actions.yaml")
        return actions

    def do(self, name: str, **arguments: Any) -> Any:
        """Do something by its name; LookupError: no such action, ValueError: wrong arguments.

        Times may be texts in ISO 8601.
        """
        if name not in self.actions:
            raise LookupError(f"no action {name}")
        action = attrgetter(self.actions[name])(self)
        try:
            inspect.signature(action).bind(**arguments)
        except TypeError as error:
            raise ValueError(str(error)) from error
        for time in _TIMES:
            if isinstance(arguments.get(time), str):
                text = arguments[time].replace("Z", "+00:00")
                arguments[time] = datetime.fromisoformat(text)
        return action(**arguments)

    def clock_now(self) -> str:
        """The organisation's time."""
        return self.clock().isoformat()

    def set_clock(self, to: datetime) -> str:
        """Make it so late; returns the time."""
        self.settable_clock.set(to)
        return self.clock_now()

    def advance_clock(self, seconds: float) -> str:
        """Let so much time pass at once; returns the time."""
        self.settable_clock.advance(seconds)
        return self.clock_now()

    @property
    def settable_clock(self) -> Clock:
        """The clock, or ValueError if the organisation was started with another kind of clock."""
        if not isinstance(self.clock, Clock):
            raise ValueError("the clock of this organisation can't be set")  # noqa: TRY004
        return self.clock

    def add_fault(  # noqa: PLR0913 (what, where, when, how often; all but the first are optional)
        self,
        kind: str,
        path: str = "/crm/*",
        nth: int = 1,
        times: int | None = 1,
        *,
        code: str | None = None,
        message: str | None = None,
    ) -> None:
        """Spoil calls of a path by a fault of `faults.KINDS` or a status, with a code of Zoho's."""
        self.faults.add(path, fault_of(kind, code, message), nth, times)

    def throttle_tokens(self, *, on: bool) -> None:
        """Hand out ten access tokens in ten minutes, as Zoho does, or as many as are asked for."""
        self.accounts.is_throttled = on

    def step_life(self, changes: int = 1) -> list[Change]:
        """Make so many changes of records."""
        return self.life.step(changes)

    def plan_bulk_job(
        self,
        course: list[str],
        error: Mapping[str, Any] | None = None,
        module: str | None = None,
        times: int | None = 1,
    ) -> None:
        """Let the next job of Bulk Read take these states."""
        jobs = self.organisation.records.bulk_jobs
        jobs.plan(*course, error=error, module=module, times=times)

    def read_journal(self, last: int = 100) -> list[dict[str, Any]]:
        """The latest calls: method, path, parameters and status."""
        calls = self.journal.calls[-last:] if last else ()
        return [
            {"method": one.method, "path": one.path, "params": one.params, "status": one.status}
            for one in calls
        ]
