"""Speaks to Zoho CRM v8, and knows nothing of Singer."""
