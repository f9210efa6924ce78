# /// script
# requires-python = ">=3.10"
# dependencies = ["dlt[duckdb,postgres]>=1.31,<2", "duckdb>=1.5,<3", "pyarrow>=19"]
# ///
"""Loads one module by dlt, as a user's own script would: the baseline of end_to_end.

Usage: python dlt_pipeline.py SETTINGS.json MODULE FIELDS FOLDER DATABASE | --where

The database is the URL of one of PostgreSQL's, or a file of DuckDB's.
"""

import json
import sys
from pathlib import Path


def main(settings: str, module: str, fields: str, folder: str, database: str) -> None:
    """Read the module page by page, and merge it by its ids."""
    import dlt  # noqa: PLC0415 - not for --where
    from dlt.sources.helpers import requests  # noqa: PLC0415

    config = json.loads(Path(settings).read_text(encoding="utf-8"))
    grant = {key: config[key] for key in ("client_id", "client_secret", "refresh_token")}
    token = requests.post(
        f"{config['accounts_url']}/oauth/v2/token",
        data={**grant, "grant_type": "refresh_token"},
    ).json()["access_token"]
    session = requests.Client().session
    session.headers["Authorization"] = f"Zoho-oauthtoken {token}"

    @dlt.resource(name=module, primary_key="id", write_disposition="merge", max_table_nesting=0)
    def records():  # type: ignore[no-untyped-def]  # noqa: ANN202
        page = {"page": 1}
        while page:
            params = {"fields": fields, "per_page": 200, **page}
            answer = session.get(f"{config['api_url']}/crm/v8/{module}", params=params).json()
            yield answer["data"]
            info = answer["info"]
            page = {"page_token": info["next_page_token"]} if info["more_records"] else {}

    if database.startswith("postgresql://"):
        destination, format_ = dlt.destinations.postgres(database), "csv"
    else:
        destination, format_ = dlt.destinations.duckdb(database), "parquet"
    pipeline = dlt.pipeline(
        pipeline_name="zoho", destination=destination, dataset_name="crm", pipelines_dir=folder
    )
    pipeline.run(records(), loader_file_format=format_)


if __name__ == "__main__":
    if sys.argv[1:] == ["--where"]:
        sys.stdout.write(sys.executable)
    else:
        main(*sys.argv[1:])
