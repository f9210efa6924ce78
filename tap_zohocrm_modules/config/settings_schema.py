"""The settings as JSON Schema: what `--about` shows, and what Meltano asks for."""

from __future__ import annotations

from typing import Any

from tap_zohocrm_modules.config.choices import Environment
from tap_zohocrm_modules.config.settings import SECRETS, TABLE


def settings_schema() -> dict[str, Any]:
    """Return the JSON Schema of the settings, each with its description and default."""
    return {
        "type": "object",
        "properties": {key: entry.schema() for key, entry in TABLE.items()},
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        # The demo organisation brings its own credentials.
        "if": {
            "properties": {"environment": {"const": Environment.DEMO.value}},
            "required": ["environment"],
        },
        "else": {"required": list(SECRETS)},
    }
