"""Reads records by Bulk Read."""
