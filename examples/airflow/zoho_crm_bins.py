# ruff: noqa: INP001 - a module of the DAGs folder
"""Which streams a run of the workers reads, in which bins, and for how many credits each."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

Bin = dict[str, Any]
"""`streams`, by name, and `seconds`, which they take together."""


def wrong_name(
    params: Mapping[str, Any], streams: Iterable[Mapping[str, Any]], others: Iterable[str]
) -> str | None:
    """Return what is wrong with a name among the parameters of a run, if one is.

    Args:
        params: The parameters: `streams` and `full_refresh` name streams.
        streams: All streams that there are.
        others: Those among them that are neither of a module's records nor of their children.
    """
    known = {stream["tap_stream_id"] for stream in streams}
    read = (known - {*others}) | {*params["streams"]}
    for parameter, names in (("streams", {*others}), ("full_refresh", read)):
        for name in params[parameter]:
            if name not in names:
                folded = {each.lower(): each for each in names}
                close = difflib.get_close_matches(name.lower(), folded, 1)
                hint = f"; did you mean {folded[close[0]]!r}?" if close else ""
                wrong = f"{parameter} names {name!r}, which is not among the streams of this run"
                return f"{wrong}{hint}"
    return None


def shares(budget: int | None, bins: int) -> list[int | None]:
    """Return each bin's part of the credits, which together are no more than those."""
    if budget is None:
        return [None] * bins
    return [budget // bins + (number < budget % bins) for number in range(bins)]


def spread(streams: Iterable[Mapping[str, Any]], workers: int) -> list[Bin]:
    """Return at most so many bins of streams: the longest first, each to the emptiest bin."""
    bins: list[Bin] = [{"streams": [], "seconds": 0.0} for _ in range(workers)]
    for stream in sorted(streams, key=lambda s: (-s["seconds"], s["stream"])):
        emptiest = min(bins, key=lambda part: (part["seconds"], len(part["streams"])))
        emptiest["streams"].append(stream["stream"])
        emptiest["seconds"] += stream["seconds"]
    return [part for part in bins if part["streams"]]


def fill(planned: Iterable[Mapping[str, Any]], others: Iterable[str], most: int) -> list[Bin]:
    """Return at most so many bins: the streams of the `others` share one of them.

    Lists of children are as long as records or longer: each is wherever there is room.
    """
    streams, names = [*planned], {*others}
    if most <= 1:
        return spread(streams, 1)
    apart = spread([one for one in streams if one["stream"] in names], 1)
    return spread([one for one in streams if one["stream"] not in names], most - len(apart)) + apart


def selected(streams: Iterable[dict[str, Any]], without: Iterable[str]) -> dict[str, Any]:
    """Return a catalog of streams, all selected, but for those without."""
    chosen = [stream for stream in streams if stream["tap_stream_id"] not in {*without}]
    for stream in chosen:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = True
    return {"streams": chosen}
