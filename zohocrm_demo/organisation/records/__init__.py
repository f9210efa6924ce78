"""The records of the demo organisation: made up on demand, changed by whoever tests against them.

`organisation.records` is a `RecordStore`; the server reads from it, tests insert, change, delete
and restore in it while the server runs.
"""

from zohocrm_demo.organisation.records.record import Record
from zohocrm_demo.organisation.records.store import RecordStore

__all__ = ["Record", "RecordStore"]
