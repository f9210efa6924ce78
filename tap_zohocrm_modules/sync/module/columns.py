"""How the columns of a module differ from those that are loaded."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Mapping

from tap_zohocrm_modules.zoho.records.model import RecordField

logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class ColumnChanges:
    """How the selected columns of a module differ from those that are loaded."""

    loaded: Mapping[str, str]  # selected and loaded for every record, with the ids of the fields
    new: tuple[str, ...] = ()  # selected and not loaded
    vanished: tuple[str, ...] = ()  # loaded, and Zoho has their fields no more, or hides them
    renamed: Mapping[str, str] = dataclasses.field(default_factory=dict)  # loaded, to the new names

    @classmethod
    def between(
        cls, before: Mapping[str, str] | None, wanted: Mapping[str, str], now: Mapping[str, str]
    ) -> ColumnChanges:
        """Compare the columns that are loaded with those selected, and with the module's now.

        Where it is not known which are loaded, all of them are.
        """
        if before is None:
            return cls(wanted)
        names = {field_id: name for name, field_id in now.items() if field_id}
        gone = {name: field_id for name, field_id in before.items() if name not in now}
        loaded = {name: of for name, of in wanted.items() if before.get(name) == of}
        return cls(
            loaded=loaded,
            new=tuple(name for name in wanted if name not in loaded),
            vanished=tuple(name for name, field_id in gone.items() if field_id not in names),
            renamed={name: names[field_id] for name, field_id in gone.items() if field_id in names},
        )

    def explain(self, stream: str, *, fills: bool) -> None:
        """Say which columns of a stream have come and gone; whether new ones are filled."""
        for old, new in self.renamed.items():
            logger.warning(
                "%s: the field %s is called %s now; the destination keeps the column %s with its"
                " last values.",
                stream,
                old,
                new,
                old,
            )
        if self.vanished:
            logger.warning(
                "%s: Zoho has these fields no more, or hides them: %s. The destination keeps their"
                " last values.",
                stream,
                ", ".join(self.vanished),
            )
        if self.new and not fills:
            logger.warning(
                "%s: %s not loaded for records that have not changed since: %s. Set"
                " backfill_new_columns to true to fill them.",
                stream,
                "is" if len(self.new) == 1 else "are",
                ", ".join(self.new),
            )


def columns_of(fields: Iterable[RecordField]) -> dict[str, str]:
    """Return the API names of fields, with Zoho's id of each; empty where it has none."""
    return {field.api_name: field.field_id for field in fields}
