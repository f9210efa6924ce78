"""What is translated, what is left out by name, and where the atlas shows both."""

from __future__ import annotations

import csv
import logging
from pathlib import Path
from typing import Any

import pytest
import sqlglot
import yaml
from atlas.messages import Rows, messages, organisation, run

from formulas.generated import Maker
from formulas.test_equal import ZONE, column
from zohocrm_atlas.dialects import DIALECTS
from zohocrm_atlas.formulas.columns import type_returned
from zohocrm_atlas.formulas.parser import NotUnderstoodError, parse
from zohocrm_atlas.formulas.pieces import Piece
from zohocrm_atlas.formulas.translate import Translator

REALISTIC: list[str] = yaml.safe_load(Path(__file__).with_name("realistic.yaml").read_text("utf-8"))
_NUMBERS = ("Amount", "Probability", "Discount", "Cost", "Rate", "Exchange_Rate")
_TYPES = {
    **dict.fromkeys(("Closing_Date", "Start_Date", "End_Date"), "date"),
    **dict.fromkeys(("Pieces", "Hours_Allowed", *_NUMBERS), "number"),
    "Created_Time": "datetime",
    "Is_Key": "boolean",
}


def _of_deals(name: str) -> Piece:
    plain = name.removeprefix("Deals.")
    whole = plain in {"Pieces", "Hours_Allowed"}
    return Piece(f"record.{plain.lower()}", _TYPES.get(plain, "text"), whole=whole)


def _translated(dialect: str, text: str, returns: str, **more: Any) -> str:
    options = {"assume_default": True, **more}
    translator = Translator(dialect, _of_deals, ZONE, **options)
    return translator.translate(parse(text), type_returned(returns))


@pytest.mark.thorough
def test_of_sixty_realistic_formulas_at_least_54_are_translated() -> None:
    assert len(REALISTIC) == 60
    left_out = {}
    for line in REALISTIC:
        returns, _, text = line.partition(" | ")
        try:
            for dialect in DIALECTS:
                sql = _translated(dialect, text, returns)
                sqlglot.parse_one(f"SELECT {sql} FROM record", read=dialect)
        except NotUnderstoodError as error:
            left_out[text] = str(error)
    # Each for something that Zoho's pages leave open.
    assert len(left_out) == 3, left_out


@pytest.mark.thorough
def test_every_dialect_is_sql_by_a_parser_of_its_own() -> None:
    maker = Maker(7)
    parsed = 0
    for number in range(24):
        # Deeper ones take that parser minutes.
        text, type_ = maker.formula(1 + number % 2)
        for dialect in DIALECTS:
            translator = Translator(dialect, column, ZONE, assume_default=number % 2 > 0)
            try:
                sql = translator.translate(parse(text), type_)
            except NotUnderstoodError:
                continue
            sqlglot.parse_one(f"SELECT {sql} AS found FROM record", read=dialect)
            parsed += 1
    assert parsed > 40


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1+", "it ends too early"),
        ("Vlookup(${Amount})", "there is no function vlookup"),
        ("-2^2", "character 3 is not understood: ^2"),
        ("1<2<3", "character 4 is not understood: <3"),
        (r"'it\'s'", "character 1 is not understood"),
        ("Abs(" * 600 + "1" + ")" * 600, "nested more than 60 deep"),
        ("Abs('a')", "abs takes a number, not a text"),
        ("If(${Is_Key},1,'a')", "a number and a text beside each other"),
        ("Adddate(${Start_Date},${Amount},'DAY')", "may have a fraction"),
        ("Adddate(${Start_Date},1,'WEEK')", "WEEK as a unit of time"),
        ("${Amount}^${Rate}", "a whole number up to 9"),
        ("Concat('a',${Amount})", "concat takes a text, not a number"),
        ("'a'", "it returns number, and is a text"),
        ("Round()", "Round takes"),
        ("Now", "it ends too early"),
    ],
)
def test_what_has_no_certain_meaning_is_left_out(text: str, reason: str) -> None:
    with pytest.raises(NotUnderstoodError, match=r".") as raised:
        _translated("duckdb", text, "double")
    assert reason in str(raised.value)


def test_a_long_formula_of_everything_is_translated_or_left_out_in_no_time() -> None:
    nested = "${Amount}"
    while len(nested) < 2900:
        nested = f"If(Sqrt(Max({nested},1))>2,{nested[:200].count('(')}+1,Round({nested[:0]}2,1))"
    with pytest.raises(NotUnderstoodError, match=r"nested|longer"):
        _translated("duckdb", nested, "double")
    assert len(_translated("duckdb", "+".join(["${Amount}"] * 290), "double")) > 2900


def test_a_text_ends_nowhere_but_where_it_ends() -> None:
    for dialect in DIALECTS:
        sql = _translated(dialect, 'Concat("it\'s",\' -- \',"*/")', "text")
        (literals,) = [list(sqlglot.parse_one(sql, read=dialect).find_all(sqlglot.exp.Literal))]
        assert {each.this for each in literals} >= {"it's", " -- ", "*/"}
    assert "--" not in _translated("duckdb", "1-(-${Amount})-(-(-2))", "double")


def _calculated(**formulas: dict[str, Any]) -> Rows:
    rows = organisation()
    rows["org"][0]["time_zone"] = "Europe/Madrid"
    first = rows["fields"][0]
    number = {**first, "id": "n", "api_name": "Length", "data_type": "double"}
    rows["fields"].append(number)
    for name, formula in formulas.items():
        field = {**first, "id": name, "api_name": name, "display_label": name}
        rows["fields"].append({**field, "data_type": "formula", "formula": formula})
    return rows


def _formula(text: str | None, returns: str = "double", **more: Any) -> dict[str, Any]:
    return {"return_type": returns, "expression": text, "assume_default": True, **more}


NUMBER = {"type": ["number", "null"]}
LOADED = {
    "properties": {
        "id": {"type": "string"},
        "Name": {"type": ["string", "null"]},
        **dict.fromkeys(("Length", "Half", "Quarter", "Odd", "Round1", "Round2"), NUMBER),
    }
}


def test_the_atlas_shows_each_formula_with_its_sql_or_why_it_has_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = _calculated(
        Half=_formula("${Length}/2"),
        Quarter=_formula("${Half}/2"),
        Odd=_formula("Vlookup(${Length})"),
        Round1=_formula("${Round2}+1"),
        Round2=_formula("${Round1}+1"),
    )
    atlas = tmp_path / "atlas"
    with caplog.at_level(logging.INFO):
        run(atlas, messages(rows, loaded={"Boats": LOADED}), loader="postgres")
    with (atlas / "formulas.csv").open(encoding="utf-8-sig") as file:
        found = {row["field"]: row for row in csv.DictReader(file)}
    assert {name: row["column"] for name, row in found.items()} == {
        "Half": "half",
        "Quarter": "quarter",
        "Odd": "",
        "Round1": "",
        "Round2": "",
    }
    assert found["Odd"]["left_out"] == "there is no function vlookup"
    assert found["Round1"]["left_out"] == "it is made from itself"
    lines = [line for line in caplog.messages if "has no SQL" in line]
    assert len(lines) == 3
    page = (atlas / "modules" / "Boats.html").read_text("utf-8")
    assert '<a href="#Length">${Length}</a>' in page
    assert "(coalesce(cast(record.length as double precision), 0e0) / 2e0)" in page
    assert "No SQL: there is no function vlookup." in page
    # The field's row says that the formula uses it.
    row = page.split('<tr id="Length"')[1].split("</tr>")[0]
    assert "Half" in row
    document = yaml.safe_load((atlas / "dbt/models/formulas/formulas.yml").read_bytes())
    (model,) = document["models"]
    tested = [each["name"] for each in model["columns"] if "data_tests" in each]
    assert tested == ["id", "half", "quarter"]


def test_the_text_of_a_formula_may_come_with_the_layouts_only(tmp_path: Path) -> None:
    rows = _calculated(Half=_formula(None))
    shown = {"id": "Half", "api_name": "Half", "formula": _formula("${Length}/2")}
    rows["layouts"][0]["sections"][0]["fields"].append(shown)
    run(tmp_path / "atlas", messages(rows, loaded={"Boats": LOADED}))
    assert "half__sql" in (
        tmp_path / "atlas/dbt/models/formulas/formulas_zohocrm__boats.sql"
    ).read_text("utf-8")


@pytest.mark.thorough
def test_what_zoho_may_not_have_worked_out_yet_is_not_tested_for_being_equal(
    tmp_path: Path,
) -> None:
    rows = _calculated(
        Half=_formula("Datecomp(Now(),Now())"),
        Quarter=_formula("${Half}/2"),
        Odd=_formula("${Length}*2", stop_compute_conditionally=True, stop_compute_expression="1>2"),
    )
    run(tmp_path / "atlas", messages(rows, loaded={"Boats": LOADED}))
    folder = tmp_path / "atlas/dbt/models/formulas"
    (model,) = yaml.safe_load((folder / "formulas.yml").read_bytes())["models"]
    tested = [each["name"] for each in model["columns"] if "data_tests" in each]
    assert tested == ["id", "odd"]
    sql = (folder / "formulas_zohocrm__boats.sql").read_text("utf-8")
    assert "case when (1e0 > 2e0) then cast(record.odd as double) else" in sql
