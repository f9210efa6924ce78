"""Wizards: screens, and the way through them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-wizards.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.rows import Row, pick, rows_named, without

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zohocrm_demo.routes import Context

_PATH_INDEX = 2


def listed(context: Context) -> list[Row]:
    """All wizards, or those of `module`, without the fields of their screens."""
    return [
        {**wizard, "containers": list(_brief(wizard["containers"]))}
        for wizard in rows_named(context, "wizards")
    ]


def one(context: Context) -> list[Row]:
    """One wizard with its container for a layout: the screens' fields and the way through them.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown wizard, or a layout that it hasn't.
    """
    wizard = pick(rows_named(context, "wizards"), context.variables["one"])
    if wizard is None:
        index = {"resource_path_index": _PATH_INDEX}
        raise ZohoError(400, "INVALID_DATA", "Invalid Wizard ID", index)
    layout = context.params["layout_id"]
    containers = [row for row in wizard["containers"] if row["layout"]["id"] == layout]
    if not containers:
        details = {"param_name": "layout_id"}
        raise ZohoError(400, "INVALID_DATA", "the layout id given seems to be invalid", details)
    return [{**wizard, "containers": containers}]


def _brief(containers: list[Row]) -> Iterable[Row]:
    for container in containers:
        screens = [without(screen, ("segments", "reference_id")) for screen in container["screens"]]
        yield {**without(container, ("chart_data",)), "screens": screens}
