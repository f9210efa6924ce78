"""What `--verify` does: compares, mends if it is asked to, and reports."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence

import click
from singer_sdk import Stream

from tap_zohocrm_modules.sync.report import RunFailedError
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.verify.faults import StreamResult
from tap_zohocrm_modules.verify.report import as_json, as_table, is_equal, verdict
from tap_zohocrm_modules.verify.verify_run import Verification, open_for
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS

logger = logging.getLogger(__name__)

SAMPLE = 100


def verify_streams(  # noqa: PLR0913 - the command line's options, each by its name
    run: Run,
    describe: Callable[[], tuple[Sequence[Stream], Mapping[str, Exception]]],
    chosen: Collection[str],
    *,
    verify: str,
    verify_schema: str | None = None,
    verify_sample: int | None = None,
    verify_format: str | None = None,
    repair: str | None = None,
) -> None:
    """Compare the selected streams with their tables, and write the report.

    Args:
        run: The run.
        describe: Returns the tap's streams, in the order of their emission, and why selected
            modules have none. Nothing is asked of Zoho while the warehouse cannot be reached.
        chosen: The names of all streams of the catalog.
        verify: Where the tables are.
        verify_schema: In which schema; None for the default one.
        verify_sample: How many records of each stream are compared value by value.
        verify_format: `table` or `json`.
        repair: Whether the messages that mend what differs are written: `some`, or `all` however
            much that is; None for not.

    Raises:
        RunFailedError: something differs, or is not known; with `repair`, it is not all mended.
        WarehouseError: the warehouse cannot be reached.
    """
    with contextlib.closing(open_for(run.settings, verify, verify_schema)) as warehouse:
        began_at = run.client.server_now()
        every, undescribed = describe()
        names = {*chosen, *ENDPOINTS, *(stream.name for stream in every)}
        sample = SAMPLE if verify_sample is None else verify_sample
        verification = Verification(run, warehouse, sample, names, began_at)
        results = [*verification.results(every)]
        if repair is not None:
            verification.repair(everything=repair == "all")
    results += [StreamResult(name, problem=str(error)) for name, error in undescribed.items()]
    report = as_json(results) if verify_format == "json" else as_table(results)
    run.progress.close()
    click.echo(report, err=repair is not None)
    logger.info("%s", run.client.credits.summary())
    if not (is_equal(results) if repair is None else all(one.is_mended for one in results)):
        problems = [f"{one.stream}: {one.problem}" for one in results if one.problem]
        raise RunFailedError([*problems, verdict(results)])
