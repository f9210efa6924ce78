"""Children of records are compared whole, and mended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from children.organisation import Warehouse, small_demo
from support.demo import config_for
from support.run import Run, run_tap

from verify.loaders import DuckDBLoader

ROLES = "Deals.Contact_Roles"
STREAM = "Deals_Contact_Roles"


@pytest.mark.thorough
def test_children_that_were_lost_or_changed(tmp_path: Path) -> None:
    with small_demo() as demo:
        children = Warehouse(demo, (ROLES,))
        loader = DuckDBLoader(tmp_path)
        load = children.load()
        loader.load(load.stdout)
        settings = children.settings()
        catalog = children.catalog(settings)

        def verify(*options: str) -> Run:
            config = config_for(demo, token_cache_dir=str(tmp_path), **settings)
            return run_tap("--verify", loader.url, *options, config=config, catalog=catalog)

        equal = verify("--verify-format=json")
        assert equal.code == 0, equal.stderr
        [found] = json.loads(equal.stdout)["streams"]
        assert found["zoho"] == found["rows"] == len(load.rows_of(STREAM)) > 300

        lost, spoilt, *_ = load.rows_of(STREAM)
        for column, row in (("id", lost), ("Contact_Role", spoilt)):
            key = f"WHERE id = '{row['id']}' AND parent_id = '{row['parent_id']}'"
            table = f'"{STREAM}"'
            loader.execute(
                f"DELETE FROM {table} {key}"
                if column == "id"
                else f"UPDATE {table} SET {column} = 'x' {key}"
            )
        faults: dict[str, Any] = {
            one["id"]: (one["kind"], one["fields"])
            for one in json.loads(verify("--verify-format=json").stdout)["streams"][0]["faults"]
        }
        assert faults == {
            f"{lost['parent_id']}/{lost['id']}": ("missing", []),
            f"{spoilt['parent_id']}/{spoilt['id']}": ("different", ["Contact_Role"]),
        }
        repair = verify("--repair")
        assert repair.code == 0, repair.stderr
        loader.load(repair.stdout)
        assert verify().code == 0
