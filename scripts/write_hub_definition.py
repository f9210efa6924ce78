#!/usr/bin/env python
"""Write the plugin's definition: for a listing on the Meltano Hub, and for examples/meltano.

Everything in it is what `--about` tells, but for the addresses. They come from the package's
metadata (`[project.urls]` in pyproject.toml) or from --repository. OWNER in them is replaced in
pyproject.toml before the definition is submitted.

    python scripts/write_hub_definition.py [--check] [--repository URL]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from write_settings import DEFAULT_SELECT, ROOT, RUN_TAP, extractor

PACKAGE = "tap-zohocrm-modules"
HUB = ROOT / "docs" / "meltano-hub" / f"{PACKAGE}.yml"
EXAMPLE = ROOT / "examples" / "meltano" / f"{PACKAGE}.meltano.yml"
COMMENT = "# Written by scripts/write_hub_definition.py.\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or compare them.

    Returns:
        0; 1 when --check finds a difference.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("--repository", default=repository(), help="where the source will be")
    options = parser.parse_args(arguments)
    told = about()
    wanted = {
        HUB: COMMENT + dump(hub_definition(told, options.repository)),
        EXAMPLE: COMMENT + dump({"plugins": {"extractors": [plugin(told, "-e ../..")]}}),
    }
    stale = [path for path, text in wanted.items() if not same(path, text)]
    for path in stale:
        if options.check:
            sys.stderr.write(f"{path.name} is not as `python {Path(__file__).name}` writes it\n")
        else:
            path.write_text(wanted[path], "utf-8")
    return int(options.check and bool(stale))


def plugin(told: Mapping[str, Any], pip_url: str) -> dict[str, Any]:
    """Return the definition as a Meltano project has it, without configuration and selection."""
    (definition,) = yaml.safe_load(extractor(told, ()))
    for key in ("config", "select"):
        definition.pop(key, None)
    return {**definition, "pip_url": pip_url}


def hub_definition(told: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return the definition as the Hub lists it; its variants are named after the owners."""
    definition = {
        **plugin(told, f"git+{source}.git"),
        "variant": source.rstrip("/").split("/")[-2].lower(),
        "repo": source,
        "select": [f"{stream}.*" for stream in DEFAULT_SELECT],
        "docs": f"{source}#readme",
        "domain_url": "https://www.zoho.com/crm/developer/docs/api/v8/",
        "keywords": ["api", "crm", "meltano_sdk"],
        # As in pyproject.toml's classifiers.
        "maintenance_status": "beta",
        "prereq": "An OAuth client and a refresh token from Zoho's API console.\n",
    }
    return dict(sorted(definition.items()))


def repository() -> str:
    """Return the address that the package's metadata gives for its source."""
    for line in importlib.metadata.metadata(PACKAGE).get_all("Project-URL") or ():
        label, _, address = line.partition(", ")
        if label.lower() in {"repository", "source"}:
            return str(address).rstrip("/")
    raise LookupError("pyproject.toml has no Repository in [project.urls]")


def about() -> dict[str, Any]:
    """Return what the tap tells of itself."""
    done = subprocess.run(  # noqa: S603 - the tap itself
        [sys.executable, "-c", RUN_TAP, "--about", "--format=json"],
        check=True,
        stdout=subprocess.PIPE,
        timeout=120,
        cwd=ROOT,
        encoding="utf-8",
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def dump(value: Mapping[str, Any]) -> str:
    """Return YAML as people write it."""
    return yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True, width=90)


def same(path: Path, text: str) -> bool:
    """Whether the file is there and holds this text."""
    return path.exists() and path.read_text("utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
