"""What an organisation has beside its modules: people, permissions, settings, traces."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from zohocrm_demo.organisation.api_table import apis
from zohocrm_demo.organisation.company_settings import (
    appointment_preferences,
    contact_roles,
    currencies,
    from_addresses,
    variable_groups,
    variables,
)
from zohocrm_demo.organisation.feature_limits import features, user_licenses
from zohocrm_demo.organisation.portals import (
    portal_user_types,
    portal_users,
    portals,
)
from zohocrm_demo.organisation.profiles import (
    granted_permissions,
    permissions,
    profiles,
)
from zohocrm_demo.organisation.references import Row
from zohocrm_demo.organisation.roles import roles
from zohocrm_demo.organisation.staff import staff
from zohocrm_demo.organisation.territories import territories, territory_users
from zohocrm_demo.organisation.traces import (
    audit_log_exports,
    backup_history,
    backup_schedule,
    backup_urls,
    notifications,
    recycle_bin,
)
from zohocrm_demo.organisation.user_groups import group_associations, user_groups
from zohocrm_demo.organisation.working_time import (
    business_hours,
    fiscal_year,
    holidays,
    shift_hours,
    users_unavailability,
)

if TYPE_CHECKING:
    from zohocrm_demo.organisation import Organisation


@dataclass(slots=True, kw_only=True)
class OrganisationWide:
    """The rows of the organisation's own families; empty ones are answered with 204.

    Attributes:
        users: Everybody who has or had an account, deleted ones too, with all keys of
            `GET /crm/v8/users`. The first one is the caller.
        roles: The elements of `GET /crm/v8/settings/roles`.
        profiles: The elements of `GET /crm/v8/settings/profiles`.
        permissions: What profiles may permit: `permissions_details` without `enabled`.
        granted_permissions: Ids of the permissions that a profile has, by the profile's id.
        territories: The elements of `GET /crm/v8/settings/territories` with their criteria.
        territory_users: Ids of a territory's users, by the territory's id.
        user_groups: The elements of `GET /crm/v8/settings/user_groups` with their `sources`.
        group_associations: Where a group is in use, by the group's id.
        users_unavailability: When users are away.
        business_hours: The object of that name; None for 204.
        shift_hours: Shifts with their breaks. Who works them stands in `users`
            (`$current_shift`), their holidays in `holidays`.
        holidays: The organisation's and the shifts' holidays.
        fiscal_year: The object of that name; None for 204.
        currencies: The elements of `GET /crm/v8/org/currencies`.
        variables: The elements of `GET /crm/v8/settings/variables`.
        variable_groups: The elements of `GET /crm/v8/settings/variable_groups`.
        from_addresses: Addresses that mail may come from.
        contact_roles: The elements of `GET /crm/v8/Contacts/roles`.
        features: The elements of `GET /crm/v8/__features`.
        user_licenses: The elements of `GET /crm/v8/__features/user_licenses`.
        apis: The elements of `GET /crm/v8/__apis`.
        portals: The portals, with all keys of the call for one.
        portal_user_types: Kinds of users, by the portal's name.
        portal_users: Users, by the id of their kind.
        audit_log_exports: Jobs that exported the audit log.
        recycle_bin: Deleted records of all modules.
        notifications: Rows of `watch`, one a channel and module.
        backup_schedule: The object of `backup`; None for 204.
        backup_history: What happened to backups.
        backup_urls: The object of `urls`; None for 204.
        appointment_preferences: The object of that name with `deal_record_configuration`.
        service_preferences: The object of that name.
        call_preferences: The object of that name.
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


def furnish(bare: Organisation) -> Organisation:
    """Give an organisation that has its modules and fields everything else; return it."""
    _people(bare)
    _time_and_settings(bare)
    _outside(bare)
    return bare


def _people(it: Organisation) -> None:
    it.roles = roles()
    it.profiles = profiles()
    it.permissions = permissions(it.modules)
    it.granted_permissions = granted_permissions(it.profiles, it.permissions)
    it.users = staff(it.roles)
    it.territories = territories(it.fields)
    it.territory_users = territory_users(it.territories, it.users)
    it.user_groups = user_groups(it.users, it.roles, it.territories)
    it.group_associations = group_associations(it.user_groups, it.modules)


def _time_and_settings(it: Organisation) -> None:
    it.users_unavailability = users_unavailability(it.users)
    it.business_hours = business_hours()
    it.shift_hours = shift_hours()
    it.holidays = holidays()
    it.fiscal_year = fiscal_year()
    it.currencies = currencies()
    it.variable_groups = variable_groups()
    it.variables = variables(it.variable_groups)
    it.from_addresses = from_addresses(it.users)
    it.contact_roles = contact_roles()
    it.features = features()
    it.user_licenses = user_licenses(it.company, it.users)
    it.apis = apis()
    it.appointment_preferences = appointment_preferences(it.fields)
    it.service_preferences = {"job_sheet_enabled": True}
    it.call_preferences = {"show_from_number": True, "show_to_number": False}


def _outside(it: Organisation) -> None:
    it.portals = portals()
    it.portal_users = portal_users()
    it.portal_user_types = portal_user_types(it.modules, it.fields, it.portal_users)
    it.audit_log_exports = audit_log_exports()
    it.recycle_bin = recycle_bin(it.modules)
    it.notifications = notifications(it.modules)
    it.backup_schedule = backup_schedule()
    it.backup_history = backup_history()
    it.backup_urls = backup_urls()
