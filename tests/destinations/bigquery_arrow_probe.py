"""Runs where Google's client for BigQuery is: prints the Arrow type of each of its types."""

from __future__ import annotations

import json
import sys

from google.cloud.bigquery import _pyarrow_helpers

types = _pyarrow_helpers._BQ_TO_ARROW_SCALARS.items()
json.dump({name: str(arrow_type()) for name, arrow_type in types}, sys.stdout)
