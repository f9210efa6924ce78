"""Writes the model in the formats of other tools."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from zohocrm_atlas.formulas.twins import Twins
from zohocrm_atlas.standards.contract import contract
from zohocrm_atlas.standards.datapackage import write_data_package
from zohocrm_atlas.standards.dbml import dbml
from zohocrm_atlas.standards.mermaid import mermaid, mermaid_of_modules
from zohocrm_atlas.standards.relational import Model
from zohocrm_atlas.standards.tbls import tbls


def write_models(model: Model, formulas: Sequence[Twins], folder: Path) -> None:
    """Writes `schema.json`, `model.*`, `mermaid/`, `contract.yaml` and the data package."""
    (folder / "schema.json").write_bytes(tbls(model))
    (folder / "model.dbml").write_text(dbml(model), "utf-8")
    (folder / "model.mmd").write_text(mermaid(model), "utf-8")
    with (folder / "contract.yaml").open("w", encoding="utf-8") as file:
        file.writelines(contract(model))
    (folder / "mermaid").mkdir()
    for module, text in mermaid_of_modules(model):
        (folder / "mermaid" / f"{model.atlas.pages[module]}.mmd").write_text(text, "utf-8")
    write_data_package(model, formulas, folder)
