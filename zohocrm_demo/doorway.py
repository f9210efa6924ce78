"""A host without a socket: requests go in and answers come out in the caller's thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zohocrm_demo.answers import Answer
    from zohocrm_demo.calls import Request
    from zohocrm_demo.server import House, Site


class ConnectionResetByHostError(Exception):
    """The host resets the connection before any answer."""


class StalledError(Exception):
    """The host never answers."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What arrives of an answer.

    Attributes:
        answer: The whole answer.
        cut: Bytes of the body after which the connection breaks; None for the whole body.
    """

    answer: Answer
    cut: int | None = None


class Doorway:
    """One host of the organisation, for clients in this process."""

    def __init__(self, url: str, site: Site, house: House) -> None:
        self.url = url
        self._site = site
        self._house = house

    def url_for(self, _: Mapping[str, str]) -> str:
        """The URL, which is the same for every client."""
        return self.url

    def serve(self, request: Request) -> Delivery:
        """Answer a request, with whatever fault is due.

        Raises:
            ConnectionResetByHostError: a fault resets the connection.
            StalledError: a fault holds the answer back for ever.
        """
        house = self._house
        number = house.journal.arrived(request)
        fault = house.faults.next(request.path)
        if fault is None:
            delivery = Delivery(self._site(request, 0))
        elif fault.resets:
            raise ConnectionResetByHostError
        elif fault.stalls:
            raise StalledError
        else:
            # The real answer knows how to wait by itself.
            house.wait(0 if fault.status is None else fault.delay)
            answer = fault.answer(lambda: self._site(request, fault.delay))
            delivery = Delivery(answer, fault.cut_at(answer))
        house.journal.answered(number, delivery.answer.status)
        return delivery
