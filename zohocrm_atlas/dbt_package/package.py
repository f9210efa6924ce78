"""Writes the dbt package."""

from __future__ import annotations

from pathlib import Path

from zohocrm_atlas.atlas import Atlas


def write_dbt_package(atlas: Atlas, folder: Path) -> None:
    """Writes the package of this organisation into the folder, which is made."""
    folder.mkdir()
    (folder / "README.md").write_text(f"{atlas.name}\n", "utf-8")
