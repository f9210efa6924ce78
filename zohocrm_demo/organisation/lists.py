"""The lists and objects of an organisation, by the names that Zoho's answers give them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zohocrm_demo.organisation.references import Fields, Row


@dataclass(slots=True)
class Customization:
    """The settings of modules, in the shapes in which Zoho returns them, one row whole.

    A key that only the call for one row has is in the rows here, and left out of the list.

    Attributes:
        layouts: By the module's API name; `sections[].fields[]` are completed out of the
            organisation's fields, a field that isn't there is left out.
        related_lists: By the module's API name.
        custom_views: By the module's API name.
        pipelines: By the id of the layout.
        map_dependencies: By the id of the layout.
        global_picklists: With their values; the fields say which of them use one.
        replaced_values: By the id of the global picklist whose values are being replaced.
        tags: By the module's API name.
        tag_record_counts: By the id of the tag.
        record_locking_configurations: By the module's API name.
        duplicate_check_preferences: By the module's API name.
        unsubscribe_link_associations: One row a link that is used.
        zia_org_enrichments: Organisations looked up, with what was asked and found.
        zia_people_enrichments: People looked up, likewise.
    """

    layouts: Fields = field(default_factory=dict)
    related_lists: Fields = field(default_factory=dict)
    custom_views: Fields = field(default_factory=dict)
    pipelines: dict[str, list[Row]] = field(default_factory=dict)
    map_dependencies: dict[str, list[Row]] = field(default_factory=dict)
    global_picklists: list[Row] = field(default_factory=list)
    replaced_values: dict[str, list[Row]] = field(default_factory=dict)
    tags: dict[str, list[Row]] = field(default_factory=dict)
    tag_record_counts: dict[str, int] = field(default_factory=dict)
    record_locking_configurations: dict[str, list[Row]] = field(default_factory=dict)
    duplicate_check_preferences: dict[str, Row] = field(default_factory=dict)
    wizards: list[Row] = field(default_factory=list)
    data_sharing: list[Row] = field(default_factory=list)
    email_templates: list[Row] = field(default_factory=list)
    inventory_templates: list[Row] = field(default_factory=list)
    unsubscribe_links: list[Row] = field(default_factory=list)
    unsubscribe_link_associations: list[Row] = field(default_factory=list)
    signals: list[Row] = field(default_factory=list)
    data_enrichment: list[Row] = field(default_factory=list)
    zia_org_enrichments: list[Row] = field(default_factory=list)
    zia_people_enrichments: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class Automation:
    """The rules and the actions that they set off, one row whole.

    Attributes:
        workflow_tasks: The elements of `GET /crm/v8/settings/automation/tasks`.
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


@dataclass(slots=True, kw_only=True)
class OrganisationWide:
    """What an organisation has once, not module by module; what is empty is answered with 204.

    Attributes:
        users: Everybody who has or had an account, deleted ones too, with all keys of
            `GET /crm/v8/users`. The first one is the caller.
        permissions: What profiles may permit: `permissions_details` without `enabled`.
        granted_permissions: Ids of the permissions that a profile has, by the profile's id.
        territories: With their criteria.
        territory_users: Ids of a territory's users, by the territory's id.
        user_groups: With their `sources`.
        group_associations: Where a group is in use, by the group's id.
        shift_hours: Shifts with their breaks. Who works them is in `users` (`$current_shift`),
            their holidays in `holidays`.
        portals: With all keys of the call for one.
        portal_user_types: Kinds of users, by the portal's name.
        portal_users: Users, by the id of their kind.
        recycle_bin: Deleted records of all modules.
        notifications: Rows of `watch`, one a channel and module.
        backup_schedule: The object of `backup`.
        backup_urls: The object of `urls`.
        appointment_preferences: With `deal_record_configuration`.
        lists: The content of every other file of `data/lists`, by its name.
    """

    users: list[Row] = field(default_factory=list)
    roles: list[Row] = field(default_factory=list)
    profiles: list[Row] = field(default_factory=list)
    permissions: list[Row] = field(default_factory=list)
    granted_permissions: dict[str, list[str]] = field(default_factory=dict)
    territories: list[Row] = field(default_factory=list)
    territory_users: dict[str, list[str]] = field(default_factory=dict)
    user_groups: list[Row] = field(default_factory=list)
    group_associations: dict[str, list[Row]] = field(default_factory=dict)
    users_unavailability: list[Row] = field(default_factory=list)
    business_hours: Row | None = None
    shift_hours: list[Row] = field(default_factory=list)
    holidays: list[Row] = field(default_factory=list)
    fiscal_year: Row | None = None
    currencies: list[Row] = field(default_factory=list)
    variables: list[Row] = field(default_factory=list)
    variable_groups: list[Row] = field(default_factory=list)
    from_addresses: list[Row] = field(default_factory=list)
    contact_roles: list[Row] = field(default_factory=list)
    features: list[Row] = field(default_factory=list)
    user_licenses: list[Row] = field(default_factory=list)
    apis: list[Row] = field(default_factory=list)
    portals: list[Row] = field(default_factory=list)
    portal_user_types: dict[str, list[Row]] = field(default_factory=dict)
    portal_users: dict[str, list[Row]] = field(default_factory=dict)
    audit_log_exports: list[Row] = field(default_factory=list)
    recycle_bin: list[Row] = field(default_factory=list)
    notifications: list[Row] = field(default_factory=list)
    backup_schedule: Row | None = None
    backup_history: list[Row] = field(default_factory=list)
    backup_urls: Row | None = None
    appointment_preferences: Row = field(default_factory=dict)
    service_preferences: Row = field(default_factory=dict)
    call_preferences: Row = field(default_factory=dict)
    lists: dict[str, Any] = field(default_factory=dict)
