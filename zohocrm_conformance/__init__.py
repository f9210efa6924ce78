"""A report card for connectors that read Zoho CRM: what is lost, doubled, stale or false.

The connector runs as a command of its own against `zohocrm_demo`; its output is kept as a loader
would keep it, and compared with what the organisation has.
"""
