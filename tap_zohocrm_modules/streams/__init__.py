"""Turns what Zoho returns into Singer streams."""
