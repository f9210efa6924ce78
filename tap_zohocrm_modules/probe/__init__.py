"""Asks an account which of the tap's assumptions about Zoho hold there; nothing below knows it."""
