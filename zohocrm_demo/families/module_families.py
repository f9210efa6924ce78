"""The families that say what an organisation has made of its modules, and what runs by itself."""

from __future__ import annotations

from zohocrm_demo.families import (
    assignment_rules,
    cadences,
    custom_views,
    global_picklists,
    layouts,
    map_dependencies,
    module_settings,
    pick_list_values,
    pipelines,
    record_locking,
    related_lists,
    scoring_rules,
    tags,
    templates,
    webhooks,
    wizards,
    workflow_actions,
    workflow_rules,
    zia,
)

ROUTES = (
    *layouts.ROUTES,
    *map_dependencies.ROUTES,
    *related_lists.ROUTES,
    *custom_views.ROUTES,
    *pipelines.ROUTES,
    *pick_list_values.ROUTES,
    *global_picklists.ROUTES,
    *tags.ROUTES,
    *record_locking.ROUTES,
    *module_settings.ROUTES,
    *wizards.ROUTES,
    *templates.ROUTES,
    *zia.ROUTES,
    *assignment_rules.ROUTES,
    *scoring_rules.ROUTES,
    *cadences.ROUTES,
    *workflow_rules.ROUTES,
    *workflow_actions.ROUTES,
    *webhooks.ROUTES,
)
