"""A pipeline as dlt's docs have it: its `rest_api` source on Zoho's Get Records, into files.

dlt_pipeline.py config.json OUTPUT FOLDER
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import dlt
from dlt.destinations import filesystem
from dlt.sources.helpers import requests
from dlt.sources.rest_api import rest_api_source

config = json.loads(Path(sys.argv[1]).read_text("utf-8"))
output, folder = sys.argv[2:]
os.environ["NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION"] = "true"
form = {name: config[name] for name in ("client_id", "client_secret", "refresh_token")}
answer = requests.post(
    f"{config['accounts_url']}/oauth/v2/token", data={**form, "grant_type": "refresh_token"}
)
token = answer.json()["access_token"]
headers = {"Authorization": f"Zoho-oauthtoken {token}"}
base = f"{config['api_url']}/crm/v8/"


def resource(module: str) -> dict[str, Any]:
    found = requests.get(f"{base}settings/fields", params={"module": module}, headers=headers)
    # No more than 50 go into one call, and the source makes one.
    names = [one["api_name"] for one in found.json()["fields"]][:50]
    return {
        "name": module,
        "primary_key": "id",
        "write_disposition": "replace",
        "endpoint": {
            "path": module,
            "params": {"fields": ",".join(names), "per_page": 200},
            "data_selector": "data",
            "paginator": {
                "type": "cursor",
                "cursor_path": "info.next_page_token",
                "cursor_param": "page_token",
            },
        },
    }


source = rest_api_source(
    {
        "client": {"base_url": base, "headers": headers},
        "resources": [resource(module) for module in config["record_modules"]],
    }
)
pipeline = dlt.pipeline(
    "conformance",
    pipelines_dir=folder,
    destination=filesystem(Path(output).as_uri()),
    dataset_name="crm",
)
pipeline.run(source, loader_file_format="jsonl")
