"""The one way to call Zoho CRM's API: token, retries, limits, credits, errors."""
