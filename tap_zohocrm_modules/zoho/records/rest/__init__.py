"""Reads records by Get Records."""
