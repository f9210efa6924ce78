"""One access token for all processes: safe, whole or not at all, and replaced by one of them."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from support.client import at_once, client_for
from support.demo import TOKEN, calls_of, config_for, read, small_demo
from support.machine import full_disk
from support.run import run_tap

from tap_zohocrm_modules.zoho.transport.connection import Credentials
from tap_zohocrm_modules.zoho.transport.machine import Machine
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from tap_zohocrm_modules.zoho.transport.token_cache import TokenCache
from tap_zohocrm_modules.zoho.transport.token_endpoint import Token
from zohocrm_demo import DemoOrganisation

CREDENTIALS = Credentials("https://accounts.zoho.eu", "1000.ID", "s3cr3t", "1000.REFRESH")
ISSUED = Token("1000.a.b", "https://www.zohoapis.eu", frozenset({"a.READ"}), 3300)
NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)

unix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")


def cache_at(folder: Path, later: float = 0, credentials: Credentials = CREDENTIALS) -> TokenCache:
    return TokenCache(folder, credentials, Machine(lambda: NOW + timedelta(seconds=later)))


def entry(folder: Path) -> Path:
    (found,) = folder.glob("*.json")
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_a_token_is_found_by_the_next_process(folder: Path) -> None:
    cache_at(folder).write(ISSUED)
    found = cache_at(folder, later=300).read()
    assert found == Token(ISSUED.value, ISSUED.api_domain, ISSUED.scopes, 3000)


@unix
def test_only_the_user_can_read_it(folder: Path) -> None:
    with cache_at(folder).locked(1):
        cache_at(folder).write(ISSUED)
    modes = {path.name.rpartition(".")[2]: path.stat().st_mode for path in folder.iterdir()}
    assert {kind: stat.S_IMODE(mode) for kind, mode in modes.items()} == {
        "json": 0o600,
        "lock": 0o600,
    }
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_no_secret_but_the_access_token_is_in_it(folder: Path) -> None:
    cache_at(folder).write(ISSUED)
    text = entry(folder).read_text()
    assert ISSUED.value in text
    names = entry(folder).name
    assert not [part for part in ("1000.ID", "s3cr3t", "REFRESH") if part in text + names]


@pytest.mark.parametrize(
    "other",
    [
        Credentials("https://accounts.zoho.com", "1000.ID", "s3cr3t", "1000.REFRESH"),
        Credentials("https://accounts.zoho.eu", "1000.OTHER", "s3cr3t", "1000.REFRESH"),
        Credentials("https://accounts.zoho.eu", "1000.ID", "s3cr3t", "1000.ANOTHER"),
    ],
)
def test_each_client_organisation_and_host_has_its_own(folder: Path, other: Credentials) -> None:
    cache_at(folder).write(ISSUED)
    assert cache_at(folder, credentials=other).read() is None


@pytest.mark.parametrize("later", [3300, 86_400, -120, -86_400])
def test_a_token_that_is_old_or_of_the_future_is_none(folder: Path, later: float) -> None:
    cache_at(folder).write(ISSUED)
    assert cache_at(folder, later=later).read() is None


def set_in_entry(**change: Any) -> Callable[[Path], object]:
    def damage(path: Path) -> None:
        path.write_text(json.dumps({**json.loads(path.read_text()), **change}))

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:30]),
        lambda path: path.write_bytes(b"\xff\x00"),
        lambda path: path.write_text("[]"),
        set_in_entry(version=2),
        set_in_entry(access_token=""),
        set_in_entry(access_token="a\r\nX: b"),
        set_in_entry(access_token=5),
        set_in_entry(renew_at=1e300),
        set_in_entry(more=1),
    ],
)
def test_a_damaged_entry_is_none_and_is_written_anew(
    folder: Path, damage: Callable[[Path], object]
) -> None:
    cache_at(folder).write(ISSUED)
    damage(entry(folder))
    assert cache_at(folder).read() is None
    cache_at(folder).write(ISSUED)
    assert cache_at(folder).read() == ISSUED


@unix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_could_read_or_write_is_refused(
    folder: Path, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    cache_at(folder).write(ISSUED)
    entry(folder).chmod(mode)
    assert cache_at(folder).read() is None
    (line,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "chmod 600" in line


@unix
@pytest.mark.parametrize("mode", [0o750, 0o707, 0o777])
def test_a_folder_that_others_could_read_or_write_is_refused(
    folder: Path, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    folder.mkdir()
    folder.chmod(mode)
    cache_at(folder).write(ISSUED)
    assert list(folder.iterdir()) == []
    assert "chmod 700" in caplog.text


@unix
def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    cache_at(folder).write(ISSUED)
    moved = entry(folder).rename(tmp_path / "moved.json")
    (folder / moved.name).symlink_to(moved)
    name = cache_at(folder)._file.path
    name.symlink_to(moved)
    assert cache_at(folder).read() is None


def test_a_full_disk_leaves_the_old_entry_and_no_scrap(folder: Path) -> None:
    cache_at(folder).write(ISSUED)
    with full_disk():
        cache_at(folder).write(Token("1000.new", None, frozenset(), 3300))
    assert cache_at(folder).read() == ISSUED
    assert [path.suffix for path in folder.iterdir()] == [".json"]


def test_a_place_that_cannot_be_made_is_a_debug_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    cache = cache_at(file / "cache")
    with caplog.at_level("DEBUG"), cache.locked(1):
        cache.write(ISSUED)
    assert cache.read() is None
    levels = {record.levelname for record in caplog.records if "token cache" in record.message}
    assert levels == {"DEBUG"}


def test_a_cache_that_cannot_be_read_or_written_costs_each_run_a_token(
    demo: DemoOrganisation, folder: Path
) -> None:
    assert read(demo, token_cache_dir=str(folder)).code == 0
    place = entry(folder)
    place.unlink()
    # Whoever runs the test, nobody reads a folder as a file or replaces it by one.
    place.mkdir(mode=0o700)
    for _ in range(2):
        run = read(demo, token_cache_dir=str(folder))
        assert run.code == 0
        assert not [line for line in run.logged("WARNING") if "cache" in line]
    assert calls_of(demo, TOKEN) == 3
    assert {path.suffix for path in folder.iterdir()} == {".json", ".lock"}


def test_a_run_on_a_full_disk_works_with_a_token_of_its_own(
    demo: DemoOrganisation, folder: Path
) -> None:
    with full_disk():
        for _ in range(2):
            assert read(demo, token_cache_dir=str(folder)).code == 0
    assert calls_of(demo, TOKEN) == 2


def test_another_organisation_of_the_same_client_does_not_take_the_cached_token(
    demo: DemoOrganisation, folder: Path
) -> None:
    assert read(demo, token_cache_dir=str(folder)).code == 0
    other = f"{demo.refresh_token[:-4]}0000"
    run = read(demo, token_cache_dir=str(folder), refresh_token=other)
    assert "invalid_code" in run.error
    assert calls_of(demo, TOKEN) == 2


def test_two_runs_take_one_token(demo: DemoOrganisation, folder: Path) -> None:
    for _ in range(2):
        assert read(demo, token_cache_dir=str(folder)).code == 0
    assert calls_of(demo, TOKEN) == 1


def test_without_the_cache_each_run_takes_its_own(demo: DemoOrganisation, folder: Path) -> None:
    for _ in range(2):
        assert read(demo, token_cache_dir=str(folder), token_cache=False).code == 0
    assert calls_of(demo, TOKEN) == 2
    assert not folder.exists()


def test_a_revoked_token_in_the_cache_is_replaced_once(
    demo: DemoOrganisation, folder: Path
) -> None:
    assert read(demo, token_cache_dir=str(folder)).code == 0
    demo.expire_tokens()
    for _ in range(2):
        assert read(demo, token_cache_dir=str(folder)).code == 0
    assert calls_of(demo, TOKEN) == 2


def test_clients_at_once_replace_a_revoked_token_once(demo: DemoOrganisation, folder: Path) -> None:
    def one() -> str:
        with client_for(demo, token_cache=folder) as client:
            return client.auth.token().value

    assert len(set(at_once(8, one))) == 1
    assert calls_of(demo, TOKEN) == 1


@pytest.mark.thorough
def test_the_users_own_cache_is_used_unless_settings_say_otherwise(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    env = {"XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    config = {**config_for(demo), "token_cache_dir": None}
    assert run_tap(config=config, env=env).code == 0
    assert len([*tmp_path.rglob("*.json")]) == 1


def test_the_sample_organisation_leaves_the_cache_alone(tmp_path: Path) -> None:
    config = {"environment": "demo", "token_cache_dir": str(tmp_path / "cache")}
    assert run_tap("--test", config=config).code == 0
    assert not (tmp_path / "cache").exists()


def test_zohos_limit_of_tokens_is_waited_out_with_a_line_that_says_how_long() -> None:
    with small_demo(mints_per_window=1, mint_window=2.0) as demo, pytest.MonkeyPatch.context() as p:
        p.setattr("tap_zohocrm_modules.zoho.transport.token_endpoint.DENIED_WAIT", 2.1)
        policy = RetryPolicy(max_tries=4, max_time=5, first_wait=0.01, longest_wait=0.01)
        assert read(demo, token_cache=False).code == 0
        run = read(demo, token_cache=False, policy=policy)
        assert run.code == 0
        (line,) = [text for text in run.logged("WARNING") if "Access Denied" in text]
        assert "Trying again in 2.1 s" in line


def test_the_lock_of_a_process_that_takes_too_long_is_not_waited_for(folder: Path) -> None:
    with cache_at(folder).locked(1):
        child = os.fork() if hasattr(os, "fork") else None
        if child == 0:  # pragma: no cover - another process
            with cache_at(folder).locked(0.2):
                os._exit(7)
        if child is not None:
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
