"""The families that an organisation has once, not module by module."""

from __future__ import annotations

from zohocrm_demo.families import (
    company_settings,
    features,
    permissions,
    portals,
    territories,
    traces,
    user_groups,
    users,
    working_time,
)

ROUTES = (
    *users.ROUTES,
    *permissions.ROUTES,
    *territories.ROUTES,
    *user_groups.ROUTES,
    *working_time.ROUTES,
    *company_settings.ROUTES,
    *features.ROUTES,
    *portals.ROUTES,
    *traces.ROUTES,
)
