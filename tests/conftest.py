from __future__ import annotations

import functools
import gc
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from destinations.plugins import install
from destinations.postgres_server import PostgresServer, running_server
from hypothesis import settings
from support.demo import small_demo

from zohocrm_demo import DemoOrganisation

Environment = Callable[..., Path]

# The same examples every time, however busy the machine is.
settings.register_profile("tests", deadline=None, derandomize=True)
settings.load_profile("tests")

# The tests start thousands of processes, and each would compile all that it imports anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


# Each organisation and each run makes many objects that stay, and almost no circles: to look
# through them as often as Python does takes a fifth of the processor's time.
gc.set_threshold(100_000)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what thousands of tests consist of, which stays."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """Return more processes than there are cores: a test often waits for what it has started."""
    return (os.cpu_count() or 1) * 3 // 2 or 1


_LOOPBACK = {"127.0.0.1", "::1", "localhost", None, ""}


@pytest.fixture(autouse=True)
def nobody_else_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test on this machine, whatever hosts it makes the tap call."""
    real = socket.getaddrinfo

    def loopback_only(host: Any, *args: Any, **kwargs: Any) -> Any:
        if host not in _LOOPBACK:
            raise socket.gaierror(f"{host} is not on this machine")
        return real(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", loopback_only)


@pytest.fixture(scope="session", autouse=True)
def _no_token_in_the_users_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep tokens of tests out of the user's cache folder; installers keep their caches there."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("uv", "pip"):
            variable = f"{name.upper()}_CACHE_DIR"
            patch.setenv(variable, os.environ.get(variable) or str(home / name))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with running_server() as server:
        yield server


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Make an environment of these requirements, once; it returns where its programs are."""

    @functools.cache
    def made(*requirements: str) -> Path:
        return install(tmp_path_factory.mktemp("environment") / "venv", *requirements)

    return made


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    """An organisation that has modules only."""
    with small_demo() as organisation:
        yield organisation
