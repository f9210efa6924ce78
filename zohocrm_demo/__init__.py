"""A Zoho CRM v8 with a sample organisation that anybody can run, on loopback.

It stands in for Zoho where there is no account: for demonstrations, for clients, for tests.
"""

from zohocrm_demo.calls import Call
from zohocrm_demo.clock import Clock
from zohocrm_demo.demo_organisation import DemoOrganisation
from zohocrm_demo.faults import Fault
from zohocrm_demo.limits import RequestLimits
from zohocrm_demo.organisation import Organisation, sample_organisation

__all__ = [
    "Call",
    "Clock",
    "DemoOrganisation",
    "Fault",
    "Organisation",
    "RequestLimits",
    "sample_organisation",
]
