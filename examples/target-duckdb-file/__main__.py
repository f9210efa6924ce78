# ruff: noqa: INP001 - a folder that Python runs
"""Runs the loader without installing it: `python examples/target-duckdb-file --config ...`."""

from target_duckdb_file import TargetDuckDBFile

TargetDuckDBFile.cli()
