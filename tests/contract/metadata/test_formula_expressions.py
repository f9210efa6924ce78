"""The texts of formulas: from layouts, where the answer on fields lacks them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from support import demo as support
from support.run import Run

from zohocrm_demo import DemoOrganisation, Organisation

SCOPES = ["ZohoCRM.settings.modules.READ", "ZohoCRM.settings.fields.READ", "ZohoCRM.org.READ"]
LAYOUTS = "/crm/v8/settings/layouts"
TEXTS = ("expression", "evaluation_order", "stop_compute_expression")
Texts = Mapping[str, tuple[Any, ...]]


def with_formulas() -> Organisation:
    return support.small_organisation("Deals", "Quotes", "Quoted_Items", "Invoices", "Leads")


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(with_formulas()) as demo:
        yield demo


def texts(formula: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(formula.get(name) for name in TEXTS)


def of_fields(run: Run) -> Texts:
    """What the stream `fields` has of each formula."""
    rows = run.rows_of("fields")
    assert rows
    return {row["id"]: texts(row["formula"]) for row in rows if row["formula"]}


def of_layouts(demo: DemoOrganisation) -> Texts:
    """What the answers on layouts have, by calls of our own."""
    found: dict[str, tuple[Any, ...]] = {}
    with DemoOrganisation(demo.organisation) as other:
        run = support.read(other, catalog=support.metadata_catalog(layouts={}), record_modules=[])
        for row in run.rows_of("layouts"):
            for field in (field for section in row["sections"] for field in section["fields"]):
                if formula := json.loads(field["formula"] or "{}"):
                    found[field["id"]] = texts(formula)
    return found


def calls_for_layouts(demo: DemoOrganisation) -> int:
    return sum(call.path == LAYOUTS for call in demo.calls)


def read(demo: DemoOrganisation, *streams: str, **settings: Any) -> Run:
    catalog = support.metadata_catalog(**{name: {} for name in streams})
    return support.read(demo, catalog=catalog, record_modules=[], **settings)


def test_they_are_those_of_layouts_without_a_further_call(demo: DemoOrganisation) -> None:
    run = read(demo, "fields", "layouts")
    assert run.code == 0, run.stderr
    wanted = of_layouts(demo)
    found = of_fields(run)
    assert {key: found[key] for key in wanted} == wanted
    assert {one for key, one in found.items() if key not in wanted} <= {(None, None, None)}
    assert sum(one[0] is not None for one in wanted.values()) >= 5
    modules = [call.params["module"] for call in demo.calls if call.path == LAYOUTS]
    assert len(modules) == len({*modules}), "no module is asked for twice"


@pytest.mark.thorough
def test_they_are_those_of_layouts_when_only_fields_are_read(demo: DemoOrganisation) -> None:
    run = read(demo, "fields", formula_expressions=True)
    assert run.code == 0, run.stderr
    wanted = of_layouts(demo)
    found = of_fields(run)
    assert {key: found[key] for key in wanted} == wanted
    assert {message["stream"] for message in run.of_type("RECORD")} == {"fields"}
    assert "Read besides" in run.stderr


def test_nobody_pays_for_what_was_not_chosen(demo: DemoOrganisation) -> None:
    run = read(demo, "fields")
    assert {*of_fields(run).values()} == {(None, None, None)}
    assert calls_for_layouts(demo) == 0


@pytest.mark.thorough
def test_layouts_are_not_asked_for_what_the_answer_on_fields_has(demo: DemoOrganisation) -> None:
    for fields in demo.organisation.fields.values():
        for field in fields:
            if field["formula"]:
                field["formula"]["expression"] = "${Amount}"
    run = read(demo, "fields", formula_expressions=True)
    assert {one[0] for one in of_fields(run).values()} == {"${Amount}"}
    assert calls_for_layouts(demo) == 0


@pytest.mark.thorough
def test_the_plan_has_the_price(demo: DemoOrganisation) -> None:
    catalog = support.metadata_catalog(fields={})

    def price(**more: Any) -> int:
        run = support.read(demo, "--plan", catalog=catalog, record_modules=[], **more)
        (found,) = re.findall(r"^([\d,]+) credits are", run.stdout.decode(), re.MULTILINE)
        return int(found.replace(",", ""))

    assert price(formula_expressions=True) - price() == calls_made(demo)


def calls_made(demo: DemoOrganisation) -> int:
    """How many calls for layouts a run makes."""
    before = calls_for_layouts(demo)
    read(demo, "fields", formula_expressions=True)
    return calls_for_layouts(demo) - before


def test_a_missing_scope_is_an_error_where_they_were_asked_for() -> None:
    with DemoOrganisation(with_formulas(), scopes=SCOPES) as demo:
        run = read(demo, "fields", formula_expressions=True)
        assert run.code == 1
        assert "ZohoCRM.settings.layouts.READ" in run.stderr
        assert len(of_fields(run)) > 10, "all rows are emitted"
        assert read(demo, "fields").code == 0
