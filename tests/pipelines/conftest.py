"""One copy of the checkout, with Meltano's plugins installed once, for all tests of pipelines."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).parents[2]
MELTANO = "meltano==4.4.1"
PIPELINE = ("tap-zohocrm-modules", "target-duckdb-file")
COPIED = (
    "tap_zohocrm_modules",
    "zohocrm_demo",
    "zohocrm_atlas",
    "examples",
    "pyproject.toml",
    "meltano.yml",
    "README.md",
    "LICENSE",
)
RUN_TAP = "from tap_zohocrm_modules.tap import TapZohoCRMModules as Tap; Tap.cli()"
# Nobody listens there: whatever needs the Meltano Hub fails.
NO_HUB = {"MELTANO_HUB_URL": "http://127.0.0.1:9", "MELTANO_HUB_API_ROOT": "http://127.0.0.1:9"}

Message = dict[str, Any]
Row = dict[str, Any]


def uv() -> str:
    """Return the uv that runs the tests, or any other."""
    found = os.environ.get("UV") or shutil.which("uv")
    assert found, "these tests need uv"
    return found


def clean_environment() -> dict[str, str]:
    """Return the environment without what somebody may have set for this tap or for Meltano."""
    ours = ("TAP_ZOHOCRM_MODULES_", "TARGET_", "MELTANO_", "SINGER_SDK_", "LOGLEVEL", "VIRTUAL_ENV")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    newest = re.search(r'exclude-newer = "(.+?)"', (ROOT / "pyproject.toml").read_text("utf-8"))
    assert newest
    return kept | NO_HUB | {"UV_EXCLUDE_NEWER": newest[1], "NO_COLOR": "1", "PYTHONUTF8": "1"}


def run(
    command: Sequence[str],
    *,
    folder: Path,
    stdin: str = "",
    variables: Mapping[str, str] | None = None,
    timeout: float = 300,
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env=clean_environment() | dict(variables or {}),
        input=stdin,
        capture_output=True,
        timeout=timeout,
        encoding="utf-8",
        check=False,
    )


@dataclasses.dataclass
class Project:
    """A Meltano project, and all that Meltano ever wrote to its log there."""

    folder: Path
    transcript: list[str] = dataclasses.field(default_factory=list)

    def meltano(
        self,
        *arguments: str,
        environment: str = "demo",
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        command = [
            uv(),
            "tool",
            "run",
            "--from",
            MELTANO,
            "meltano",
            f"--environment={environment}",
        ]
        done = run([*command, *arguments], folder=self.folder, variables=variables)
        self.transcript.append(done.stderr)
        return done

    def succeed(self, *arguments: str, variables: Mapping[str, str] | None = None) -> str:
        """Run Meltano in the environment `demo`, and return its standard output."""
        done = self.meltano(*arguments, variables=variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def warehouse(self) -> Path:
        return self.folder / "output" / "demo.duckdb"


@dataclasses.dataclass(frozen=True)
class Load:
    """What the destination held after a run, and the state that Meltano then kept."""

    warehouse: Path
    state: dict[str, Any]

    def rows(self, table: str) -> list[Row]:
        """Return the table's rows as the tap would spell them: JSON values, UTC date-times."""
        with duckdb.connect(str(self.warehouse), read_only=True) as database:
            described = database.execute(f'DESCRIBE FROM "{table}"').fetchall()
            types = {name: kind for name, kind, *_ in described if not name.startswith("_sdc_")}
            columns = ", ".join(_as_text(name, kind) for name, kind in types.items())
            found = database.execute(f'SELECT {columns} FROM "{table}"').fetchall()
        return [
            {
                name: json.loads(value) if types[name] == "JSON" and value is not None else value
                for name, value in zip(types, row, strict=True)
            }
            for row in found
        ]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as database:
            return database.execute(sql).fetchall()


def _as_text(name: str, kind: str) -> str:
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"""strftime("{name}" AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')"""
    return f'"{name}"::VARCHAR' if kind in {"JSON", "DATE", "TIME"} else f'"{name}"'


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("project")
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder / name)
    project = Project(folder)
    project.succeed("install", *PIPELINE)
    return project


@pytest.fixture(scope="session")
def catalog(project: Project) -> str:
    """What Meltano lets the tap read."""
    return project.succeed("invoke", "--dump=catalog", PIPELINE[0])


@pytest.fixture(scope="session")
def tap_output(catalog: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the tap writes for that catalog when nothing is between it and us."""
    folder = tmp_path_factory.mktemp("tap")
    config = {"environment": "demo", "record_modules": ["Leads", "Contacts", "Deals"]}
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    (folder / "catalog.json").write_text(catalog, "utf-8")
    options = ["--config", "config.json", "--catalog", "catalog.json"]
    done = run([sys.executable, "-c", RUN_TAP, *options], folder=folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def messages(tap_output: str) -> list[Message]:
    # Not splitlines(), which also splits at line separators inside texts.
    return [json.loads(line) for line in tap_output.split("\n") if line]


@pytest.fixture(scope="session")
def first_load(project: Project) -> Load:
    project.succeed("run", *PIPELINE)
    return _kept(project, "first")


@pytest.fixture(scope="session")
def second_load(project: Project, first_load: Load) -> Load:
    """The second run finds a row changed, a row missing, and one that Zoho doesn't have.

    It brings its rows in files.
    """
    assert first_load.warehouse.exists()
    with duckdb.connect(str(project.warehouse)) as database:
        database.execute("UPDATE modules SET plural_label = 'x' WHERE api_name = 'Leads'")
        database.execute("DELETE FROM modules WHERE api_name = 'Contacts'")
        database.execute(
            "INSERT INTO modules BY NAME"
            " SELECT '1' AS id, 'Gone' AS api_name, 1 AS _sdc_table_version"
        )
    batches = project.folder / "output" / "batches"
    config = {"encoding": {"format": "arrow"}, "storage": {"root": batches.as_uri()}}
    project.succeed(
        "run", *PIPELINE, variables={"TAP_ZOHOCRM_MODULES_BATCH_CONFIG": json.dumps(config)}
    )
    assert [*batches.iterdir()] == []
    return _kept(project, "second")


def _kept(project: Project, name: str) -> Load:
    copy = project.folder / f"{name}.duckdb"
    shutil.copy(project.warehouse, copy)
    state = project.succeed("state", "get", f"demo:{'-to-'.join(PIPELINE)}")
    return Load(copy, json.loads(state)["singer_state"])
