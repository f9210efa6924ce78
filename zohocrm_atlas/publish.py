"""From a snapshot to a folder: what changed, every file of the atlas, and the swap at the end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import msgspec

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.changes.change import Change
from zohocrm_atlas.changes.compare import carried_over, compare
from zohocrm_atlas.changes.store import (
    HELD,
    Held,
    load_held,
    load_latest,
    load_log,
    save,
    save_held,
    save_log,
)
from zohocrm_atlas.dbt_package.models import staging_models
from zohocrm_atlas.dbt_package.writer import write_dbt_package
from zohocrm_atlas.errors import AtlasError, InputError
from zohocrm_atlas.folder import AtlasFolder
from zohocrm_atlas.formulas.twins import Twins, all_twins
from zohocrm_atlas.identity import check_records, check_same_organisation
from zohocrm_atlas.model.entities import Field
from zohocrm_atlas.model.loaded import LoadedTable
from zohocrm_atlas.model.snapshot import Snapshot
from zohocrm_atlas.pages.site import History, write_pages
from zohocrm_atlas.standards.relational import Model
from zohocrm_atlas.standards.writer import write_models
from zohocrm_atlas.usage.run import UsageOfRun
from zohocrm_atlas.words import counted

_ANY_TIME = "9999"


def publish(  # noqa: PLR0913 - all but the first three by keyword
    snapshot: Snapshot,
    path: Path,
    logger: logging.Logger,
    *,
    fail_on: Collection[str] = (),
    atlas_of: Callable[[Snapshot], Atlas] = Atlas,
    usage: UsageOfRun | None = None,
) -> Sequence[Change]:
    """Writes the atlas of this snapshot, and returns the changes that `fail_on` names.

    These are the changes since the read before or, where an earlier run failed for some and
    nobody has accepted them, since the read before that run. `usage` is what has been counted of
    records.

    Raises:
        AtlasError: The folder is not an atlas, is that of another organisation, or its memory
            cannot be read. It is left as it was.
    """
    folder = AtlasFolder(path)
    with folder.locked():
        previous = load_latest(folder.path, snapshot.read_at)
        latest = previous or load_latest(folder.path, _ANY_TIME)
        of_records = _check_whose(latest, snapshot, usage, path)
        held = load_held(folder.path)
        kept = carried_over(previous, snapshot) if previous else snapshot
        found = list(compare(previous, kept)) if previous else []
        unwanted, held = _judge(previous, kept, held, fail_on)
        log = [*load_log(folder.path), *found]
        reads = [each.read_at for each in (previous, snapshot) if each]
        history = History(log, sorted(set(reads)), previous.counted if previous else {})
        with folder.draft() as draft:
            before = previous.usage if previous else {}
            usages = usage.put_together(kept, before, folder.path, draft) if usage else before
            tables = _own_tables(previous, kept, usage.foreign if usage else ())
            kept = msgspec.structs.replace(kept, usage=usages, tables=tables)
            known = {"tables": tables, "records": kept.records, "usage": usages}
            atlas = atlas_of(msgspec.structs.replace(kept if of_records else snapshot, **known))
            save(kept, draft)
            save_log(log, draft)
            if held:
                save_held(held, draft)
            formulas = _write_all(atlas, history, draft)
            folder.replace_by(draft)
    for problem in usage.problems if usage else ():
        logger.warning(problem)
    for field, why in (each for twins in formulas for each in twins.left_out):
        if field.roll_up or (field.computed and field.computed.text):
            logger.info("%s.%s has no SQL in dbt/models/formulas: %s.", *_names(field), why)
    logger.info(
        "The atlas of %s is written: %s (%s, %s since the read before).",
        atlas.name,
        path / "index.html",
        counted(len(atlas.modules), "module"),
        counted(len(found), "change"),
    )
    return unwanted


def _write_all(atlas: Atlas, history: History, folder: Path) -> Sequence[Twins]:
    """Writes pages, models and the dbt package; returns the formulas that are in it."""
    model = Model(atlas)
    staging = staging_models(model)
    formulas = all_twins(model, staging)
    write_pages(model, history, formulas, folder)
    write_models(model, formulas, folder)
    write_dbt_package(atlas, staging, formulas, folder / "dbt")
    return formulas


def _check_whose(
    latest: Snapshot | None, snapshot: Snapshot, usage: UsageOfRun | None, path: Path
) -> bool:
    """Refuses what is not of the atlas' organisation; returns whether only records came."""
    check_same_organisation(latest, snapshot, path)
    if any(each.shown for each in snapshot.streams.values()):
        return False
    if latest is None:
        found = ", ".join(sorted(snapshot.streams)[:5])
        raise InputError(
            f"The input has no stream that the atlas knows, but records ({found}), and there is no"
            f" atlas in {path} yet to which they belong. Select the metadata streams of"
            " tap-zohocrm-modules, above all modules, fields and relationships."
        )
    check_records(usage.prefixes if usage else (), snapshot.streams, latest, path)
    return True


def _own_tables(
    previous: Snapshot | None, current: Snapshot, foreign: Collection[str]
) -> tuple[LoadedTable, ...]:
    """The tables, but for those of another organisation, of which the earlier ones stay."""
    before = {table.name: table for table in previous.tables} if previous else {}
    several = (before.get(t.name) if t.name in foreign else t for t in current.tables)
    return tuple(table for table in several if table is not None)


def accept(path: Path, logger: logging.Logger) -> None:
    """Accepts the changes that a run has failed for.

    Raises:
        AtlasError: There is no atlas.
    """
    folder = AtlasFolder(path)
    with folder.locked():
        latest = load_latest(folder.path, _ANY_TIME)
        if latest is None:
            raise AtlasError(f"{path} holds no atlas, so that there is nothing to accept.")
        held = load_held(folder.path)
        if held is None:
            logger.info("No run has failed for changes of %s: there is nothing to accept.", path)
            return
        accepted = [each for each in compare(held.snapshot, latest) if each.is_of(held.kinds)]
        (folder.path / HELD).unlink()
    logger.info("Accepted: %s.", "; ".join(map(str, accepted)) or "no change is left")


def _judge(
    previous: Snapshot | None, kept: Snapshot, held: Held | None, fail_on: Collection[str]
) -> tuple[list[Change], Held | None]:
    """What this run fails for, and what the next one is judged by."""
    before = held.snapshot if held else previous
    if before is None:
        return [], None
    kinds = sorted({*fail_on, *(held.kinds if held else ())})
    found = [change for change in compare(before, kept) if change.is_of(kinds)]
    unwanted = [change for change in found if change.is_of(fail_on)]
    return unwanted, Held(tuple(kinds), before) if found else None


def _names(field: Field) -> tuple[str, str]:
    return field.module, field.api_name
