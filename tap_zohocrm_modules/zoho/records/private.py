"""What becomes of values that Zoho marks as personal, as health data or as encrypted.

https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tap_zohocrm_modules.zoho.records.completing.rich_texts import marking_cuts
from tap_zohocrm_modules.zoho.records.conversions import as_is
from tap_zohocrm_modules.zoho.records.field_type import AtOnce, FieldType
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordField, RecordModule
from tap_zohocrm_modules.zoho.transport.json_text import json_text

PRIVATE = "Zoho marks it as private, and private_fields is omit"
"""Why a private field is left out."""

_NOTE = "Zoho marks it as private: a hash of the value"
_KEYS = frozenset({ID, MODIFIED_TIME})
# https://www.rfc-editor.org/rfc/rfc2104
_BLOCK, _PADS = 64, (0x36, 0x5C)


@dataclasses.dataclass(frozen=True, slots=True)
class Privacy:
    """What becomes of private values.

    Attributes:
        hash: Returns what takes the place of a value that is not null; None: nothing does.
    """

    hash: Callable[[Any], str] | None

    @property
    def name(self) -> str:
        """What the setting `private_fields` calls it."""
        return "omit" if self.hash is None else "hash"

    @classmethod
    def hashing(cls, key: str) -> Privacy:
        """Return the one that makes keyed hashes of values: equal ones stay equal."""
        secret = key.encode("utf-8")
        if len(secret) > _BLOCK:
            secret = hashlib.sha256(secret).digest()
        # The key is taken in once, not for each value: less than half of what `hmac` takes.
        inner, outer = (
            hashlib.sha256(bytes(byte ^ pad for byte in secret.ljust(_BLOCK, b"\0"))).copy
            for pad in _PADS
        )

        def hashed(value: Any) -> str:
            text = value if isinstance(value, str) else json_text(value)
            inside, outside = inner(), outer()
            inside.update(text.encode())
            outside.update(inside.digest())
            return outside.hexdigest()

        return cls(hashed)

    def in_place_of(self, value: Any) -> str | None:
        """Return what takes the place of a value."""
        return None if value is None or self.hash is None else self.hash(value)


OMITTING = Privacy(None)


def handled(module: RecordModule, kept: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return which fields are private, by API name with Zoho's id.

    They are those that Zoho marks, and those `kept` which an earlier run has handled: a mark that
    is gone may have been taken away by mistake.
    """
    kept = kept or {}
    ids = {*kept.values()} - {""}
    return {
        field.api_name: field.field_id
        for field in module.fields
        if field.api_name not in _KEYS
        and not field.asked_as
        and (field.is_private or field.field_id in ids or field.api_name in kept)
    }


def protected(module: RecordModule, privacy: Privacy, names: Mapping[str, str]) -> RecordModule:
    """Return a module of whose private fields, as `handled` names them, no value shows."""
    marked = {field.api_name for field in module.fields if field.is_private}
    fields: list[RecordField] = []
    left_out = dict(module.left_out)
    for field in module.fields:
        if field.api_name in names and privacy.hash is not None:
            notes = "; ".join(filter(None, [field.note, _NOTE]))
            kind = _hashed(field, privacy.hash)
            fields.append(dataclasses.replace(field, type=kind, note=notes))
        elif field.api_name in names:
            left_out[field.api_name] = PRIVATE
        elif privacy.hash is not None or field.asked_as not in names:
            fields.append(field)
    return dataclasses.replace(
        module,
        fields=tuple(fields),
        left_out=left_out,
        private=names,
        unmarked=frozenset(names.keys() - marked),
    )


def _hashed(field: RecordField, of_value: Callable[[Any], str]) -> FieldType:
    """Return the type of a field whose values are hashed, however they are read."""
    kind = field.type
    # Whether a text is whole shows by its length, which no hash has.
    as_read = marking_cuts(of_value) if field.rich else of_value
    return dataclasses.replace(
        kind,
        schema={"type": ["string", "null"]},
        what="hash",
        json_at_once=_each(kind.json_at_once, as_read),
        csv_at_once=_each(_filled if kind.from_csv is as_is else kind.csv_at_once, as_read),
        hashes=of_value,
        hashes_read=as_read,
    )


def _each(at_once: AtOnce | None, of_value: Callable[[Any], str]) -> AtOnce | None:
    """Return what hashes the values of a column that are made at once.

    Of a column with few different values, days for instance, each different one is hashed once.
    """
    if at_once is None:
        return None

    def hash_of(value: Any) -> str | None:
        return None if value is None else of_value(value)

    def hashed(values: Sequence[Any]) -> Sequence[str | None]:
        whole = at_once(values)
        different = {*whole}
        if 2 * len(different) > len(whole):
            return [None if value is None else of_value(value) for value in whole]
        hashes = {value: hash_of(value) for value in different}
        return [hashes[value] for value in whole]

    return hashed


def _filled(cells: Sequence[str | None]) -> Sequence[str | None]:
    return [cell or None for cell in cells]
