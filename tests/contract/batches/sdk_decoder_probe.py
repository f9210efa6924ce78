# /// script
# requires-python = ">=3.10"
# dependencies = ["nanoarrow>=0.8", "pyarrow>=19", "singer-sdk>=0.55.0b7,<0.56"]
#
# [tool.uv]
# prerelease = "allow"
# ///
"""Reads files of batches by singer-sdk's own decoders: `FORMAT FILE`.

Prints how many rows there are, and the columns in which a value is another one than Arrow's.
"""

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from singer_sdk.batch import BaseBatchReader
from singer_sdk.helpers._batch import BaseBatchFileEncoding

kind, file = sys.argv[1], Path(sys.argv[2])
with file.open("rb") as opened:
    found = [*BaseBatchReader.from_encoding(BaseBatchFileEncoding(kind)).read(opened)]
table = pq.read_table(file) if kind == "parquet" else pa.ipc.open_file(file).read_all()
pairs = [*zip(found, table.to_pylist(), strict=True)]
wrong = {
    name: [str(row[name]) for row, right in pairs if row[name] != right[name]]
    for name in table.column_names
}
shown = {"rows": len(found), "wrong": {name: values for name, values in wrong.items() if values}}
sys.stdout.write(json.dumps(shown))
