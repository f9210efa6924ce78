"""Reads records by COQL queries."""
