"""Rooms import only what is below them, as house.yaml says."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from architecture.house import HOUSE, ROOMS, SourceFile, files, room_of, unexpected

RECORDS = "tap_zohocrm_modules.zoho.records"
READ_PATHS = {
    source.module.removesuffix(".path")
    for source in files("tap_zohocrm_modules/zoho/records")
    if source.module.endswith(".path")
}


def wrong_arrows(sources: Iterable[SourceFile]) -> dict[str, str]:
    """Return the imports that the rooms do not allow, by file. The sample organisation apart."""
    found: dict[str, list[str]] = {}
    for source in sources:
        for imported in source.imports:
            room, below = source.room, room_of(imported.module)
            if below in {None, room} or room is None:
                continue
            if below == "zohocrm_demo" and source.path == HOUSE["demo_is_imported_in"]:
                continue
            if below in READ_PATHS and source.path == HOUSE["read_paths_are_imported_in"]:
                continue
            if below not in ROOMS[room]:
                found.setdefault(source.path, []).append(f"{imported.module} ({imported.line})")
    return {path: f"imports {', '.join(imports)}" for path, imports in found.items()}


def test_every_import_follows_an_arrow() -> None:
    assert unexpected(wrong_arrows(files()), "imports") == []


def test_each_read_path_is_a_room_of_its_own() -> None:
    assert len(READ_PATHS) > 1
    assert ROOMS.keys() >= READ_PATHS


def test_every_file_has_a_room() -> None:
    assert [source.path for source in files() if source.room is None] == []


@pytest.mark.parametrize(
    ("path", "statement"),
    [
        ("tap_zohocrm_modules/zoho/transport/http.py", "import tap_zohocrm_modules.zoho.records"),
        ("tap_zohocrm_modules/zoho/records/model.py", "from ..metadata import endpoint"),
        ("tap_zohocrm_modules/zoho/records/model.py", "from tap_zohocrm_modules import config"),
        ("tap_zohocrm_modules/zoho/records/engine.py", "def read():\n    import singer_sdk"),
        ("tap_zohocrm_modules/zoho/records/engine.py", f"from {RECORDS}.rest import path"),
        ("tap_zohocrm_modules/zoho/records/rest/path.py", f"from {RECORDS}.coql import path"),
        ("tap_zohocrm_modules/zoho/records/coql/path.py", f"from {RECORDS} import bulk"),
        ("tap_zohocrm_modules/zoho/records/bulk/path.py", f"from {RECORDS}.arrow import values"),
        ("tap_zohocrm_modules/zoho/records/arrow/values.py", f"from {RECORDS}.bulk import path"),
        ("tap_zohocrm_modules/sync/run.py", f"from {RECORDS}.bulk.jobs import BulkJobs"),
        ("tap_zohocrm_modules/sync/run.py", "from tap_zohocrm_modules.streams.base import Any"),
        ("tap_zohocrm_modules/sync/run.py", "from tap_zohocrm_modules import tap"),
        ("tap_zohocrm_modules/streams/base.py", "from tap_zohocrm_modules.tap import Any"),
        ("tap_zohocrm_modules/config/settings.py", "from tap_zohocrm_modules.sync import run"),
        ("tap_zohocrm_modules/tap.py", "import zohocrm_demo"),
        ("zohocrm_demo/server.py", "import tap_zohocrm_modules"),
        ("zohocrm_demo/server.py", "import zohocrm_conformance"),
        ("zohocrm_conformance/trial.py", "import tap_zohocrm_modules"),
        ("zohocrm_conformance/trial.py", "import singer_sdk"),
        ("zohocrm_demo/server.py", "import singer_sdk"),
        ("zohocrm_atlas/target.py", "from tap_zohocrm_modules.zoho.transport import instants"),
    ],
)
def test_a_reversed_arrow_is_found(path: str, statement: str) -> None:
    assert list(wrong_arrows([SourceFile(path, statement)])) == [path]


def test_the_sample_organisation_is_imported_once_and_lazily() -> None:
    places = {
        (source.path, imported.lazy or imported.for_types)
        for source in files()
        for imported in source.imports
        if room_of(imported.module) == "zohocrm_demo" != source.room
        and "zohocrm_demo" not in ROOMS[source.room or ""]
    }
    assert places == {(HOUSE["demo_is_imported_in"], True)}
