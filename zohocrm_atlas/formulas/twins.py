"""Which formulas and roll-ups of loaded modules have a twin in SQL, and why others have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from zohocrm_atlas.dbt_package.models import StagingModel, plain
from zohocrm_atlas.dialects import DIALECTS
from zohocrm_atlas.formulas.columns import Columns, type_returned
from zohocrm_atlas.formulas.functions import NUMBER
from zohocrm_atlas.formulas.parser import Expression, NotUnderstoodError, calls, parse, references
from zohocrm_atlas.formulas.pieces import Piece
from zohocrm_atlas.formulas.roll_ups import Join, roll_up
from zohocrm_atlas.formulas.translate import Translator
from zohocrm_atlas.model.entities import Field, Formula
from zohocrm_atlas.standards.relational import Model

_ENDING = "__sql"


@dataclass(frozen=True)
class Twin:
    """A formula or roll-up in SQL.

    Attributes:
        name: Its column.
        type: number, text, boolean, date or datetime.
        sql: By dialect, of a row that is called `record`.
        level: 0 for roll-ups; a formula is above the twins that it is made from.
        loaded: Whether Zoho's own value is loaded.
        fresh: Whether it may be newer than Zoho's value, so that they need not be equal.
        join: What a roll-up takes.
    """

    field: Field
    name: str
    type: str
    sql: Mapping[str, str]
    level: int
    loaded: bool
    fresh: bool
    join: Join | None = None

    @property
    def result(self) -> str:
        """Its column until the last SELECT."""
        return f"{self.name}{_ENDING}"


@dataclass(frozen=True)
class Twins:
    """The twins of a module; `left_out` are the other fields, and why."""

    model: StagingModel
    twins: Sequence[Twin]
    left_out: Sequence[tuple[Field, str]]

    @property
    def name(self) -> str:
        """The dbt model that has them."""
        return self.model.name.replace("stg_", "formulas_", 1)

    @property
    def levels(self) -> Sequence[Sequence[Twin]]:
        """The formulas, those first that need no others."""
        highest = max((twin.level for twin in self.twins), default=0)
        return [[twin for twin in self.twins if twin.level == n] for n in range(1, highest + 1)]

    @property
    def roll_ups(self) -> Sequence[Twin]:
        """The roll-ups."""
        return [twin for twin in self.twins if twin.join]


def all_twins(loaded: Model, staging: Sequence[StagingModel]) -> Sequence[Twins]:
    """The twins of every loaded module that has a formula or a roll-up."""
    atlas, models = loaded.atlas, {model.table: model for model in staging}
    found = []
    for module, table in atlas.tables.items():
        fields = [each for each in atlas.fields(module) if each.computed or each.roll_up]
        if fields and table.name in models:
            found.append(_Finder(loaded, module, models).find(fields))
    return found


class _Finder:
    """Goes through the formulas of a module, those first that need no others."""

    def __init__(self, loaded: Model, module: str, models: Mapping[str, StagingModel]) -> None:
        self._loaded = loaded
        self._module = module
        self._models = models
        self._model = models[loaded.atlas.tables[module].name]
        self._columns = Columns(loaded.atlas, module, self._model)
        self._twins: dict[str, Twin] = {}
        self._left_out: dict[str, tuple[Field, str]] = {}

    def find(self, fields: Sequence[Field]) -> Twins:
        trees: dict[str, tuple[Field, Expression]] = {}
        for field in fields:
            with self._left_out_if_not_understood(field):
                if field.roll_up:
                    self._twins[field.id] = self._roll_up(field)
                else:
                    trees[field.id] = field, _tree(field)
        while trees:
            ready = [id_ for id_, (_, tree) in trees.items() if not self._needed(tree) & {*trees}]
            for id_ in ready or list(trees):
                field, tree = trees.pop(id_)
                if not ready:
                    self._left_out[id_] = field, "it is made from itself"
                    continue
                with self._left_out_if_not_understood(field):
                    self._twins[id_] = self._formula(field, tree)
        return Twins(self._model, list(self._twins.values()), list(self._left_out.values()))

    @contextmanager
    def _left_out_if_not_understood(self, field: Field) -> Iterator[None]:
        try:
            yield
        except NotUnderstoodError as error:
            self._left_out[field.id] = field, str(error)

    def _needed(self, tree: Expression) -> set[str]:
        return {field.id for field in self._fields(tree)}

    def _fields(self, tree: Expression) -> Iterator[Field]:
        for name in references(tree):
            field = self._columns.field(name)
            if field:
                yield field

    def _roll_up(self, field: Field) -> Twin:
        join = roll_up(self._loaded, self._module, field, self._models)
        sql = dict.fromkeys(DIALECTS, "")
        name, loaded = self._columns.name(field), self._columns.is_loaded(field)
        return Twin(field, name, join.type, sql, 0, loaded, fresh=True, join=join)

    def _formula(self, field: Field, tree: Expression) -> Twin:
        formula = field.computed or Formula()
        stop = parse(formula.stop) if formula.stop else None
        trees = [tree, *([stop] if stop else [])]
        type_ = type_returned(formula.returns)
        inner = [self._twins[id_] for each in trees for id_ in self._needed(each) & {*self._twins}]
        used = [each for one in trees for each in self._fields(one)]
        fresh = (
            any("now" in calls(each) for each in trees)
            or any(twin.fresh for twin in inner)
            or any(self._may_change(each) for each in used)
        )
        sql = {name: self._sql(name, field, tree, stop, type_) for name in DIALECTS}
        return Twin(
            field,
            self._columns.name(field),
            type_,
            sql,
            1 + max((twin.level for twin in inner), default=0),
            self._columns.is_loaded(field),
            fresh,
        )

    def _may_change(self, field: Field) -> bool:
        """Whether Zoho's own value, for want of a twin, may change without an edit."""
        by_itself = field.roll_up or (field.computed and field.computed.dynamic)
        return bool(by_itself) and field.id in self._left_out

    def _sql(
        self, dialect: str, field: Field, tree: Expression, stop: Expression | None, type_: str
    ) -> str:
        formula = field.computed or Formula()
        translator = Translator(
            dialect,
            self._piece,
            self._loaded.atlas.snapshot.organisation.get("Time zone", ""),
            assume_default=formula.assume_default,
        )
        sql = translator.translate(tree, type_)
        if stop:
            if not self._columns.is_loaded(field):
                raise NotUnderstoodError("it keeps its value at times, which is not loaded")
            kept = self._columns.piece(field.api_name).sql
            kept = translator.as_number(kept) if type_ == NUMBER else kept
            sql = f"case when {translator.translate(stop, 'boolean')} then {kept} else {sql} end"
        if plain(sql) != sql:
            raise NotUnderstoodError("it holds what dbt would run as a template")
        return sql

    def _piece(self, name: str) -> Piece:
        field = self._columns.field(name)
        twin = self._twins.get(field.id) if field else None
        if twin is None:
            return self._columns.piece(name)
        return Piece(f"record.{twin.result}", twin.type)


def _tree(field: Field) -> Expression:
    if field.computed is None or not field.computed.text:
        raise NotUnderstoodError("Zoho does not send its text")
    return parse(field.computed.text)
