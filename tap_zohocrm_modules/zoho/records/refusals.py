"""What Zoho has refused of one module, by read path: it is not asked for in that way again.

https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/overview.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from tap_zohocrm_modules.zoho.transport.errors import (
    ApiError,
    NotByApiError,
    PermissionRefusedError,
)

EVERYTHING = "*"
"""What stands for the whole module among the names of refused fields."""

# A query may fail with nothing wrong in it, and a job for reasons of its own.
_PASSING = frozenset({"SYNTAX_ERROR", "FAILURE"})


class Refusals:
    """The fields that Zoho refuses on each read path, and the paths that it refuses wholly.

    Args:
        lasting: What earlier runs have learned, as `lasting` returned it.
    """

    def __init__(self, lasting: Mapping[str, Iterable[str]] | None = None) -> None:
        self._fields = {path: frozenset(names) for path, names in (lasting or {}).items()}
        self._lasting = dict(self._fields)

    def fields_on(self, path: str) -> frozenset[str]:
        """Return the API names of the fields that are refused on a path."""
        return self._fields.get(path, frozenset()) - {EVERYTHING}

    def refuses(self, path: str) -> bool:
        """Whether the module as a whole is refused on a path."""
        return EVERYTHING in self._fields.get(path, ())

    def note(self, path: str, fields: Collection[str], error: ApiError) -> None:
        """Note a refusal of fields, of the whole module where there are none.

        What a scope, a permission or chance may have caused is forgotten with the run.
        """
        names = frozenset(fields or {EVERYTHING})
        self._fields[path] = self._fields.get(path, frozenset()) | names
        may_pass = (
            isinstance(error, PermissionRefusedError)
            or error.refusal.code.upper() in _PASSING
            or not (fields or isinstance(error, NotByApiError))
        )
        if not may_pass:
            self._lasting[path] = self._lasting.get(path, frozenset()) | names

    def take_up(self, path: str, fields: Iterable[str]) -> None:
        """Read a path without just these fields, as the earlier run did whose read goes on."""
        self._fields[path] = frozenset(fields)

    def lasting(self) -> Mapping[str, list[str]] | None:
        """Return what later runs need not ask for again; None if nothing."""
        return {path: sorted(names) for path, names in sorted(self._lasting.items())} or None
