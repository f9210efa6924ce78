"""Runs where target-snowflake is: makes Parquet of Arrow files, as that does before it loads them.

Usage: python snowflake_files_probe.py MESSAGES FOLDER. Output: `{Arrow URL: Parquet URL}`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from target_snowflake.arrow_batch import convert_arrow_manifest_to_parquet

found: dict[str, str] = {}
for line in Path(sys.argv[1]).read_bytes().splitlines():
    message = json.loads(line)
    if message["type"] == "BATCH":
        made = convert_arrow_manifest_to_parquet(message["manifest"], sys.argv[2])
        found |= dict(zip(message["manifest"], made, strict=True))
json.dump(found, sys.stdout)
