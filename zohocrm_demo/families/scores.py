"""What the scoring rules of its module give one record.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-entity-scores.html
"""

from __future__ import annotations

from zohocrm_demo.answers import NO_CONTENT, Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.records_access import module_scopes, only_in
from zohocrm_demo.families.related import parent_of
from zohocrm_demo.organisation.children.child import KINDS, filled
from zohocrm_demo.organisation.references import Row, make_id

_PEOPLE = frozenset({"Leads", "Contacts"})


def score_scopes(context: Context) -> tuple[str, ...]:
    """The scopes that read the module in the path and scores."""
    return (*module_scopes(context), "ZohoCRM.modules.entity_scores.READ")


def list_scores(context: Context) -> Answer:
    """A row for each active rule of the module; 204 where it has none."""
    module, parent = parent_of(context)
    scores = KINDS["scores"]
    only_in(module, scores["modules"])
    name = module["api_name"]
    rules = [
        rule
        for rule in context.organisation.scoring_rules
        if rule["active"] and rule["module"]["api_name"] == name
    ]
    rows = []
    for number, rule in enumerate(rules):
        # They follow from the record, and change with it.
        positive = (parent.id + (parent.modified or 0)) % 40 + number
        negative = -(parent.id % 7) or None
        rows.append(
            filled(
                "scores",
                "row",
                id=make_id(scores["first_id"] + parent.id % 10_000_000 * 100 + number),
                rule=rule["id"],
                score=positive + (negative or 0),
                positive=positive,
                negative=negative,
                touch=positive % 5 if name in _PEOPLE else None,
            )
        )
    if not rows:
        return NO_CONTENT
    info = {"per_page": 200, "count": len(rows), "page": 1, "more_records": False}
    return json_answer({"data": [_of(row, context) for row in rows], "info": info})


def _of(row: Row, context: Context) -> Row:
    wanted = {*context.params["fields"].split(","), "id"}
    if wanted - row.keys():
        raise ZohoError("INVALID_DATA", param_name="fields")
    return {name: value for name, value in row.items() if name in wanted}
