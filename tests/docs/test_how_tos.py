"""Each procedure of docs/how-to ends with the table that Zoho has, whatever it held before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest
from support.demo import sample_demo
from support.records import truth

from docs import how_tos
from docs.how_tos import MODULE, PAGES, User
from zohocrm_demo import DemoOrganisation

PROCEDURES: Mapping[str, tuple[tuple[str, Callable[[User], None]], ...]] = {
    "backfill.md": (
        ("nothing: the first run reads all records", how_tos.everything),
        ("Empty the table first", how_tos.full_refresh_emptied),
        ("set `emit_activate_version_messages`", how_tos.full_refresh_versions),
        ("`refresh_days: 7` and `refresh_modules:", how_tos.refresh_days),
        ("`delete_sweep_days: 30`", how_tos.sweep),
        ("the next run continues it", how_tos.budget),
    ),
    "changed-types.md": (("Rename the old column", how_tos.changed_type),),
    "choose-streams.md": (("continues from its last STATE", how_tos.killed),),
    "cost.md": (("it stops cleanly with STATE", how_tos.budget),),
    "new-fields.md": (("until discovery runs again", how_tos.new_field),),
    "plain-catalog.md": (("select_streams.py", how_tos.plain_catalog),),
    "resync.md": (
        ("## The whole module", how_tos.resync_module),
        ("## Some days", how_tos.resync_days),
        ("## Only what differs", how_tos.repair),
    ),
    "verify.md": (("## Repair", how_tos.repair),),
}
"""By page, words that name a procedure, and its steps."""

OTHERS = {
    "alerts.md": "says who hears of failures",
    "audit-log.md": "tests/audit_log plays it",
    "batch-files.md": "tests/contract/batches plays it",
    "bigquery.md": "tests/destinations plays it",
    "children.md": "tests/children plays it",
    "data-contract.md": "tests/destinations plays it",
    "docker-and-proxies.md": "says how the tap is started",
    "freshness.md": "queries a table",
    "long-names.md": "tests/destinations plays it",
    "personal-data.md": "tests/contract/privacy plays it",
    "probe.md": "asks the account, and reads no table",
    "python.md": "tests/pipelines/test_python_recipes.py plays it",
    "sandbox.md": "says which settings differ",
    "schedules.md": "tests/airflow plays it",
    "scopes-for-records.md": "says which scopes there are",
    "snowflake.md": "tests/destinations plays it",
    "windows.md": "says how the tap is installed",
}
"""Pages whose steps leave no table of records, or are played elsewhere."""

CASES = [(page, words, steps) for page, some in PROCEDURES.items() for words, steps in some]


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with sample_demo() as organisation:
        organisation.organisation.records.resize(MODULE, 500)
        yield organisation


def test_every_page_is_played_or_known_to_have_no_table() -> None:
    assert {page.name for page in PAGES.glob("*.md")} == PROCEDURES.keys() | OTHERS.keys()
    assert PROCEDURES.keys().isdisjoint(OTHERS)
    for page, words, _ in CASES:
        assert words in " ".join((PAGES / page).read_text("utf-8").split()), (page, words)


@pytest.mark.parametrize(
    "is_filled",
    [
        pytest.param(True, marks=pytest.mark.thorough, id="filled"),
        pytest.param(False, marks=pytest.mark.nightly, id="empty"),
    ],
)
@pytest.mark.parametrize(
    "steps",
    [steps for _, _, steps in CASES],
    ids=[f"{page[:-3]}-{s.__name__}" for page, _, s in CASES],
)
def test_a_procedure_ends_with_the_table_that_zoho_has(
    demo: DemoOrganisation, steps: Callable[[User], None], *, is_filled: bool
) -> None:
    user, store = User(demo), demo.organisation.records
    if is_filled:
        user.load()
        keys = sorted(user.table)
        store.update(MODULE, keys[-1], {"Subject": "edited"})
        store.delete(MODULE, keys[-2])
        store.delete(MODULE, keys[-3], permanent=True)
        store.insert(MODULE, {"Subject": "made"})
    steps(user)
    columns = [
        name for name in ("Subject", "Depth", "Modified_Time") if name in store.fields(MODULE)
    ]
    wanted = truth(demo, MODULE, columns)
    assert {key: {n: row.get(n) for n in columns} for key, row in user.table.items()} == wanted
    # The schedule goes on from there, and has nothing to mend.
    user.load()
    assert {key: {n: row.get(n) for n in columns} for key, row in user.table.items()} == wanted
