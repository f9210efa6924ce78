"""The plan of a run as values, as a table for people and as JSON for machines."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence

from tap_zohocrm_modules.zoho.transport.texts import table


@dataclasses.dataclass(frozen=True, slots=True)
class StreamPlan:
    """What one stream would read and cost."""

    stream: str
    records: int | None = None  # how many rows it would emit; None where nobody knows beforehand
    reads: str = "all"  # what it reads, for people: `all`, `changes since ...`
    read_path: str | None = None  # `rest`, `coql` or `bulk` for the records of a module
    why: str = ""  # why that path, or what the figures rest on
    credits: int = 0  # API credits, discovery included
    seconds: float = 0  # at the measured latency
    is_estimate: bool = False  # some of its calls depend on rows that are not known beforehand
    unpriced: str = ""  # what it costs besides, of which nobody knows how much; a sentence
    problem: str | None = None  # why it cannot be read: the scope or permission that is missing


@dataclasses.dataclass(frozen=True, slots=True)
class RunPlan:
    """What a run of a selection would read and cost."""

    streams: Sequence[StreamPlan]  # in the order of the run
    shared: int  # credits that are spent for several streams at once: modules, and their fields
    own_cost: int  # credits that the plan itself has taken
    latency: float  # seconds that an API call took, on average
    daily_credits: int | None = None  # of the organisation, None where it does not say
    credits_left: int | None = None  # of those, None where Zoho does not say
    asked: Sequence[str] = ()  # streams whose fields Zoho was asked for, unknown to the catalog

    @property
    def credits(self) -> int:
        """API credits of the whole run."""
        return self.shared + sum(stream.credits for stream in self.streams)

    @property
    def seconds(self) -> float:
        """How long the whole run would take."""
        return self.shared * self.latency + sum(stream.seconds for stream in self.streams)

    def to(self, form: str) -> str:
        """Return the plan as a `table`, or as `json`: these attributes, and the totals."""
        if form == "table":
            return self._table()
        return json.dumps(
            {
                **dataclasses.asdict(self),
                "credits": self.credits,
                "seconds": round(self.seconds, 1),
            },
            ensure_ascii=False,
            indent=2,
        )

    def _table(self) -> str:
        rows = [("stream", "records", "reads", "path", "credits", "time")]
        rows += [
            (
                stream.stream,
                "" if stream.records is None else f"{stream.records:,}",
                "cannot be read" if stream.problem else stream.reads,
                stream.read_path or "",
                _price(stream),
                duration(stream.seconds),
            )
            for stream in self.streams
        ]
        rows.append(("modules and fields", "", "", "", f"{self.shared:,}", ""))
        rows.append(("in all", "", "", "", f"{self.credits:,}", duration(self.seconds)))
        lines = table(rows, ("stream", "reads", "path"))
        return "\n".join([*lines, "", *self._notes()])

    def _notes(self) -> Iterator[str]:
        if self.daily_credits:
            share = 100 * self.credits / self.daily_credits
            yield f"{self.credits:,} credits are {share:.1f} % of a day's {self.daily_credits:,}."
        if self.credits_left is not None:
            yield f"{self.credits_left:,} credits are left today."
        for stream in self.streams:
            if stream.problem:
                yield f"{stream.stream}: {stream.problem}"
            elif stream.unpriced:
                yield f"{stream.stream}: {stream.unpriced}"
            elif stream.read_path and stream.records is None:
                yield f"{stream.stream}: its price is that of a first page, since {stream.why}."
        if self.asked:
            yield (
                f"The catalog does not know the fields of {', '.join(self.asked)}: a credit for"
                " each. Discover again, and a plan needs only one to count the records."
            )
        yield f"This plan took {self.own_cost} credits, {self.latency * 1000:.0f} ms a call."


def _price(stream: StreamPlan) -> str:
    if stream.unpriced:
        return f"at least {stream.credits:,}"
    return f"{'about ' if stream.is_estimate else ''}{stream.credits:,}"


def duration(seconds: float) -> str:
    """Return a time as people say it."""
    if seconds < 1:
        return "1 s"
    if seconds < 90:  # noqa: PLR2004 - then minutes are easier to read
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
