"""Exports of the audit log: their jobs and their files."""
