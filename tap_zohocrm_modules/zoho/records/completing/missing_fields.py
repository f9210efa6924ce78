"""Adds to records the fields that their read path does not deliver.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from tap_zohocrm_modules.zoho.records.completing.absences import Absences
from tap_zohocrm_modules.zoho.records.completing.field_slices import FieldSliceJoiner, merged
from tap_zohocrm_modules.zoho.records.completing.rich_texts import RichTexts, is_perhaps_cut
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordField
from tap_zohocrm_modules.zoho.records.projection import Record, columns
from tap_zohocrm_modules.zoho.records.reading import Executors, Source
from tap_zohocrm_modules.zoho.records.records import Records, Rows


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
        self._rich = [f for f in source.fields if f.rich and f not in lacking]
        self._lacking = source.of_fields((*source.key_fields(), *lacking)) if lacking else None
        self._more = FieldSliceJoiner(self._lacking, pool, absences) if self._lacking else None
        self._more_texts = RichTexts(self._lacking, absences) if self._lacking else None
        self._whole = FieldSliceJoiner(source, pool, absences)
        self._texts = RichTexts(source, absences)

    def completed(self, records: Records, ambiguous: Collection[str] = ()) -> Records:
        """Return the records whole, but for those that are gone.

        Of those whose ids are `ambiguous`, more than the lacking fields has to be read. All have
        `Modified_Time` where the module has it.
        """
        ambiguous = {*ambiguous, *self._cut(records)}
        if self._more is not None:
            return self._joined(records, ambiguous, self._more)
        if not ambiguous:
            return records
        torn = [record[ID] for record in records.pick(ambiguous)]
        there = next((one for one in records.values(ID) if one not in ambiguous), None)
        again = self._read_again(torn, there)
        return records.replacing({one: again.get(one) for one in torn})

    def _joined(self, found: Records, ambiguous: Collection[str], more: FieldSliceJoiner) -> Rows:
        """Return the records with the lacking fields."""
        records = Rows(iter(found))
        torn = [record[ID] for record in records if record[ID] in ambiguous]
        rest = [record for record in records if record[ID] not in ambiguous]
        others = more.by_ids([record[ID] for record in rest])
        whole: dict[str, Record] = {}
        for record in rest:
            other = others.get(record[ID])
            if other is None or other.get(MODIFIED_TIME) != record.get(MODIFIED_TIME):
                torn.append(record[ID])
            else:
                whole[record[ID]] = merged((record, other), self._columns)
        if self._more_texts:
            present = self._more_texts.completed(list(whole.values()))
            whole = {record[ID]: record for record in present}
        if torn:
            whole.update(self._read_again(torn, next(iter(whole), None)))
        return Rows(whole[record[ID]] for record in records if record[ID] in whole)

    def _read_again(self, torn: Sequence[str], there: str | None) -> Mapping[str, Record]:
        """Return the records of these ids that are there, whole; Zoho has just sent `there`."""
        again = self._whole.by_ids(torn, listed=True, there=there)
        present = self._texts.completed(list(again.values()))
        return {record[ID]: record for record in present}

    def _cut(self, records: Records) -> Iterator[str]:
        """Yield the ids of records whose texts may be cut."""
        for field in self._rich:
            texts = enumerate(records.values(field.column))
            cut = [at for at, text in texts if is_perhaps_cut(field, text)]
            if cut:
                ids = records.values(ID)
                yield from (ids[at] for at in cut)
