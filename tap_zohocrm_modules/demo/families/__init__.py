"""The families of calls. A new family is a module here with its rows, named in `ROUTES`."""

from tap_zohocrm_modules.demo.families import fields, modules, org
from tap_zohocrm_modules.demo.routes import RoutingTable

ROUTES = RoutingTable.of(modules.ROUTES, fields.ROUTES, org.ROUTES)
