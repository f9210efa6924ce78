"""Keeps one DuckDB file equal to what a tap emits: a table a stream, rows merged by their keys.

- A row whose key is there already is updated: a column that a record or a file leaves out keeps its
  value, and a null that was sent is a null.
- ACTIVATE_VERSION removes the rows that the tap's latest full read did not bring.
- A row with `_sdc_deleted_at` is removed; one that comes back has what was sent since, no more.
- STATE is passed on only when all rows before it are in the file.
- BATCH messages with Arrow or Parquet files are loaded as they are, and the files removed.
- A column whose type changes is widened if no value is lost by that: an integer to a number, a date
  to midnight UTC, anything to text as it was sent, or to JSON. Any other change is an error, before
  a row of that SCHEMA is touched.
- A run that fails says why in one line and ends with exit code 1. SIGINT ends it with 130, SIGTERM
  with 143; what STATE does not cover yet comes again with the next run.
"""

from target_duckdb_file.target import TargetDuckDBFile

__all__ = ["TargetDuckDBFile"]
