"""Compares a warehouse with Zoho, and writes what mends the difference: a room on top.

`verify_run.py` is where to begin; `zoho_records.py` is the only file that asks the engine.
"""
