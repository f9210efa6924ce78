"""What a run of many streams says of its price before it begins, without a call of its own."""

from __future__ import annotations

from collections.abc import Iterable

from singer_sdk import Stream

from tap_zohocrm_modules.plan.metadata import MetadataPrices, with_parents
from tap_zohocrm_modules.plan.row_counts import long_lists
from tap_zohocrm_modules.streams.metadata import MetadataStream
from tap_zohocrm_modules.streams.records import RecordStream
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.metadata import MODULES
from tap_zohocrm_modules.zoho.transport.texts import counted

DEFAULT = (
    *("modules", "fields", "picklist_values", "relationships"),
    *("users", "roles", "profiles", "org"),
)
"""The streams that the documentation recommends."""

# From here on a run says its price.
_DEAR = 400
_USUAL_MODULES = 50


def opening_line(run: Run, streams: Iterable[Stream]) -> str | None:
    """Return about what a run costs; None if that is little, or if it reads records only.

    Args:
        run: The run.
        streams: The tap's streams.
    """
    selected = [stream for stream in streams if stream.selected]
    names = [stream.name for stream in selected if isinstance(stream, MetadataStream)]
    needed = with_parents(run.endpoints, names)
    usual = MetadataPrices(run.endpoints, ({},) * _USUAL_MODULES, {})
    if MODULES.name not in needed or _price(usual, needed) < _DEAR:
        return None
    # The run reads these lists anyway; if it cannot, their streams say so.
    modules = tuple(row for part in run.reader.results(MODULES.name) for row in part.rows)
    if not modules:
        return None
    lists = [endpoint.name for endpoint in long_lists(run.endpoints, needed)]
    prices = MetadataPrices(run.endpoints, modules, run.reader.list_ahead(lists))
    records = sum(isinstance(stream, RecordStream) for stream in selected)
    more = f", besides the records of {counted(records, 'module')}" if records else ""
    return (
        f"This run reads {counted(len(names), 'stream')} of metadata for about"
        f" {_price(prices, needed):,} API credits{more}. To know the price first, run it with"
        f" --plan; {', '.join(DEFAULT)} alone cost about {_price(prices, DEFAULT):,}."
    )


def _price(prices: MetadataPrices, names: Iterable[str]) -> int:
    return sum(prices.plan(name, 0, 1).credits for name in names)
