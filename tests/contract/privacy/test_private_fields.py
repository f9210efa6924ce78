"""Fields that Zoho marks as private: kept, hashed or left out, wherever their values could show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from atlas import messages as atlas
from support import batches
from support.arrow_read import plain, read_table
from support.cases import sample
from support.demo import config_for
from support.private_fields import HASH, MARKED, OMIT, assert_no_trace, discovered, hashed, run_of
from support.run import run_tap

from zohocrm_demo import DemoOrganisation

CHILDREN = ["Contacts.Emails", "Contacts.Timeline", "Leads.Timeline"]


@pytest.mark.thorough
@pytest.mark.parametrize("way", [HASH, OMIT], ids=["hash", "omit"])
@pytest.mark.parametrize("path", sample(["rest", "coql", "bulk"], "coql"))
def test_no_byte_of_a_private_value_leaves_the_tap(
    demo: DemoOrganisation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    way: dict[str, Any],
    path: str,
) -> None:
    folder, temporary = tmp_path / "files", tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    settings = {**way, "read_path": path}
    streams = ["Leads", "Contacts", "deleted_records", "fields", "modules"]
    catalog = discovered(demo, *streams, **way)
    run = run_of(demo, catalog=catalog, **settings)
    assert run.code == 0, run.logged("ERROR")
    assert len(run.rows_of("Contacts")) >= 119
    assert_no_trace(run.stdout, run.stderr)
    files = {"encoding": {"format": "arrow"}, "storage": {"root": folder.as_uri()}}
    batch = run_of(demo, catalog=catalog, batch_config=files, **settings)
    assert batch.code == 0
    assert_no_trace(batch.stdout, batch.stderr, *(p.read_bytes() for p in folder.iterdir()))
    verify = run_of(demo, "--verify", str(folder), catalog=catalog, **settings)
    assert verify.code == 0, verify.stdout
    assert_no_trace(verify.stdout, verify.stderr)
    target = tmp_path / "atlas"
    atlas.run(target, [line for line in run.stdout.decode().split("\n") if line])
    assert_no_trace(*atlas.files(target).values())
    assert_no_trace(*(p.read_bytes() for p in temporary.rglob("*") if p.is_file()))


@pytest.mark.thorough
@pytest.mark.parametrize("way", [HASH, OMIT], ids=["hash", "omit"])
def test_children_repeat_no_private_value(demo: DemoOrganisation, way: dict[str, Any]) -> None:
    names = [entry.replace(".", "_") for entry in CHILDREN]
    catalog = discovered(demo, *names, child_lists=CHILDREN, **way)
    run = run_of(demo, catalog=catalog, child_lists=CHILDREN, **way)
    assert run.code == 0, run.logged("ERROR")
    counts = {name: len(run.rows_of(name)) for name in names}
    assert min(counts.values()) > 10, counts
    assert_no_trace(run.stdout, run.stderr)
    mails = [row for row in run.rows_of("Contacts_Emails") if row["to"]]
    emails = {row["to"][0]["email"] for row in mails}
    assert emails == ({None} if way is OMIT else emails - {None})


@pytest.mark.thorough
def test_a_probe_shows_no_private_value(demo: DemoOrganisation) -> None:
    run = run_tap("--probe", "json", config=config_for(demo, **HASH), env={"LOGLEVEL": "DEBUG"})
    assert json.loads(run.stdout)
    assert_no_trace(run.stdout, run.stderr)


@pytest.mark.thorough
@pytest.mark.parametrize("path", sample(["rest", "coql", "bulk"], "rest"))
def test_a_hash_is_of_the_value_as_it_would_be_emitted(demo: DemoOrganisation, path: str) -> None:
    for module, marked in MARKED.items():
        # It repeats the last name, and is not marked in both modules.
        private = {*marked, "Full_Name"}
        catalog = discovered(demo, module)
        kept = run_of(demo, catalog=catalog, read_path=path).rows_of(module)
        catalog = discovered(demo, module, **HASH)
        columns = catalog["streams"][0]["schema"]["properties"]
        found = run_of(demo, catalog=catalog, read_path=path, **HASH).rows_of(module)
        rows = {row["id"]: row for row in found}
        assert rows.keys() == {row["id"] for row in kept}
        assert len(rows) >= 119
        for row in kept:
            for name, value in row.items():
                if name in private:
                    assert columns[name]["type"] == ["string", "null"]
                    assert "format" not in columns[name]
                    wanted = None if value is None else hashed(value)
                    assert rows[row["id"]][name] == wanted, name
                else:
                    assert rows[row["id"]][name] == value, name


@pytest.mark.parametrize("path", sample(["rest", "coql", "bulk", "auto"], "bulk"))
def test_files_and_readers_have_the_values_of_messages(
    demo: DemoOrganisation, tmp_path: Path, path: str
) -> None:
    catalog = discovered(demo, "Contacts", **HASH, emit_tombstones=False)
    files = {"encoding": {"format": "arrow"}, "storage": {"root": tmp_path.as_uri()}}
    more = {**HASH, "read_path": path, "emit_tombstones": False}
    batch = run_of(demo, catalog=catalog, batch_config=files, **more)
    found = [file for message in batch.of_type("BATCH") for file in batches.files(message)]
    table = batches.read(found[0], "arrow")
    assert plain(read_table(demo, "Contacts", **HASH, read_path=path)) == plain(table)
    records = run_of(demo, catalog=catalog, **more).rows_of("Contacts")
    emails = dict(zip(table["id"].to_pylist(), table["Email"].to_pylist(), strict=True))
    assert emails == {row["id"]: row["Email"] for row in records}


def test_equal_values_are_equal_hashes_in_every_module(demo: DemoOrganisation) -> None:
    catalog = discovered(demo, "Leads", "Contacts", **HASH)
    run = run_of(demo, catalog=catalog, **HASH)
    of_leads = {row["Email"] for row in run.rows_of("Leads")} - {None}
    assert of_leads == {row["Email"] for row in run.rows_of("Contacts")} - {None}
    assert of_leads == {hashed(MARKED["Leads"]["Email"])}


def test_what_is_left_out_is_in_no_catalog_and_is_not_asked_for(demo: DemoOrganisation) -> None:
    catalog = discovered(demo, "Contacts", **OMIT)
    [entry] = catalog["streams"]
    private = {*MARKED["Contacts"]}
    assert private.isdisjoint(entry["schema"]["properties"])
    assert "Email, since Zoho marks it as private" in entry["schema"]["description"]
    before = len(demo.calls)
    run = run_of(demo, catalog=catalog, read_path="rest", **OMIT)
    assert run.code == 0
    asked = [call for call in demo.calls[before:] if call.path == "/crm/v8/Contacts"]
    names = {n for call in asked for n in call.params.get("fields", "").split(",")}
    assert names
    assert private.isdisjoint(names)
