"""docs/ says what there is: commands that are run, versions, types, error codes, data centres."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pipelines.conftest import ROOT
from support.demo import chosen, read
from support.run import run_tap

from destinations import plugins, test_bigquery, test_snowflake
from destinations.stores import DuckDBStore, PipelinewiseStore, PostgresStore, Store
from tap_zohocrm_modules.config.choices import DATA_CENTERS
from tap_zohocrm_modules.zoho.transport.errors import RULES
from tap_zohocrm_modules.zoho.transport.token_endpoint import REMEDIES
from zohocrm_demo import DemoOrganisation

DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
COMMAND = re.compile(
    r"^ *(?:<!-- (?P<mark>[^>]+?) -->\n *)?```sh\n(?P<text>.+?)\n *```$", re.MULTILINE | re.DOTALL
)
# Pages whose commands are run as they stand, and by whom.
PLAYED_WHOLE = {
    "meltano.md": "tests/airflow/test_example_project.py",
    "batch-files.md": "tests/contract/batches/test_files_left_behind.py",
}
# By whom each other command marked as tested is run.
RUN_BY = {
    "airflow dags test zoho_crm_metadata": "tests/airflow/test_zoho_crm_dag.py",
    "python scripts/write_hub_definition.py --repository"
    " https://github.com/example/tap-zohocrm-modules": "tests/destinations/test_hub_definition.py",
    "uv run pytest -m heavy tests/destinations tests/airflow": ".ci/run",
}


def text_of(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_each_command_is_run_by_a_test_or_says_that_it_is_not(page: Path) -> None:
    found = list(COMMAND.finditer(page.read_text("utf-8")))
    assert len(found) == page.read_text("utf-8").count("```sh")
    for command in found:
        mark = command["mark"] or ""
        assert re.fullmatch(r"tested|not tested: .+", mark), command["text"]
        if mark == "tested" and page.name not in PLAYED_WHOLE:
            assert (ROOT / RUN_BY[command["text"].strip()]).exists()


def test_pages_are_played_by_tests_that_name_them() -> None:
    for page, test in PLAYED_WHOLE.items():
        assert page in (ROOT / test).read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    "pinned",
    [
        plugins.TARGET_POSTGRES,
        plugins.PIPELINEWISE_TARGET_POSTGRES,
        plugins.TARGET_JSONL,
        plugins.TARGET_SNOWFLAKE,
        plugins.FAKESNOW,
        plugins.TARGET_BIGQUERY,
    ],
)
def test_the_versions_are_those_that_are_run(pinned: str) -> None:
    assert f"`{pinned}`" in text_of("destinations.md")


def test_airflow_and_meltano_have_the_versions_that_are_run() -> None:
    assert f"Airflow {plugins.AIRFLOW.partition('==')[2]}." in " ".join(
        text_of("airflow.md").replace("\n", " ").split()
    )
    assert f"Meltano {plugins.MELTANO.partition('==')[2]}." in text_of("meltano.md")


def test_the_types_are_those_that_the_tests_find() -> None:
    rows = {
        row[0].partition(",")[0]: row[1:]
        for row in map(cells, text_of("destinations.md").splitlines())
        if len(row) == 6
    }
    kinds = test_bigquery.TYPES.keys() | {"object"}
    assert kinds <= rows.keys()
    for kind in kinds:
        stores: tuple[type[Store], ...] = (PostgresStore, PipelinewiseStore, DuckDBStore)
        for cell, store in zip(rows[kind], stores, strict=False):
            landed = store.types.get(kind) or store.types[kind.partition(" ")[0]]
            name = f"{landed[1:]}[]" if landed.startswith("_") else landed
            assert cell == f"`{name}`", kind
        assert rows[kind][3] == f"`{test_snowflake.TYPES[kind.partition(' ')[0]]}`"
        bigquery, mode = test_bigquery.TYPES.get(kind, ("RECORD", "NULLABLE"))
        assert rows[kind][4].startswith(f"`{bigquery}`")
        assert ("repeated" in rows[kind][4]) == (mode == "REPEATED")


def test_every_code_of_zohos_has_the_remedy_that_the_tap_names() -> None:
    rows = [cells(line) for line in text_of("troubleshooting.md").splitlines()]
    documented = {
        code: row[2] for row in rows if len(row) == 3 for code in re.findall(r"`([A-Z_]+)`", row[0])
    }
    expected = {
        code: rule.remedy.replace("{scope}", "the scope that the message names")
        for code, rule in RULES.items()
    }
    assert documented == expected


def test_every_code_of_the_accounts_server_has_the_remedy_that_the_tap_names() -> None:
    _, _, rest = text_of("troubleshooting.md").partition("no access token can be had")
    rows = [cells(line) for line in rest.partition("Messages without")[0].splitlines()]
    documented = {
        code: row[1] for row in rows if len(row) == 2 for code in re.findall(r"`(\w+)`", row[0])
    }
    assert documented == REMEDIES


def test_every_message_without_a_code_is_said(demo: DemoOrganisation) -> None:
    children = chosen("Deals_Contact_Roles")
    children["streams"][0]["key_properties"] = ["parent_id", "id"]
    runs = [
        run_tap(config={}),
        run_tap(config={"client_idd": "1"}),
        read(demo, credit_budget=1, catalog=chosen("modules", "profiles", "roles")),
        read(demo, catalog=chosen("Gone")),
        read(demo, catalog=children),
    ]
    said = "".join(run.stderr for run in runs)
    _, _, rest = text_of("troubleshooting.md").partition("Messages without a code")
    messages = re.findall(r"^\| `(.+?)` \|", rest.partition("In Meltano")[0], re.MULTILINE)
    assert len(messages) >= 4
    for message in messages:
        assert re.search(re.escape(message).replace(r"\.\.\.", ".+"), said), message


def test_the_data_centres_hosts_are_the_taps() -> None:
    rows = {
        row[0].strip("`"): row
        for row in map(cells, text_of("set-up.md").splitlines())
        if len(row) == 5
    }
    for name, center in DATA_CENTERS.items():
        _, _, console, accounts, api = rows[name]
        known = f"`{center.accounts_url}`" if center.accounts_url else "set `accounts_url`"
        assert accounts == known
        assert api == (f"`{center.api_url}`" if center.api_url else "set `api_url`")
        if center.accounts_url:
            assert console == f"`{center.accounts_url.replace('accounts', 'api-console')}`"
