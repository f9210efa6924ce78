#!/usr/bin/env python
"""Write what the tap says of itself into meltano.yml, docs/ and .env.example.

The tap's `--about` is the only source of its settings. A test runs this with `--check`.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from generated import ROOT, about, finish, parser

from tap_zohocrm_modules.config.choices import DATA_CENTERS
from tap_zohocrm_modules.config.settings import SECRETS
from tap_zohocrm_modules.set_up.scopes import FIRST_STREAMS
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS

PREFIX = "TAP_ZOHOCRM_MODULES_"
# A run takes these from meltano.yml or from a catalog, hardly ever by the environment.
NOT_IN_ENV = ("stream_map", "faker_", "flattening_")
# A `decimal` from the environment ends Meltano 4.4 with a traceback; whole seconds are enough.
KINDS = {"boolean": "boolean", "integer": "integer", "number": "integer"} | {
    "array": "array", "object": "object"
}  # fmt: skip
WORDS = {"date_iso8601": "date-time", "array": "list"}
# For the records of every module, on each of the three ways to read them.
RECORD_SCOPES = ("ZohoCRM.modules.READ", "ZohoCRM.bulk.READ", "ZohoCRM.coql.READ")


def main() -> int:
    """Write the files, or compare them; 1 when --check finds a difference."""
    options = parser(__doc__).parse_args()
    said = about()
    blocks = {
        "meltano.yml": ("settings", extractor(said, FIRST_STREAMS)),
        "docs/reference/settings.md": ("settings", settings_table(said)),
        "docs/reference/scopes.md": ("scopes", scopes()),
        "docs/set-up.md": ("data-centers", data_centers()),
    }
    wanted: dict[Path, str | None] = {
        ROOT / name: _between(name, mark, body) for name, (mark, body) in blocks.items()
    }
    wanted[ROOT / ".env.example"] = env_example(said)
    return finish(wanted, check=options.check)


def extractor(about: Mapping[str, Any], streams: Sequence[str]) -> str:
    """Return the extractor's definition for meltano.yml."""
    definition = {
        "name": about["name"],
        "namespace": about["name"].replace("-", "_"),
        "label": "Zoho CRM",
        # What its loader takes needs pyarrow.
        # With the package by which --verify reads the loader's file.
        "pip_url": "-e .[arrow] duckdb>=1.5.2,<3",
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
    # What another service of Zoho's grants is optional; the page says so.
    needed = {
        scope
        for scope in needed
        if scope.startswith("ZohoCRM.") and not scope.startswith("ZohoCRM.modules.")
    }
    return f"```text\n{','.join([*RECORD_SCOPES, *sorted(needed)])}\n```\n"


def data_centers() -> str:
    """Return the table of data centres."""
    rows = [
        "| `data_center` | Zoho CRM in the browser | API console | Accounts server | API |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, center in DATA_CENTERS.items():
        accounts = f"`{center.accounts_url}`"
        browser = accounts.replace("https://accounts.", "crm.")
        console = accounts.replace("accounts", "api-console")
        rows.append(f"| `{name}` | {browser} | {console} | {accounts} | `{center.api_url}` |")
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


def _between(name: str, mark: str, body: str) -> str:
    """Return the file's text with `body` between its two marks, indented as they are."""
    lines = (ROOT / name).read_text("utf-8").splitlines(keepends=True)
    marks = [line.strip(" #<!->\n") for line in lines]
    try:
        begin, end = marks.index(f"{mark}:begin"), marks.index(f"{mark}:end")
    except ValueError:
        raise SystemExit(f"{name} lacks `{mark}:begin` or `{mark}:end`") from None
    indent = " " * (len(lines[begin]) - len(lines[begin].lstrip()))
    lines[begin + 1 : end] = [textwrap.indent(body, indent)]
    return "".join(lines)


if __name__ == "__main__":
    sys.exit(main())
