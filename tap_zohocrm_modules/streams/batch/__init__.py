"""BATCH messages: rows in Arrow or Parquet files. Needs the extra `arrow`."""
