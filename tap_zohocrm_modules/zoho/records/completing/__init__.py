"""Adds to records what their read path does not deliver, by Get Records."""
