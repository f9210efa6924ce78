"""The modules of the sample organisation in the order of the menu."""

from __future__ import annotations

from zohocrm_demo.organisation.module_rows import ModuleRow
from zohocrm_demo.organisation.module_tables.behind import BEHIND
from zohocrm_demo.organisation.module_tables.own import CUSTOM, WEB
from zohocrm_demo.organisation.module_tables.standard import STANDARD

MODULE_TABLE: tuple[ModuleRow, ...] = (*STANDARD, *BEHIND, *CUSTOM, *WEB)
