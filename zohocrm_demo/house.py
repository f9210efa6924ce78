"""A host of the organisation: what goes wrong with which answer, and for whom it is journaled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Journal, Request
from zohocrm_demo.faults import Fault, FaultPlan

Site = Callable[[Request, float], Answer]


class ConnectionResetByHostError(Exception):
    """The host resets the connection before any answer."""


class StalledError(Exception):
    """The host never answers."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is to arrive of an answer: with a fault, perhaps not all of it."""

    answer: Answer
    fault: Fault | None = None

    @property
    def cut(self) -> int | None:
        """Bytes of the body after which the connection breaks; None for the whole body."""
        return None if self.fault is None else self.fault.cut_at(self.answer)


@dataclass(frozen=True, slots=True)
class House:
    """What the hosts of one organisation share."""

    journal: Journal
    faults: FaultPlan
    stopping: threading.Event  # set when stalled and delayed answers have to end
    clock: Callable[[], datetime]  # the (aware) time for `Date` headers
    wait: Callable[[float], object]  # sleeps, but wakes up when the organisation stops

    def aside(self) -> House:
        """The same for a port whose calls are not entered and have no faults."""
        return replace(self, journal=Journal(), faults=FaultPlan())

    def serve(self, request: Request, site: Site) -> Delivery:
        """Answer a request with whatever fault is due; ConnectionResetByHostError, StalledError."""
        number = self.journal.arrived(request)
        fault = self.faults.next(request.path)
        if fault is None:
            delivery = Delivery(site(request, 0))
        elif fault.resets:
            raise ConnectionResetByHostError
        elif fault.stalls:
            raise StalledError
        else:
            # The real answer knows how to wait by itself.
            self.wait(0 if fault.status is None else fault.delay)
            delivery = Delivery(fault.answer(lambda: site(request, fault.delay)), fault)
        self.journal.answered(number, delivery.answer.status)
        return delivery


@dataclass(frozen=True, slots=True)
class Doorway:
    """One host of the organisation, for clients in this process."""

    url: str
    site: Site
    house: House

    def url_for(self, _: Mapping[str, str]) -> str:
        """The URL, which is the same for every client."""
        return self.url

    def serve(self, request: Request) -> Delivery:
        """Answer a request with whatever fault is due; ConnectionResetByHostError, StalledError."""
        return self.house.serve(request, self.site)
