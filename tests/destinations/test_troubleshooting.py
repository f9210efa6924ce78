"""What docs/troubleshooting.md says of target-postgres happens, and its remedies help."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pipelines.conftest import ROOT

from destinations.plugins import TARGET_POSTGRES, attempt, run
from destinations.postgres_server import PostgresServer
from destinations.stores import PostgresStore

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
NUL = "PostgreSQL text fields cannot contain NUL (0x00) bytes"
SETTING = "sanitize_null_text_characters"
PROPERTIES = {
    "id": {"type": "string"},
    "label": {"type": "string"},
    "isBlueprintSupported": {"type": "boolean"},
}
MESSAGES: list[dict[str, Any]] = [
    {
        "type": "SCHEMA",
        "stream": "modules",
        "schema": {"properties": PROPERTIES},
        "key_properties": ["id"],
    },
    {
        "type": "RECORD",
        "stream": "modules",
        "record": {"id": "1", "label": "a\0b", "isBlueprintSupported": True},
    },
]


@pytest.fixture(scope="module")
def program(environment: Callable[..., Path]) -> Path:
    return environment(TARGET_POSTGRES) / "target-postgres"


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("troubles") / "messages.jsonl"
    path.write_text("".join(json.dumps(each) + "\n" for each in MESSAGES), "utf-8")
    return path


@pytest.fixture(scope="module")
def store(
    program: Path, postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> PostgresStore:
    return PostgresStore(program, tmp_path_factory.mktemp("troubled"), postgres, "troubled")


def test_a_null_character_is_refused(program: Path, messages: Path, store: PostgresStore) -> None:
    done = attempt([program, "--config", store.path], stdin=messages)
    assert done.returncode != 0
    assert NUL in done.stderr
    assert f"| target-postgres: `{NUL}` |" in PAGE


def test_with_its_setting_it_lands(program: Path, messages: Path, store: PostgresStore) -> None:
    assert f"`{SETTING}: true`" in PAGE
    store.path.write_text(json.dumps({**store.config(), SETTING: True}), "utf-8")
    run([program, "--config", store.path], stdin=messages)
    (row,) = store.table("modules")
    assert row["label"] == "a\ufffdb"
    assert "\ufffd" in PAGE


def test_names_want_quotes(program: Path, messages: Path, store: PostgresStore) -> None:
    store.path.write_text(json.dumps({**store.config(), SETTING: True}), "utf-8")
    run([program, "--config", store.path], stdin=messages)
    (row,) = store.rows_of(f'SELECT "isBlueprintSupported" AS b FROM {store.schema}.modules')
    assert row["b"] is True
    with pytest.raises(AssertionError) as refusal:
        store.rows_of(f"SELECT isBlueprintSupported FROM {store.schema}.modules")
    message = 'column "isblueprintsupported" does not exist'
    assert message in str(refusal.value)
    assert f"| PostgreSQL: `{message}` |" in PAGE
