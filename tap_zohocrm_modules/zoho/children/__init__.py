"""Rows that Zoho serves only by the record that they belong to: their calls."""
