"""What the settings of a few words choose from."""

from __future__ import annotations

import enum


class Environment(enum.Enum):
    """Which of an organisation's environments is read."""

    PRODUCTION = "production"
    SANDBOX = "sandbox"
    DEVELOPER = "developer"
    DEMO = "demo"


class ReadPathChoice(enum.Enum):
    """How a module's records are read."""

    AUTO = "auto"
    REST = "rest"
    COQL = "coql"
    BULK = "bulk"


MODULE_STATUSES = ("visible", "user_hidden", "system_hidden", "scheduled_for_deletion")
