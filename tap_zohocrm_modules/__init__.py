"""A Singer tap for Zoho CRM v8: https://www.zoho.com/crm/developer/docs/api/v8/."""
