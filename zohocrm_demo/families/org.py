"""The organisation itself: `GET /crm/v8/org`.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-org-data.html
"""

from __future__ import annotations

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.routes import Context, Route


def get_org(context: Context) -> Answer:
    """An array of one: the company, its currency, zone and licence."""
    return json_answer({"org": [context.organisation.company]})


ROUTES = (Route("/crm/v8/org", get_org, ("ZohoCRM.org.READ",)),)
