# /// script
# dependencies = ["singer-python==6.8.0"]
# ///
"""How long singer-python takes for records: Transformer and write_record, as most taps use them.

Usage: uv run --script benchmarks/singer_python_transformer.py FILE

FILE holds a JSON schema in its first line and a record in each other. Prints seconds of CPU.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import singer

REPEATS = 3


def main(path: str) -> None:
    """Write the file's records to nowhere, and the least time it took to standard error."""
    first, *others = Path(path).read_text(encoding="utf-8").splitlines()
    schema = json.loads(first)
    times = []
    for _ in range(REPEATS):
        records = [json.loads(line) for line in others]
        begun = time.process_time()
        with singer.Transformer() as transformer:
            for record in records:
                singer.write_record("Things", transformer.transform(record, schema))
        times.append(time.process_time() - begun)
    sys.stderr.write(f"{min(times)}\n")


if __name__ == "__main__":
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        sys.stdout = nowhere
        main(sys.argv[1])
