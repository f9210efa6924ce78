"""Fields that Zoho marks as private: kept, hashed or left out, wherever their values could show."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from atlas import messages as atlas
from support import batches
from support.arrow_read import plain, read_table
from support.cases import sample
from support.demo import config_for, metadata_catalog, read
from support.run import Run, run_tap

from tap_zohocrm_modules.zoho.records.model import describe
from tap_zohocrm_modules.zoho.records.private import Privacy, handled, protected
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.clock import Clock

NOW = datetime.now(timezone.utc).replace(microsecond=0)
KEY = "long and random"
MARKER = "Zyzzyva7041"
HASH: dict[str, Any] = {"private_fields": "hash", "private_field_key": KEY}
OMIT: dict[str, Any] = {"private_fields": "omit"}
PRIVATE = {"type": "High", "restricted": True, "export": False}
# Besides those of the sample; in each the marker is planted as its type can hold it.
MARKED: dict[str, dict[str, Any]] = {
    "Contacts": {
        "Last_Name": f"Ms {MARKER}",
        "First_Name": f"{MARKER} 日",
        "Full_Name": None,
        "Email": f"{MARKER}@example.com".lower(),
        "Allergies": f"nuts, {MARKER}",
        "Passport_Number": f"X{MARKER}",
        "Phone": f"+{MARKER}",
        "Description": f"{MARKER} " * 60,
        "Date_of_Birth": datetime(1907, 4, 10).date(),  # noqa: DTZ001
    },
    "Leads": {
        "Email": f"{MARKER}@example.com".lower(),
        "Annual_Revenue": Decimal("70417041.75"),
        "No_of_Employees": 70417041,
        "Company": f"{MARKER} & Co",
        "Last_Name": f"{MARKER}",
    },
}
TRACES = (MARKER.lower(), "1907-04-10", "70417041")


def mark(demo: DemoOrganisation, module: str, name: str, value: Any = PRIVATE) -> None:
    field = next(f for f in demo.organisation.fields[module] if f["api_name"] == name)
    field["private"] = value


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoOrganisation]:
    """An organisation in which no time passes, with a marker in every private field."""
    with DemoOrganisation(clock=Clock(NOW), mints_per_window=1_000) as organisation:
        store = organisation.organisation.records
        for module, values in MARKED.items():
            store.resize(module, 120)
            for name in values:
                mark(organisation, module, name)
            for row in store.read(module, "id"):
                own = {name: value for name, value in values.items() if value is not None}
                store.update(module, row["id"], own, at=NOW - timedelta(days=5))
            victim = next(iter(store.read(module, "id")))
            store.delete(module, victim["id"])
        yield organisation


def hashed(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return hmac.new(KEY.encode(), text.encode(), "sha256").hexdigest()


def discovered(demo: DemoOrganisation, *streams: str, **settings: Any) -> dict[str, Any]:
    """A catalog in which these streams are chosen, as discovery makes it."""
    config = config_for(demo, record_modules=[*MARKED], **settings)
    run = run_tap("--discover", config=config)
    assert run.code == 0, run.stderr
    catalog: dict[str, Any] = json.loads(run.stdout)
    catalog["streams"] = [one for one in catalog["streams"] if one["tap_stream_id"] in streams]
    for entry in catalog["streams"]:
        for item in entry["metadata"]:
            if not item["breadcrumb"]:
                item["metadata"]["selected"] = True
    assert {one["tap_stream_id"] for one in catalog["streams"]} == {*streams}
    return catalog


def run_of(
    demo: DemoOrganisation,
    *options: str,
    catalog: dict[str, Any],
    state: dict[str, Any] | None = None,
    **settings: Any,
) -> Run:
    demo.organisation.records.bulk_jobs._downloads.clear()
    return run_tap(
        *options,
        config=config_for(demo, record_modules=[*MARKED], **settings),
        catalog=catalog,
        state=state,
        env={"LOGLEVEL": "DEBUG"},
    )


def there(run: Run, stream: str) -> list[dict[str, Any]]:
    """The rows of a stream that are not tombstones."""
    return [row for row in run.rows_of(stream) if not row.get("_sdc_deleted_at")]


def assert_no_trace(*texts: bytes | str) -> None:
    for text in texts:
        shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        for trace in TRACES:
            at = shown.lower().find(trace)
            assert at < 0, shown[max(0, at - 200) : at + 60]


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
    for module, private in MARKED.items():
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


@pytest.mark.thorough
def test_fields_say_which_were_handled(demo: DemoOrganisation) -> None:
    for way in (HASH, OMIT, {}):
        run = read(demo, catalog=metadata_catalog(fields={}), **way)
        rows = {
            (row["module_api_name"], row["api_name"]): row["private_handling"]
            for row in run.rows_of("fields")
        }
        assert rows["Contacts", "Email"] == way.get("private_fields")
        assert rows["Contacts", "Department"] is None


def test_the_key_is_needed_and_shown_nowhere(demo: DemoOrganisation) -> None:
    run = run_tap("--discover", config=config_for(demo, private_fields="hash"))
    assert run.code == 1
    assert "private_fields is hash, which needs private_field_key" in run.stderr
    catalog = discovered(demo, "Leads", **HASH)
    run = run_of(demo, catalog=catalog, **HASH)
    assert KEY not in run.stdout.decode() + run.stderr


@pytest.mark.thorough
def test_a_field_that_is_marked_later_is_hashed_from_then_on_and_named(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    mark(demo, "Contacts", "Department", None)
    for row in store.read("Contacts", "id"):
        store.update("Contacts", row["id"], {"Department": MARKER}, at=NOW - timedelta(days=3))
    try:
        first = run_of(demo, catalog=discovered(demo, "Contacts", **HASH), **HASH)
        assert {row["Department"] for row in there(first, "Contacts")} == {MARKER}
        mark(demo, "Contacts", "Department")
        catalog = discovered(demo, "Contacts", **HASH)
        second = run_of(demo, catalog=catalog, state=first.state, **HASH)
        assert second.code == 0, second.logged("ERROR")
        assert any(
            "private, which earlier runs emitted: Department" in t for t in second.logged("WARNING")
        )
        # What was loaded before is overwritten.
        assert {row["Department"] for row in there(second, "Contacts")} == {hashed(MARKER)}
        assert len(there(second, "Contacts")) == 119
        assert_no_trace(second.stdout, second.stderr)
        # An older catalog, in which the column is a text, makes no difference.
        mark(demo, "Contacts", "Department", None)
        third = run_of(demo, catalog=catalog, state=second.state, **HASH)
        assert any("private no more: Department" in text for text in third.logged("WARNING"))
        store.update("Contacts", there(second, "Contacts")[0]["id"], {"Department": f"{MARKER}!"})
        fourth = run_of(demo, catalog=catalog, state=third.state, lookback=0, cutoff_lag=0, **HASH)
        assert_no_trace(third.stdout, fourth.stdout)
        # Until the user says so.
        state = fourth.state
        assert state["bookmarks"]["Contacts"]["private"].pop("Department")
        fifth = run_of(demo, catalog=catalog, state=state, **HASH)
        assert {row["Department"] for row in fifth.rows_of("Contacts")} >= {MARKER}
    finally:
        for row in store.read("Contacts", "id"):
            store.update("Contacts", row["id"], {"Department": "Sales"}, at=NOW)


@pytest.mark.thorough
def test_a_column_of_an_older_catalog_is_not_filled_with_hashes_of_another_type(
    demo: DemoOrganisation,
) -> None:
    older = discovered(demo, "Leads")
    run = run_of(demo, catalog=older, **HASH)
    assert run.code == 1
    assert "Annual_Revenue (number, now string)" in run.stderr
    assert_no_trace(run.stdout)
    run = run_of(demo, catalog=older, **OMIT)
    assert run.code == 0
    assert "left out, since Zoho marks their fields as private" in run.stderr
    assert_no_trace(run.stdout)


FIELD = {"id": "1", "api_name": "Notes__c", "data_type": "text", "json_type": "string"}


@pytest.mark.parametrize(
    ("mark", "is_private"),
    [
        ({"private": PRIVATE}, True),
        ({"hipaa_compliance": {"restricted": False, "restricted_in_export": False}}, True),
        ({"crypt": {"mode": "decryption", "status": 1}}, True),
        ({"private": None, "hipaa_compliance": None, "crypt": None}, False),
        ({"private": {}, "hipaa_compliance_enabled": True}, False),
    ],
)
def test_the_marks_are_zohos(mark: dict[str, Any], is_private: bool) -> None:
    module = describe({"api_name": "Cases"}, [{**FIELD, **mark}])
    assert [*handled(module)] == (["Notes__c"] if is_private else [])


@pytest.mark.parametrize("key", ["k", "k" * 64, "k" * 65, "ключ" * 40])
def test_hashes_are_hmac_of_any_key(key: str) -> None:
    made = Privacy.hashing(key)
    for value in ("", "a@example.com", "日本" * 99):
        assert made.of(value) == hmac.new(key.encode(), value.encode(), "sha256").hexdigest()


def test_a_value_of_another_type_is_hashed_too() -> None:
    module = describe(
        {"api_name": "Cases"}, [{**FIELD, "private": PRIVATE, "data_type": "integer"}]
    )
    privacy = Privacy.hashing(KEY)
    [_, made] = protected(module, privacy, handled(module)).fields
    convert: Callable[[Any], Any] = made.type.json_converter
    assert convert("no number") == hashed("no number")
    assert (
        convert({"odd": ["é"]})
        == hmac.new(KEY.encode(), '{"odd":["é"]}'.encode(), "sha256").hexdigest()
    )
    assert made.type.cell_converter(frozenset)("12") == hashed(12)
