"""Adds to records the fields that their read path does not deliver.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from tap_zohocrm_modules.zoho.records.columnar import Columnar, column
from tap_zohocrm_modules.zoho.records.completing.absences import Absences
from tap_zohocrm_modules.zoho.records.completing.field_slices import FieldSliceJoiner, merged
from tap_zohocrm_modules.zoho.records.completing.rich_texts import RichTexts, may_be_cut
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordField
from tap_zohocrm_modules.zoho.records.projection import Record, columns
from tap_zohocrm_modules.zoho.records.reading import Executors, Source


class MissingFieldFetcher:
    """Completes the records of one module, which lack some fields, by Get Records."""

    def __init__(
        self,
        source: Source,
        lacking: Sequence[RecordField],
        executors: Executors,
        absences: Absences | None = None,
    ) -> None:
        absences = absences or Absences(source)
        pool = executors.single
        self._columns = columns(source.fields)
        self._rich = [f.column for f in source.fields if f.rich and f not in lacking]
        self._lacking = source.of_fields((*source.key_fields(), *lacking)) if lacking else None
        self._more = FieldSliceJoiner(self._lacking, pool, absences) if self._lacking else None
        self._more_texts = RichTexts(self._lacking, absences) if self._lacking else None
        self._whole = FieldSliceJoiner(source, pool, absences)
        self._texts = RichTexts(source, absences)

    def completed(
        self, records: Sequence[Record], ambiguous: Collection[str] = ()
    ) -> Sequence[Record]:
        """Return the records whole, but for those that are gone.

        Of those whose ids are `ambiguous`, more than the lacking fields has to be read. All have
        `Modified_Time` where the module has it.
        """
        ambiguous = {*ambiguous, *self._cut(records)}
        if not records or (self._more is None and not ambiguous):
            return records
        if isinstance(records, Columnar) and self._more is None:
            odd = records.of(ID, ambiguous)
            found = {record[ID]: record for record in self.completed(odd, ambiguous)}
            return records.replacing({record[ID]: found.get(record[ID]) for record in odd})
        whole: dict[str, Record] = {}
        torn: list[str] = [record[ID] for record in records if record[ID] in ambiguous]
        rest = [record for record in records if record[ID] not in ambiguous]
        if self._more is None:
            whole = {record[ID]: record for record in rest}
        else:
            found = self._more.of([record[ID] for record in rest])
            for record in rest:
                more = found.get(record[ID])
                if more is None or more.get(MODIFIED_TIME) != record.get(MODIFIED_TIME):
                    torn.append(record[ID])
                else:
                    whole[record[ID]] = merged((record, more), self._columns)
            if self._more_texts:
                present = self._more_texts.completed(list(whole.values()))
                whole = {record[ID]: record for record in present}
        if torn:
            again = self._whole.of(torn, listed=True, there=next(iter(whole), None))
            present = self._texts.completed(list(again.values()))
            whole.update((record[ID], record) for record in present)
        return [whole[record[ID]] for record in records if record[ID] in whole]

    def _cut(self, records: Sequence[Record]) -> Iterator[str]:
        """Yield the ids of records whose texts may be cut."""
        for name in self._rich:
            cut = [at for at, text in enumerate(column(records, name)) if may_be_cut(text)]
            if cut:
                ids = column(records, ID)
                yield from (ids[at] for at in cut)
