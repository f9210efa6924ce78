"""What an organisation lets Zoho do by itself: rules, and the actions that they set off."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zohocrm_demo.organisation import rules, workflow_actions
from zohocrm_demo.organisation.references import Fields, Row
from zohocrm_demo.organisation.workflow_rules import workflow_rules

if TYPE_CHECKING:
    from zohocrm_demo.organisation.customization import Customization


@dataclass(slots=True)
class Automation:
    """The rules and actions, in the shapes in which Zoho returns them, one row whole.

    A key that only the call for one row has is in the rows here, and left out of the list.

    Attributes:
        assignment_rules: With `rule_entries`.
        scoring_rules: With the rules for fields and what Zia has learnt from.
        cadences: All.
        workflow_rules: With `conditions`.
        field_updates: All.
        workflow_tasks: The elements of `GET /crm/v8/settings/automation/tasks`.
        webhooks: All.
        webhook_failures: The latest first.
    """

    assignment_rules: list[Row] = field(default_factory=list)
    scoring_rules: list[Row] = field(default_factory=list)
    cadences: list[Row] = field(default_factory=list)
    workflow_rules: list[Row] = field(default_factory=list)
    field_updates: list[Row] = field(default_factory=list)
    workflow_tasks: list[Row] = field(default_factory=list)
    webhooks: list[Row] = field(default_factory=list)
    webhook_failures: list[Row] = field(default_factory=list)


def automation(modules: list[Row], fields: Fields, made: Customization) -> Automation:
    """The sample's rules and actions.

    Args:
        modules: All modules.
        fields: All fields.
        made: What the organisation has made of its modules.
    """
    updates = workflow_actions.field_updates(modules, fields)
    tasks = workflow_actions.workflow_tasks(modules, fields)
    hooks = workflow_actions.webhooks(modules)
    actions = {"field_updates": updates, "tasks": tasks, "webhooks": hooks}
    workflows = workflow_rules(modules, fields, actions)
    return Automation(
        assignment_rules=rules.assignment_rules(modules, fields, tasks),
        scoring_rules=rules.scoring_rules(modules, fields, made),
        cadences=rules.cadences(modules, made),
        workflow_rules=workflows,
        field_updates=updates,
        workflow_tasks=tasks,
        webhooks=hooks,
        webhook_failures=workflow_actions.webhook_failures(hooks, workflows),
    )
