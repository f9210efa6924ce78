"""The examples of `docs/demo.md`, run as they are there."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

from .test_demo_zoho_sdk import python

__all__ = ["python"]

PAGE = (Path(__file__).parents[2] / "docs" / "demo.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE))


def examples(section: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", SECTIONS[section], re.DOTALL)


def run(demo: DemoOrganisation, *command: str) -> str:
    variables = {
        "ACCOUNTS_URL": demo.accounts_url,
        "API_URL": demo.api_url,
        "CONTROL_URL": f"{demo.control_url}/control",
        "CLIENT_ID": demo.client_id,
        "CLIENT_SECRET": demo.client_secret,
        "REFRESH_TOKEN": demo.refresh_token,
    }
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **variables},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def documents(text: str) -> Iterator[dict[str, object]]:
    decoder = json.JSONDecoder()
    while text:
        document, end = decoder.raw_decode(text)
        yield document
        text = text[end:].lstrip()


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample) as running:
        yield running


def test_curl_reads_queries_and_writes(demo: DemoOrganisation) -> None:
    example, writes = examples("curl", "bash")
    found = documents(run(demo, "bash", "-ec", f"{example}\n{writes}"))
    listed, queried, inserted, searched = found
    for answer in (listed, queried):
        assert isinstance(answer["data"], list)
        assert len(answer["data"]) == 2
    hits: Any = searched["data"]
    made: Any = inserted["data"]
    assert hits[0]["id"] == made[0]["details"]["id"]


def test_curl_controls_the_organisation(demo: DemoOrganisation) -> None:
    (example,) = examples("Control it while it runs", "bash")
    assert all("result" in answer for answer in documents(run(demo, "bash", "-ec", example)))
    assert demo.life.changes == 10


def test_the_example_of_a_test_runs() -> None:
    block, plugin = examples("Your tests", "python")
    exec(block, {})
    names: dict[str, list[str]] = {}
    exec(plugin, names)
    assert [__import__(name) for name in names["pytest_plugins"]]


def test_the_page_lists_every_action(demo: DemoOrganisation) -> None:
    listed = set(re.findall(r"`([a-z]+\.[a-z_]+|reset)`", SECTIONS["Control it while it runs"]))
    assert listed == set(demo.actions)


@pytest.mark.heavy
@pytest.mark.timeout(600)
def test_zohos_python_sdk_lists_modules(demo: DemoOrganisation, python: Path) -> None:
    (example,) = examples("Zoho's Python SDK", "python")
    printed = run(demo, str(python), "-c", example).splitlines()
    assert {"Leads", "Contacts"} <= set(printed)
