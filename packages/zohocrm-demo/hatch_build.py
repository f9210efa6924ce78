# ruff: noqa: INP001 - a script of the build
"""Puts the packages into the wheel, from the top of the repository.

A source distribution has them beside this file, where hatchling finds them by itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PackagesHook(BuildHookInterface[Any]):
    """Where the packages are."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Include those that are not here."""
        del version
        here = Path(self.root)
        for name in self.build_config.target_config["packages"]:
            if not (here / name).is_dir():
                build_data["force_include"][str(here.parents[1] / name)] = name
