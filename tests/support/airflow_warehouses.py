"""What Airflow's workers load into: files of JSON lines, or a PostgreSQL database."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from destinations.plugins import TARGET_JSONL, TARGET_POSTGRES
from destinations.postgres_server import PASSWORD, USER, PostgresServer
from typing_extensions import override

DATABASE = "workers"


class Warehouse(Protocol):
    """Where a loader puts the rows, and how Airflow's environment names both."""

    def connect(self) -> tuple[Path, dict[str, Any]]:
        """Return the loader's program, and what the connection of the warehouse has."""
        ...

    def empty(self) -> None:
        """Drop what is in it."""
        ...

    def rows(self) -> dict[str, Any]:
        """Return by table how many rows there are that are not marked as deleted, as those of the
        recycle bin are, and a digest of all rows' values but the loader's own.
        """
        ...


@dataclasses.dataclass
class Files(Warehouse):
    """A file of JSON lines for each stream: the loader that costs least beside Zoho's latency."""

    folder: Path
    environment: Callable[..., Path]

    @override
    def connect(self) -> tuple[Path, dict[str, Any]]:
        extra = {"destination_path": str(self.folder), "do_timestamp_file": False}
        return self.environment(TARGET_JSONL) / "target-jsonl", {"extra": extra}

    @override
    def empty(self) -> None:
        for path in self.folder.iterdir():
            path.unlink()

    @override
    def rows(self) -> dict[str, Any]:
        found = {}
        for path in sorted(self.folder.iterdir()):
            lines = sorted(path.read_text("utf-8").splitlines())
            digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
            live = sum(json.loads(line).get("_sdc_deleted_at") is None for line in lines)
            found[path.stem] = {"n": live, "digest": digest}
        return found


@dataclasses.dataclass
class Database(Warehouse):
    """A PostgreSQL database, by the loader that the example takes unless told otherwise."""

    postgres: PostgresServer
    environment: Callable[..., Path]

    @override
    def connect(self) -> tuple[Path, dict[str, Any]]:
        connection = {"port": self.postgres.port, "login": USER, "password": PASSWORD}
        program = self.environment(TARGET_POSTGRES) / "target-postgres"
        return program, {**connection, "schema": DATABASE}

    @override
    def empty(self) -> None:
        self.postgres.query("postgres", f'DROP DATABASE IF EXISTS "{DATABASE}"')
        self.postgres.create(DATABASE)

    @override
    def rows(self) -> dict[str, Any]:
        tables = self.postgres.rows(
            DATABASE,
            "SELECT table_name AS name FROM information_schema.tables"
            " WHERE table_schema = 'zoho_crm'",
        )
        found = {}
        for table in sorted(table["name"] for table in tables):
            (found[table],) = self.postgres.rows(
                DATABASE,
                "SELECT count(*) FILTER (WHERE is_live) AS n,"
                " md5(string_agg(line, ',' ORDER BY line)) AS digest FROM"
                " (SELECT to_jsonb(t)->>'_sdc_deleted_at' IS NULL AS is_live,"
                "  (SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(t))"
                "  WHERE left(key, 5) <> '_sdc_')::text AS line"
                f' FROM zoho_crm."{table}" AS t) AS lines',
            )
        return found
