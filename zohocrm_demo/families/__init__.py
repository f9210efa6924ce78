"""The families of calls. A new family is a module here with its rows, named in `ROUTES`."""

from zohocrm_demo.families import (
    bulk_read,
    coql,
    fields,
    module_families,
    modules,
    org,
    organisation_wide,
    records,
)
from zohocrm_demo.routes import RoutingTable

ROUTES = RoutingTable.of(
    modules.ROUTES,
    fields.ROUTES,
    org.ROUTES,
    organisation_wide.ROUTES,
    module_families.ROUTES,
    coql.ROUTES,
    bulk_read.ROUTES,
    # Last: its paths begin with any word at all.
    records.ROUTES,
)
