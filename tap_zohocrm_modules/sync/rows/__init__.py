"""Rows that Zoho lists whole: metadata, the organisation, deletions; brought into their schemas."""
