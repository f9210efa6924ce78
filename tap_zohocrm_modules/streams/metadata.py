"""The metadata and organisation streams: one class, one row of the table of endpoints each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from singer_sdk import Tap
from singer_sdk.helpers.types import Context
from typing_extensions import override

from tap_zohocrm_modules.definitions import load_schema
from tap_zohocrm_modules.streams.base import RowStream
from tap_zohocrm_modules.sync.rows.metadata import MetadataRows
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS, Endpoint
from tap_zohocrm_modules.zoho.records.model import ADDITIONAL_PROPERTIES
from tap_zohocrm_modules.zoho.transport.errors import PermissionRefusedError
from tap_zohocrm_modules.zoho.transport.stream_warnings import about


class MetadataStream(RowStream):
    """The rows of one endpoint."""

    def __init__(self, tap: Tap, run: Run, endpoint: Endpoint) -> None:
        super().__init__(tap, run, name=endpoint.name, schema=load_schema(endpoint.name))
        self.endpoint = endpoint
        self.primary_keys = endpoint.keys
        self.selected_by_default = endpoint.selected
        self._rows = MetadataRows(run, endpoint)

    @override
    def get_records(self, context: Context | None) -> Iterator[dict[str, Any]]:
        try:
            yield from super().get_records(context)
        except PermissionRefusedError:
            # The others are whole, and must not keep rows for ever that Zoho no longer has.
            if self._rows.forbidden and self.makes_version:
                self.activate_version()
                self.logger.warning(
                    "Stream %s: ACTIVATE_VERSION also removes what earlier runs read of %s, which"
                    " may not be read now.",
                    self.name,
                    ", ".join(self._rows.forbidden),
                    extra=about(self.name),
                )
            raise

    @override
    def rows(self) -> Iterator[Mapping[str, Any]]:
        return self._rows.rows()

    @override
    def arrange(self, records: Iterator[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        return self._rows.arranged(records)

    @override
    def warn_of(self, extras: set[str]) -> None:
        # A module's details may come with its fields, layouts or related lists.
        elsewhere = extras & ENDPOINTS.keys()
        if elsewhere:
            self.logger.info(
                "Stream %s: kept in %s, and in streams of their own: %s.",
                self.name,
                ADDITIONAL_PROPERTIES,
                ", ".join(sorted(elsewhere)),
            )
        super().warn_of(extras - elsewhere)
