"""From a snapshot to a folder: what changed, every file of the atlas, and the swap at the end."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.changes.change import Change
from zohocrm_atlas.changes.compare import carried_over, compare
from zohocrm_atlas.changes.store import load_latest, load_log, save, save_log
from zohocrm_atlas.dbt_package.writer import write_dbt_package
from zohocrm_atlas.errors import AtlasError
from zohocrm_atlas.folder import AtlasFolder
from zohocrm_atlas.model.snapshot import Snapshot
from zohocrm_atlas.pages.site import write_pages
from zohocrm_atlas.standards import write_models


def publish(snapshot: Snapshot, path: Path, logger: logging.Logger) -> Sequence[Change]:
    """Writes the atlas of this snapshot, and returns what changed since the read before.

    Raises:
        AtlasError: The folder is not an atlas, is that of another organisation, or its memory
            cannot be read. It is left as it was.
    """
    folder = AtlasFolder(path)
    previous = load_latest(path, snapshot.read_at)
    _check_same_organisation(previous, snapshot, path)
    kept = carried_over(previous, snapshot) if previous else snapshot
    found = list(compare(previous, kept)) if previous else []
    log = [*load_log(path), *found]
    reads = [each.read_at for each in (previous, snapshot) if each]
    atlas = Atlas(snapshot)
    with folder.draft() as draft:
        save(kept, draft)
        save_log(log, draft)
        write_pages(atlas, log, sorted(set(reads)), draft)
        write_models(atlas, draft)
        write_dbt_package(atlas, draft / "dbt")
        folder.replace_by(draft)
    modules, changes = len(snapshot.modules), len(found)
    logger.info(
        "The atlas of %s is written: %s (%d %s, %d %s since the read before).",
        atlas.name,
        path / "index.html",
        modules,
        "module" if modules == 1 else "modules",
        changes,
        "change" if changes == 1 else "changes",
    )
    return found


def _check_same_organisation(previous: Snapshot | None, current: Snapshot, path: Path) -> None:
    before = previous.organisation if previous else {}
    if before.get("Id") and current.organisation.get("Id") not in {None, before["Id"]}:
        raise AtlasError(
            f"{path} is the atlas of another organisation, {before.get('Name')} (id"
            f" {before['Id']}): set another output_path for"
            f" {current.organisation.get('Name')} (id {current.organisation['Id']})."
        )
