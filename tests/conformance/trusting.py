"""Starts a command whose Python trusts certifi's certificates alone, and ours from now on.

`python trusting.py COMMAND…`, with the Python that has the certificates: Airbyte's CDK takes no
others, whatever the environment says.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import certifi

bundle = Path(certifi.where())
kept = bundle.with_name("cacert.kept")
if not kept.exists():
    kept.write_bytes(bundle.read_bytes())
bundle.write_bytes(kept.read_bytes() + Path(os.environ["SSL_CERT_FILE"]).read_bytes())
os.execv(sys.argv[1], sys.argv[1:])
