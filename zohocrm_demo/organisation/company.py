"""The sample company: Brightwater Instruments, which sells and services water-quality sensors.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/get-org-data.html
"""

from __future__ import annotations

from typing import Any

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.local_time import ZONE_NAME, local


def company() -> dict[str, Any]:
    """The one element of `org`: 37 keys, Enterprise edition, one licence for each user."""
    return {
        "country": "US",
        "photo_id": None,
        "hierarchy_preferences": {"type": "Role_Hierarchy", "strictly_reporting": None},
        "city": "Astoria",
        "description": None,
        "mc_status": True,
        "gapps_enabled": False,
        "translation_enabled": True,
        "street": "12 Pier Road",
        "domain_name": "brightwater",
        "alias": None,
        "currency": "US Dollar",
        "id": make_id(411_005_000),
        "state": "Oregon",
        "fax": None,
        "zip": "97103",
        "employee_count": "120",
        "website": "https://brightwater-instruments.example",
        "currency_symbol": "$",
        "mobile": None,
        "currency_locale": "en_US",
        "primary_zuid": "738291046",
        "zia_portal_id": None,
        "time_zone": ZONE_NAME,
        "zgid": "738291044",
        "country_code": "US",
        "deletable_org_account": False,
        "license_details": {
            "paid_expiry": None,
            "users_license_purchased": 25,
            "trial_type": None,
            "trial_expiry": None,
            "paid": True,
            "paid_type": "enterprise",
            "portal_users_license_purchased": 0,
        },
        "phone": "+1 503 555 0142",
        "company_name": "Brightwater Instruments",
        "privacy_settings": True,
        "primary_email": "user0@brightwater-instruments.example",
        "iso_code": "USD",
        "hipaa_compliance_enabled": False,
        "lite_users_enabled": False,
        "type": "production",
        "created_time": local("2019-03-11T16:20:05"),
    }
