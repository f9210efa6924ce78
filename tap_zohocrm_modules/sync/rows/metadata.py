"""The rows of one endpoint of metadata, each once, and what could not be read of them."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tap_zohocrm_modules.sync.rows.normalize import PartialRow
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.metadata import MODULES, Endpoint, EndpointResult
from tap_zohocrm_modules.zoho.records.describe import FIELDS
from tap_zohocrm_modules.zoho.records.field_traits import is_private
from tap_zohocrm_modules.zoho.transport.errors import (
    REPORT,
    SCOPE_MISSING,
    PermissionRefusedError,
    RefusedDespiteScopeError,
    UnavailableError,
    UnreadableAnswerError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.stream_warnings import about
from tap_zohocrm_modules.zoho.transport.texts import one_line

logger = logging.getLogger(__name__)

_HANDLING = "private_handling"
_PROFILES_LISTED = 50


@dataclasses.dataclass(eq=False)
class MetadataRows:
    """Reads the rows of one endpoint."""

    run: Run
    endpoint: Endpoint
    forbidden: tuple[str, ...] = ()
    """Parents that may not be read, if there is nothing else that was not read."""

    @property
    def _name(self) -> str:
        return self.endpoint.name

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Yield the rows as Zoho returns them; ZohoError: some cannot be read."""
        seen: dict[tuple[Any, ...], Mapping[str, Any]] = {}
        unavailable: list[EndpointResult] = []
        failed: list[EndpointResult] = []
        incomplete: list[EndpointResult] = []
        offered = False
        for part in self.run.results(self._name):
            if isinstance(part.error, UnavailableError):
                unavailable.append(part)
            elif part.error is not None:
                failed.append(part)
            if part.lacking:
                incomplete.append(part)
            if part.error is None or part.rows:
                offered = True
                yield from self._unseen(part, seen)
        self._explain(incomplete)
        if failed:
            if offered and all(map(_is_forbidden, failed)):
                self.forbidden = tuple(part.of for part in failed)
            raise _together(failed)
        if unavailable and not offered:
            raise _together(unavailable)
        if own := [part for part in unavailable if not part.inherited]:
            logger.info(
                "Stream %s: Zoho has none for %s (%s)",
                self._name,
                ", ".join(part.of for part in own),
                own[0].error,
            )

    def _explain(self, incomplete: list[EndpointResult]) -> None:
        """Name the rows of which not everything was to be had."""
        reasons: dict[str, list[str]] = {}
        for part in incomplete:
            reasons.setdefault(part.lacking, []).append(part.of)
        for reason, names in reasons.items():
            logger.warning(
                "Stream %s: emitted as listed, without their details, since %s: %s. Of these the"
                " destination keeps what it has.",
                self._name,
                reason,
                ", ".join(map(one_line, names)),
                extra=about(self._name),
            )

    def _unseen(
        self, part: EndpointResult, seen: dict[tuple[Any, ...], Mapping[str, Any]]
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the rows whose key is new: Zoho may list a row twice, but not two rows as one."""
        rows = map(self._with_privacy, part.rows)
        for row in map(PartialRow, rows) if part.lacking else rows:
            # As text, for even a key may be a list in an odd answer; the RowNormalizer refuses it.
            key = tuple(str(row.get(name)) for name in self.endpoint.keys)
            if key not in seen:
                seen[key] = row
                yield row
            elif seen[key] != row and len(self.endpoint.variants) == 1:
                names = ", ".join(f"{name} {row.get(name)}" for name in self.endpoint.keys)
                raise UnreadableAnswerError(
                    f"Zoho answered with two different rows of {names}. {REPORT}"
                )

    def _with_privacy(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the row of a field with what becomes of its values."""
        if self._name != FIELDS or (privacy := self.run.privacy) is None:
            return row
        names = self.run.private.get(str(row.get("module_api_name")), ())
        is_handled = is_private(row) or row.get("api_name") in names
        return {**row, _HANDLING: privacy.name if is_handled else None}

    def arranged(self, records: Iterator[dict[str, Any]]) -> Iterable[dict[str, Any]]:
        """Return normalized rows in the order of emission, which is the same every run.

        Modules come in the order of the organisation's menu, then of ids:
        https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html
        """
        if self._name != MODULES.name:
            return records
        modules = sorted(records, key=_menu_order)
        if names := [str(module["api_name"]) for module in modules if module["has_more_profiles"]]:
            logger.warning(
                "Zoho lists the first %d profiles of a module only; these have more, as"
                " profile_count says: %s.",
                _PROFILES_LISTED,
                ", ".join(names),
            )
        return modules


def _menu_order(module: Mapping[str, Any]) -> tuple[bool, int, int, str]:
    position, module_id = module["sequence_number"], module["id"]
    return position is None, position or 0, len(module_id), module_id


def _is_forbidden(part: EndpointResult) -> bool:
    """Whether a permission for this one part is wanting, rather than a scope for all."""
    error = part.error
    return (
        isinstance(error, PermissionRefusedError)
        and (
            isinstance(error, RefusedDespiteScopeError)
            or error.refusal.code.upper() != SCOPE_MISSING
        )
        and not part.inherited
    )


def _together(parts: list[EndpointResult]) -> ZohoError:
    """Return one error for all parts: the first that is not only a matter of permissions."""
    errors = [part.error for part in parts if part.error is not None]
    worst = next((e for e in errors if not isinstance(e, PermissionRefusedError)), errors[0])
    if len(parts) == 1:
        return worst
    others = ", ".join(part.of for part in parts if part.error is not worst)
    rest = "; after that it was not asked for any more" if parts[-1].is_last else ""
    return worst.adding(f"Nor could it be read for: {others}{rest}.")
