"""What ends a run: one line for people."""

from __future__ import annotations


class AtlasError(Exception):
    """The atlas cannot be written; the message says why and what to do."""


class InputError(AtlasError):
    """The input is not what a Singer tap writes, or not what this target can read."""


class ChangesFoundError(AtlasError):
    """The atlas is written, and holds changes of a kind that `fail_on` names."""
