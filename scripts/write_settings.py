#!/usr/bin/env python
"""Write what the tap says of itself into meltano.yml, docs/ and .env.example.

The tap's `--about` is the only source of its settings. A test runs this with `--check`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from tap_zohocrm_modules.config.data_centers import DATA_CENTERS
from tap_zohocrm_modules.config.settings import SECRETS
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS

ROOT = Path(__file__).resolve().parent.parent
RUN_TAP = "from tap_zohocrm_modules.tap import TapZohoCRMModules as Tap; Tap.cli()"
SETTINGS_PAGE = "docs/reference/settings.md"
SCOPES_PAGE = "docs/reference/scopes.md"
SET_UP_PAGE = "docs/set-up.md"
# What most people want first, for some credits more than there are modules.
DEFAULT_SELECT = (
    "modules",
    "fields",
    "picklist_values",
    "relationships",
    "users",
    "roles",
    "profiles",
    "org",
)
PREFIX = "TAP_ZOHOCRM_MODULES_"
# A run is told these by meltano.yml or by a catalog, hardly ever by the environment.
NOT_IN_ENV = ("stream_map", "faker_", "flattening_")
# A `decimal` from the environment ends Meltano 4.4 with a traceback; whole seconds are enough.
KINDS = {"boolean": "boolean", "integer": "integer", "number": "integer"} | {
    "array": "array", "object": "object"
}  # fmt: skip
WORDS = {"date_iso8601": "date-time", "array": "list"}
# For the records of every module, on each of the three ways to read them.
RECORD_SCOPES = ("ZohoCRM.modules.READ", "ZohoCRM.bulk.READ", "ZohoCRM.coql.READ")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or compare them.

    Returns:
        0; 1 when --check finds a difference.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check = parser.parse_args(arguments).check
    about = json.loads(_tap("--about", "--format=json"))
    wanted = {
        ROOT / "meltano.yml": _between(
            "meltano.yml", {"settings": extractor(about, DEFAULT_SELECT)}
        ),
        ROOT / SETTINGS_PAGE: _between(SETTINGS_PAGE, {"settings": settings_table(about)}),
        ROOT / SCOPES_PAGE: _between(SCOPES_PAGE, {"scopes": scopes()}),
        ROOT / SET_UP_PAGE: _between(SET_UP_PAGE, {"data-centers": data_centers()}),
        ROOT / ".env.example": env_example(about),
    }
    stale = [
        path
        for path, text in wanted.items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    for path in stale:
        if check:
            sys.stderr.write(f"{path.name} is not as `python {Path(__file__).name}` writes it\n")
        else:
            path.write_text(wanted[path], "utf-8")
    return int(check and bool(stale))


def extractor(about: Mapping[str, Any], streams: Sequence[str]) -> str:
    """Return the extractor's definition for meltano.yml."""
    definition = {
        "name": about["name"],
        "namespace": about["name"].replace("-", "_"),
        "label": "Zoho CRM",
        "pip_url": "-e .",
        "executable": about["name"],
        "description": about["description"],
        "capabilities": about["capabilities"],
        "settings_group_validation": [list(SECRETS), ["environment"]],
        "settings": [_setting(key, schema) for key, schema in _settings(about)],
        # Loaders that know ACTIVATE_VERSION remove what Zoho no longer has; others ignore it.
        "config": {"emit_activate_version_messages": True},
        "select": [f"{stream}.*" for stream in streams],
    }
    return yaml.safe_dump([definition], sort_keys=False, allow_unicode=True, width=10_000)


def settings_table(about: Mapping[str, Any]) -> str:
    """Return the table of settings."""
    rows = ["| Setting | Kind | Default | Meaning |", "| --- | --- | --- | --- |"]
    for key, schema in _settings(about):
        kind = _setting(key, schema)["kind"]
        kind = "secret" if schema.get("secret") else WORDS.get(kind, kind)
        if options := _options(schema):
            kind = f"{'list' if kind == 'list' else 'one'} of " + ", ".join(
                f"`{option}`" for option in options
            )
        default = f"`{_text(schema['default'])}`" if "default" in schema else ""
        meaning = schema["description"].replace("|", "\\|").replace("\n", " ")
        rows.append(f"| `{key}` | {kind} | {default} | {meaning} |")
    return "\n".join(rows) + "\n"


def scopes() -> str:
    """Return all scopes as one line to be copied."""
    needed = {scope for endpoint in ENDPOINTS.values() for scope in endpoint.scope.split()}
    needed = {scope for scope in needed if not scope.startswith("ZohoCRM.modules.")}
    return f"```text\n{','.join([*RECORD_SCOPES, *sorted(needed)])}\n```\n"


def data_centers() -> str:
    """Return the table of data centres."""
    rows = [
        "| `data_center` | Zoho CRM in the browser | API console | Accounts server | API |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, center in DATA_CENTERS.items():
        api = f"`{center.api_url}`" if center.api_url else "set `api_url`"
        browser = console = "not documented"
        accounts = "set `accounts_url`"
        if center.accounts_url:
            accounts = f"`{center.accounts_url}`"
            browser = accounts.replace("https://accounts.", "crm.")
            console = accounts.replace("accounts", "api-console")
        rows.append(f"| `{name}` | {browser} | {console} | {accounts} | {api} |")
    return "\n".join(rows) + "\n"


def env_example(about: Mapping[str, Any]) -> str:
    """Return a `.env` to be filled in."""
    lines = [
        "# Copy this file to .env and fill it in: Meltano reads it, and so does",
        "# `tap-zohocrm-modules --config=ENV`. docs/set-up.md says how to get the first three.",
    ]
    for key, schema in _settings(about):
        if key.startswith(NOT_IN_ENV):
            continue
        meaning = schema["description"].replace("`", "")
        if options := _options(schema):
            meaning += f" Allowed: {', '.join(options)}."
        lines += ["", *(f"# {line}" for line in textwrap.wrap(meaning, 96))]
        value = schema.get("default", (schema.get("examples") or [""])[0])
        if schema["type"][0] == "array" and not value:
            value = _options(schema)[:1]
        comment = "" if key in SECRETS else "#"
        lines.append(f"{comment}{PREFIX}{key.upper()}={_text(value)}")
    return "\n".join(lines) + "\n"


def _settings(about: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from about["settings"]["properties"].items()


def _setting(key: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return Meltano's definition of a setting, in the order in which Meltano itself writes it."""
    kind = next(name for name in schema["type"] if name != "null")
    setting: dict[str, Any] = {"name": key, "kind": KINDS.get(kind, "string")}
    if schema.get("format") == "date-time":
        setting["kind"] = "date_iso8601"
    if "enum" in schema:
        setting["kind"] = "options"
    if "default" in schema:
        setting["value"] = schema["default"]
    setting |= {"label": schema["title"], "description": schema["description"]}
    if "enum" in schema:
        setting["options"] = [{"label": value, "value": value} for value in schema["enum"]]
    if schema.get("secret"):
        # Meltano's kind `password` is deprecated in favour of this.
        setting["sensitive"] = True
    return setting


def _options(schema: Mapping[str, Any]) -> list[str]:
    options: list[str] = schema.get("enum") or schema.get("items", {}).get("enum", [])
    return options


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _between(name: str, blocks: Mapping[str, str]) -> str:
    """Return the file's text with each of `blocks` between its two marks, indented as they are."""
    lines = (ROOT / name).read_text("utf-8").splitlines(keepends=True)
    for mark, body in blocks.items():
        places = [
            [
                number
                for number, line in enumerate(lines)
                if line.strip(" #<!->\n") == f"{mark}:{edge}"
            ]
            for edge in ("begin", "end")
        ]
        if [len(found) for found in places] != [1, 1]:
            raise SystemExit(f"{name} has not one `{mark}:begin` and one `{mark}:end`")
        (begin,), (end,) = places
        indent = " " * (len(lines[begin]) - len(lines[begin].lstrip()))
        lines[begin + 1 : end] = textwrap.indent(body, indent).splitlines(keepends=True)
    return "".join(lines)


def _tap(*arguments: str) -> str:
    return subprocess.run(  # noqa: S603 - the tap itself
        [sys.executable, "-c", RUN_TAP, *arguments],
        check=True,
        stdout=subprocess.PIPE,
        timeout=120,
        cwd=ROOT,
        encoding="utf-8",
    ).stdout


if __name__ == "__main__":
    sys.exit(main())
