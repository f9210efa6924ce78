"""The fields of every module that has any, in the shorthand of `field_rows`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.field_tables.custom import CUSTOM
from zohocrm_demo.organisation.field_tables.inventory import INVENTORY
from zohocrm_demo.organisation.field_tables.people import PEOPLE
from zohocrm_demo.organisation.field_tables.support import SUPPORT

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELD_TABLES: Mapping[str, str] = {**PEOPLE, **INVENTORY, **SUPPORT, **CUSTOM}
