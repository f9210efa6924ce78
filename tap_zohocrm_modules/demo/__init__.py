"""An embedded Zoho CRM v8 with a sample organisation, on loopback.

It stands in for Zoho where there is no account: for trying the tap, and for its tests.
"""

from tap_zohocrm_modules.demo.calls import Call
from tap_zohocrm_modules.demo.demo_organisation import DemoOrganisation
from tap_zohocrm_modules.demo.faults import Fault
from tap_zohocrm_modules.demo.organisation import Organisation, sample_organisation

__all__ = ["Call", "DemoOrganisation", "Fault", "Organisation", "sample_organisation"]
