"""What the organisation really has, and has had: by it the tables are judged."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal, InvalidOperation
from itertools import chain
from typing import Any, Literal, TypeAlias

from zohocrm_conformance.tables import Table
from zohocrm_demo import Organisation
from zohocrm_demo.organisation.records.kinds import is_restricted, kind_of

Kind: TypeAlias = Literal["lost", "doubled", "stale", "false", "failed"]
KINDS: tuple[Kind, ...] = ("lost", "doubled", "stale", "false", "failed")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Stain:
    """Something that is wrong, of one kind."""

    kind: Kind
    count: int
    text: str  # what, for people


# A value in one form, whoever wrote it; None: there is none.
_Form = Callable[[Any], Any]


def _text(value: Any) -> Any:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _number(value: Any) -> Any:
    try:
        return value if isinstance(value, bool) else Decimal(str(value)).normalize()
    except InvalidOperation:
        return value


def _boolean(value: Any) -> Any:
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else value


def _date(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value)[:10]


def _instant(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(re.sub(r"Z$", "+00:00", value))
        except ValueError:
            return value
    if not isinstance(value, datetime):
        return value
    return (value if value.tzinfo else value.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)


def _identity(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("{"):
        value = json.loads(value)
    if isinstance(value, tuple):
        value = value[-1]
    return str(value.get("id")) if isinstance(value, Mapping) else str(value)


def _choices(value: Any) -> Any:
    if isinstance(value, str):
        value = json.loads(value) if value.startswith("[") else value.split(";")
    return tuple(sorted(map(str, value)))


_FORMS: Mapping[str, _Form] = {
    "text": _text,
    "rich_text": _text,
    "integer": _number,
    "bigint": _number,
    "decimal": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _instant,
    "record": _identity,
    "any_record": _identity,
    "user": _identity,
    "choices": _choices,
}

Values: TypeAlias = tuple[Any, ...]


@dataclass(slots=True)
class Truth:
    """The records of the modules that a case reads, now and before."""

    organisation: Organisation
    modules: tuple[str, ...]
    _past: dict[str, dict[str, list[Values]]] = field(default_factory=dict)
    _latest: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    # By module and field: the last values of fields that were dropped, by record.
    _dropped: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def note(self) -> None:
        """Remember the present records, before and after each change."""
        for module in self.modules:
            past = self._past.setdefault(module, {})
            present = self.present(module)
            for record_id, values in present.items():
                known = past.setdefault(record_id, [])
                if not known or known[-1] != values:
                    known.append(values)
            names = tuple(self.fields(module))
            columns = {
                name: {record_id: values[place] for record_id, values in present.items()}
                for place, name in enumerate(names)
            }
            gone = self._latest.get(module, {}).keys() - columns.keys()
            dropped = self._dropped.setdefault(module, {})
            dropped.update((name, self._latest[module][name]) for name in gone)
            for name in columns:
                dropped.pop(name, None)
            self._latest[module] = columns

    def fields(self, module: str) -> dict[str, _Form]:
        """The fields that are compared, and how."""
        known = self.organisation.records.fields(module)
        return {
            name: _FORMS[kind_of(one)]
            for name, one in known.items()
            if kind_of(one) in _FORMS
            and name != "id"
            # The metadata lists no field that is on no layout.
            and one["type"] == "used"
            and not is_restricted(one)
        }

    def present(self, module: str) -> dict[str, Values]:
        """The records that the module has now: their values in the order of `fields`."""
        forms = self.fields(module)
        return {
            row["id"]: tuple(_formed(form, row[name]) for name, form in forms.items())
            for row in self.organisation.records.read(module, *forms)
        }

    def judge(self, module: str, table: Table, *, columns: bool) -> list[Stain]:
        """What is wrong with a table; nothing if it is what the module is.

        Columns that it lacks, and values unlike its own schema, are wrong only if `columns` matter.
        """
        found: dict[tuple[Kind, str], list[str]] = {}
        names = list(self.fields(module))
        there = {plain(name) for name in (*table.columns, *chain(*table.rows.values()))}
        compared = [place for place, name in enumerate(names) if plain(name) in there]
        wrong = chain(self._wrong(module, table, compared), self._emptied(module, table))
        for kind, what, record_id in wrong:
            found.setdefault((kind, what), []).append(record_id)
        stains = [
            Stain(kind, len(ids), f"{module}: {len(ids)} {what}{_examples(ids)}")
            for (kind, what), ids in found.items()
        ]
        missing = [name for name in names if plain(name) not in there]
        if columns and missing:
            text = f"{module}: {len(missing)} columns are missing{_examples(missing)}"
            stains.append(Stain("lost", len(missing), text))
        broken = sum(table.broken.values())
        if columns and broken:
            where = ", ".join(sorted(table.broken)[:_SHOWN])
            text = f"{module}: {broken} values are not of the type that it says ({where})"
            stains.append(Stain("false", broken, text))
        return stains

    def _wrong(
        self, module: str, table: Table, compared: Sequence[int]
    ) -> Iterator[tuple[Kind, str, str]]:
        forms, present = self.fields(module), self.present(module)
        names, past = tuple(forms), self._past.get(module, {})

        def those(values: Values) -> Values:
            return tuple(values[place] for place in compared if place < len(values))

        for record_id, values in present.items():
            if record_id not in table.rows:
                yield "lost", "records are missing", record_id
                continue
            shown, true = those(_shown(table.rows[record_id], forms)), those(values)
            if shown != true:
                earlier = [those(one) for one in past.get(record_id, ())]
                yield *_difference(those(names), shown, true, earlier), record_id
        for record_id in sorted(table.rows.keys() - present.keys()):
            if record_id in past:
                yield "stale", "records are gone in Zoho and still there", record_id
            else:
                yield "false", "records were never in Zoho", record_id
        for record_id in sorted(table.doubled):
            yield "doubled", "records came twice in one load", record_id

    def _emptied(self, module: str, table: Table) -> Iterator[tuple[Kind, str, str]]:
        # Whoever drops the column with its field loses nothing that is still there.
        present = self.present(module)
        for name, last in self._dropped.get(module, {}).items():
            for record_id, row in table.rows.items():
                shown = {plain(column): value for column, value in row.items()}
                value = last.get(record_id)
                is_kept = shown.get(plain(name), value) is not None or value is None
                if record_id in present and not is_kept:
                    yield "lost", f"records lose the values of a dropped field ({name})", record_id


def _difference(
    names: Iterable[str], shown: Values, values: Values, past: Iterable[Values]
) -> tuple[Kind, str]:
    if shown in past:
        return "stale", "records show earlier values"
    triples = zip(names, shown, values, strict=True)
    unlike = [name for name, one, other in triples if one != other]
    where = f"({', '.join(unlike[:_SHOWN])}{', …' if len(unlike) > _SHOWN else ''})"
    if all(one in (None, other) for one, other in zip(shown, values, strict=True)):
        return "lost", f"records lack values {where}"
    return "false", f"records show values that are not Zoho's {where}"


def _formed(form: _Form, value: Any) -> Any:
    # Loaders and Zoho write an empty text for none.
    return None if value is None or value in ("", []) else form(value)


def _shown(row: Mapping[str, Any], forms: Mapping[str, _Form]) -> Values:
    by_name = {plain(name): value for name, value in row.items()}
    return tuple(_formed(form, by_name.get(plain(name))) for name, form in forms.items())


def plain(name: str) -> str:
    """A name as far as connectors and loaders leave it alone."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _examples(ids: list[str]) -> str:
    some = ", ".join(sorted(ids)[:_SHOWN])
    return f" ({some}{', …' if len(ids) > _SHOWN else ''})"
