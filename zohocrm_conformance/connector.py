"""A connector as a process: its words filled in, its output read, its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zohocrm_conformance.languages import without
from zohocrm_demo import DemoOrganisation

_PROXIES = ("HTTPS_PROXY", "https_proxy")
_TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_SAID = 300


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended."""

    code: int
    output: bytes
    said: str  # the last line of its standard error, without secrets
    is_late: bool = False  # whether it had to be ended


@dataclass(slots=True)
class Connector:
    """The command, for one case: its files are in `folder`, its organisation is `demo`."""

    command: tuple[str, ...]
    demo: DemoOrganisation
    folder: Path
    config: Mapping[str, Any]  # beside the usual keys
    timeout: float
    has_proxy: bool = True
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def run(self, words: Sequence[str], **content: Any) -> Ended:
        """Run a command with these contents of `{config}`, `{catalog}` and `{state}`."""
        filled = self._filled(tuple(words), content)
        with tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(  # noqa: S603 (it is what the user asks for)
                filled,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=self._environment(),
                start_new_session=True,
            )
            self._process = process
            late = threading.Event()
            timer = threading.Timer(self.timeout, self._end_late, (late,))
            timer.start()
            try:
                output, _ = process.communicate()
            finally:
                timer.cancel()
                self.kill()
                self._process = None
            errors.seek(0)
            said = self._last_line(errors.read())
        return Ended(process.returncode, output, said, late.is_set())

    def _end_late(self, late: threading.Event) -> None:
        late.set()
        self.kill()

    def kill(self) -> None:
        """End the process and those that it has started, at once."""
        if self._process is not None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return

    @property
    def usual(self) -> dict[str, Any]:
        """The keys of `{config}`."""
        return {**self.demo.account}

    def _filled(self, words: tuple[str, ...], content: Mapping[str, Any]) -> list[str]:
        if content.get("state") is None:
            # A first run has none.
            words = without(words, "{state}")
        places = {"output": str(self.folder / "output"), "folder": str(self.folder)}
        Path(places["output"]).mkdir(exist_ok=True)
        for name in ("config", "catalog", "state"):
            path = self.folder / f"{name}.json"
            path.write_text(json.dumps(content.get(name) or {}, default=str), "utf-8")
            places[name] = str(path)
        texts = {**places, **{key: str(value) for key, value in self.usual.items()}}
        return [_fill(word, texts) for word in words]

    def config_of(self, modules: Sequence[str]) -> dict[str, Any]:
        """What `{config}` holds: the usual keys, and those that the user adds."""
        texts = {key: str(value) for key, value in self.usual.items()}
        added = {key: _filled_in(value, texts) for key, value in self.config.items()}
        tap = {"record_modules": list(modules), "token_cache_dir": str(self.folder / "tokens")}
        return {**self.usual, **tap, **added}

    def _environment(self) -> dict[str, str]:
        environment = dict(os.environ)
        if self.has_proxy:
            environment |= dict.fromkeys(_PROXIES, self.demo.proxy_url)
            environment |= dict.fromkeys(_TRUST, self.demo.authority_file)
        return environment

    def _last_line(self, errors: bytes) -> str:
        lines = [line for line in errors.decode("utf-8", "replace").splitlines() if line.strip()]
        said = lines[-1].strip()[:_SAID] if lines else ""
        for secret in (self.demo.client_secret, self.demo.refresh_token):
            said = said.replace(secret, "***")
        return said


def _fill(text: str, places: Mapping[str, str]) -> str:
    # Not str.format: commands have braces of their own.
    for name, value in places.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _filled_in(value: Any, places: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled_in(one, places) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled_in(one, places) for one in value]
    return _fill(value, places) if isinstance(value, str) else value
