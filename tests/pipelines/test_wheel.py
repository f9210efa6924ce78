"""The wheel in an environment of its own, with every Python that is supported and to be had."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from pipelines.conftest import ROOT, clean_environment, uv

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(600)]

PYTHONS = re.findall(r"Python :: (3\.\d+)", (ROOT / "pyproject.toml").read_text("utf-8"))


def uv_run(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [uv(), *words],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def interpreter(version: str) -> str | None:
    """Return a Python of this version: uv's, the system's, or pyenv's."""
    pyenv = Path.home() / ".pyenv" / "versions"
    for python in sorted(pyenv.glob(f"{version}.*/bin/python")):
        return str(python)
    words = [uv(), "python", "find", "--no-python-downloads", version]
    found = subprocess.run(words, capture_output=True, encoding="utf-8", check=False)
    return found.stdout.strip() or None


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    done = uv_run("build", "--wheel", "--out-dir", str(folder), folder=ROOT)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.parametrize("version", PYTHONS)
def test_the_wheel_reads_the_sample_organisation(version: str, wheel: Path, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        # CI installs them all, and may not leave one out.
        assert not os.environ.get("CI"), f"Python {version} is missing"
        pytest.skip(f"there is no Python {version} here")
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"environment": "demo", "token_cache_dir": str(tmp_path)}))
    tool = ("tool", "run", "--isolated", "--python", python, "--from", str(wheel))
    tap = (*tool, "tap-zohocrm-modules", "--config", str(config))

    tested = uv_run(*tap, "--test", folder=tmp_path)
    assert tested.returncode == 0, tested.stderr
    discovered = uv_run(*tap, "--discover", folder=tmp_path)
    assert {"modules", "Leads"} <= {s["stream"] for s in json.loads(discovered.stdout)["streams"]}
    demo = uv_run(*tool, "zohocrm-demo", "--help", folder=tmp_path)
    assert "--port" in demo.stdout
