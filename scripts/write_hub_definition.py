#!/usr/bin/env python
"""Write the plugin's definition: for a listing on the Meltano Hub, and for examples/meltano.

Everything in it is what `--about` says, but for the addresses, and for what is small by default:
eight streams and no records. The addresses come from the package's metadata (`[project.urls]` in
pyproject.toml) or from --repository. As long as nobody has filled in the owner there, the
definition names the package alone.

    python scripts/write_hub_definition.py [--check] [--repository URL]
"""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from generated import ROOT, about, finish, parser
from write_settings import extractor

from tap_zohocrm_modules.set_up.scopes import FIRST_STREAMS

PACKAGE = "tap-zohocrm-modules"
HUB = ROOT / "docs" / "meltano-hub" / f"{PACKAGE}.yml"
EXAMPLE = ROOT / "examples" / "meltano" / f"{PACKAGE}.meltano.yml"
UNKNOWN_OWNER = "/OWNER/"
COMMENT = "# Written by scripts/write_hub_definition.py.\n"


def main() -> int:
    """Write the files, or compare them; 1 when --check finds a difference."""
    arguments = parser(__doc__)
    arguments.add_argument("--repository", default=repository(), help="where the source will be")
    options = arguments.parse_args()
    said = about()
    wanted: dict[Path, str | None] = {
        HUB: COMMENT + dump(hub_definition(said, options.repository)),
        EXAMPLE: COMMENT + dump({"plugins": {"extractors": [plugin(said, "-e ../..")]}}),
    }
    return finish(wanted, check=options.check)


def plugin(said: Mapping[str, Any], pip_url: str) -> dict[str, Any]:
    """Return the definition as a Meltano project has it: small, unless the project says more."""
    (definition,) = yaml.safe_load(extractor(said, FIRST_STREAMS))
    definition.pop("config")
    for setting in definition["settings"]:
        if setting["name"] == "record_modules":
            # Else `meltano add` and a first run would read every record that there is.
            setting["value"] = []
    return {**definition, "pip_url": pip_url}


def hub_definition(said: Mapping[str, Any], source: str) -> dict[str, Any]:
    """Return the definition as the Hub lists it; its variants are named after the owners."""
    definition = {
        **plugin(said, PACKAGE),
        "variant": "community",
        "domain_url": "https://www.zoho.com/crm/developer/docs/api/v8/",
        "keywords": ["api", "crm", "meltano_sdk"],
        # As in pyproject.toml's classifiers.
        "maintenance_status": "beta",
        "prereq": "An OAuth client and a refresh token from Zoho's API console.\n",
    }
    if UNKNOWN_OWNER not in source:
        definition |= {
            "pip_url": f"git+{source}.git",
            "variant": source.rstrip("/").split("/")[-2].lower(),
            "repo": source,
            "docs": f"{source}#readme",
        }
    return dict(sorted(definition.items()))


def repository() -> str:
    """Return the address that the package's metadata has for its source."""
    for line in importlib.metadata.metadata(PACKAGE).get_all("Project-URL") or ():
        label, _, address = line.partition(", ")
        if label.lower() in {"repository", "source"}:
            return str(address).rstrip("/")
    raise LookupError("pyproject.toml has no Repository in [project.urls]")


def dump(value: Mapping[str, Any]) -> str:
    """Return YAML as people write it."""
    return yaml.safe_dump(dict(value), sort_keys=False, allow_unicode=True, width=90)


if __name__ == "__main__":
    sys.exit(main())
