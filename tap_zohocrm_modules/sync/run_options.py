"""How the tap works beside what the settings say: one value, handed in when a tap is made."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

from tap_zohocrm_modules.zoho.metadata import ENDPOINTS, Endpoint
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import RecordField
from tap_zohocrm_modules.zoho.transport.connection import TimeLimits
from tap_zohocrm_modules.zoho.transport.machine import Machine
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy

_AS_SET = TimeLimits(request=math.inf, total=math.inf)


@dataclasses.dataclass(frozen=True, slots=True)
class Quick:
    """How long an interactive check waits: it says what is wrong rather than wait for it to pass.

    Times are in seconds.
    """

    policy: RetryPolicy = dataclasses.field(default_factory=lambda: RetryPolicy(2, 10))
    timeout: float = 10  # for a piece of an answer, whatever `request_timeout` says
    session: float = 28  # for all calls together, whatever the network does


@dataclasses.dataclass(frozen=True, slots=True)
class RunOptions:
    """What `--test`, `--discover`, `--plan`, `--verify` and a run do differently.

    Tests and the simulation hand in other limits and another machine.
    """

    policy: RetryPolicy = dataclasses.field(default_factory=RetryPolicy)
    limits: Limits = dataclasses.field(default_factory=Limits)
    machine: Machine = dataclasses.field(default_factory=Machine)
    quick: Quick = dataclasses.field(default_factory=Quick)
    endpoints: Mapping[str, Endpoint] = dataclasses.field(default_factory=lambda: ENDPOINTS)
    times: TimeLimits = _AS_SET  # where they are shorter than what the settings say
    # Whether streams without a catalog are described, which takes a call for each module.
    describes_records: bool = True
    # The fields of modules by stream, where a catalog's are good enough; None to ask Zoho.
    known_fields: Mapping[str, tuple[RecordField, ...]] | None = None
    # Whether what is written says how far a run has come.
    writes_state: bool = True

    def for_check(self) -> RunOptions:
        """Return the same with the patience of an interactive check."""
        quick = self.quick
        times = dataclasses.replace(self.times, request=quick.timeout, session=quick.session)
        return dataclasses.replace(self, policy=quick.policy, times=times)
