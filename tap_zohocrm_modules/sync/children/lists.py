"""Which lists of children the setting `child_lists` names.

https://www.zoho.com/crm/developer/docs/api/v8/related-list-meta.html
"""

from __future__ import annotations

import dataclasses
import difflib
import fnmatch
import functools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any

from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.definitions import child_definitions, load_child_schema
from tap_zohocrm_modules.definitions.child_kind import RELATED_LIST
from tap_zohocrm_modules.sync.record_modules import warn_of_missing
from tap_zohocrm_modules.sync.rows.column import column
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.children.lists import ChildList, scope_part
from tap_zohocrm_modules.zoho.children.scopes import LISTS_SCOPE
from tap_zohocrm_modules.zoho.metadata import MODULES
from tap_zohocrm_modules.zoho.records.describe import describe_modules, with_names
from tap_zohocrm_modules.zoho.records.field_types import LOOKUP_MODULE, MODULE
from tap_zohocrm_modules.zoho.records.model import ADDITIONAL_PROPERTIES, DELETED_AT, RecordModule
from tap_zohocrm_modules.zoho.transport.answers import read_rows
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import RunEndError, ZohoError

_RELATED = "related_lists"
_PATTERN = re.compile(r"[*?]")
_SUFFIX = "_children"

Row = Mapping[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class ParentModule:
    """A list of children, and what its parents' module consists of."""

    children: ChildList
    module: RecordModule


@dataclasses.dataclass(frozen=True, slots=True)
class FoundLists:
    """The lists of children that the settings name.

    Args:
        streams: By the names of their streams.
        missing: Why others are not there, by the names of their streams or by patterns of them.
        written_out: Which of those that are missing the settings name without a pattern.
    """

    streams: Mapping[str, ParentModule]
    missing: Mapping[str, ZohoError]
    written_out: Collection[str]

    def check(self) -> None:
        """Warn of what is missing, as discovery does.

        Raises:
            ZohoError: the settings write out what is missing, or it may be there the next time.
        """
        for name in self.written_out:
            raise self.missing[name].adding(
                f"child_lists names what would be the stream {name}: cure this, or take it out of"
                " child_lists."
            )
        warn_of_missing(self.missing, "the children")

    def why_missing(self, names: Iterable[str]) -> dict[str, ZohoError]:
        """Return why streams are not there, by their names, of those for which that is known."""
        return {
            name: error
            for name in names
            for pattern, error in self.missing.items()
            if name not in self.streams and fnmatch.fnmatchcase(name, pattern)
        }


class ChildLists:
    """Finds the lists of children that the settings name, in one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._described: dict[str, RecordModule | ZohoError] = {}

    def find(self, taken: Iterable[str], entries: Sequence[str] | None = None) -> FoundLists:
        """Return the lists; the names of their streams differ from those `taken`.

        They are those of the settings, or of these `entries`.

        Raises:
            SettingsError: an entry names no module or list.
            ZohoError: no further call can succeed.
        """
        entries = self._run.settings.child_lists if entries is None else entries
        found: dict[str, ChildList] = {}
        missing: dict[str, ZohoError] = {}
        problems: list[str] = []
        for entry in entries:
            module, _, name = entry.partition(".")
            lists = [*self._matching(module, name, missing)]
            if not lists and not _PATTERN.search(entry) and _stream_name(entry) not in missing:
                problems.append(self._problem(module, name))
            found |= {one.entry: one for one in lists}
        if problems:
            raise SettingsError(problems)
        used = {name.lower() for name in (*taken, *self._modules)}
        streams: dict[str, ParentModule] = {}
        written_out = missing.keys() & {_stream_name(entry) for entry in entries}
        for one in found.values():
            stream = _stream_name(one.entry)
            if stream.lower() in used:
                stream += _SUFFIX
            used.add(stream.lower())
            described = self._describe(one.module)
            if isinstance(described, ZohoError):
                missing[stream] = described
                written_out |= {stream} if one.entry in entries else set()
            else:
                streams[stream] = ParentModule(one, described)
        return FoundLists(streams, missing, sorted(written_out))

    @functools.cached_property
    def _modules(self) -> Mapping[str, Row]:
        rows = with_names(self._run.reader.rows(MODULES.name))
        return {str(row["api_name"]): row for row in rows if MODULES.is_parent(row)}

    def _matching(
        self, module: str, name: str, missing: MutableMapping[str, ZohoError]
    ) -> Iterator[ChildList]:
        """Yield the lists that an entry names, and note which modules do not tell theirs."""
        for api_name in fnmatch.filter(self._modules, module):
            if name in child_definitions() or _PATTERN.search(name):
                yield from self._of_kinds(api_name, name)
            if name not in child_definitions():
                try:
                    yield from self._related(api_name, name, explicit=f"{module}.{name}")
                except RunEndError:
                    raise
                except ZohoError as error:
                    missing[_stream_name(f"{api_name}.{name}")] = error

    def _of_kinds(self, module: str, pattern: str) -> Iterator[ChildList]:
        row = self._modules[module]
        for name, definition in child_definitions().items():
            if definition.kind.is_meant_by(pattern) and definition.kind.offered_by(row):
                columns = load_child_schema(name)["properties"]
                yield ChildList(module, name, definition.kind, columns, scope_part(row))

    def _related(self, module: str, pattern: str, explicit: str) -> Iterator[ChildList]:
        kind = child_definitions()[RELATED_LIST].kind
        is_pattern = _PATTERN.search(explicit) is not None
        for row in self._lists_of(module):
            name, children = str(row.get("api_name")), _module_of(row)
            if not fnmatch.fnmatchcase(name, pattern) or row.get("status") != "visible":
                continue
            if children is None or not row.get("href"):
                continue
            found = ChildList(module, name, kind, {}, scope_part(self._modules[module]), children)
            own = kind.own_columns(found.entry)
            if not own and (lookup := self._lookup_back(module, children)):
                if not is_pattern:
                    problem = (
                        f"child_lists has {explicit!r}, whose rows are the records of {children}"
                        f" with {lookup} leading back: read the module {children} instead"
                    )
                    raise SettingsError([problem])
                continue
            columns = load_child_schema(RELATED_LIST)["properties"]
            rest = columns.pop("additional_properties")
            every = {**columns, **own, "additional_properties": rest}
            yield dataclasses.replace(found, columns=every)

    def _lists_of(self, module: str) -> list[dict[str, Any]]:
        return related_lists(self._run.client, module)

    def _lookup_back(self, module: str, children: str) -> str | None:
        """Return the field by which the listed records name their parent, None without one."""
        described = self._describe(children)
        if isinstance(described, ZohoError):
            return None
        for field in described.fields:
            if field.refers_to == module or field.type in {LOOKUP_MODULE, MODULE}:
                return field.request_name
        return None

    def _describe(self, module: str) -> RecordModule | ZohoError:
        if module not in self._described:
            row = self._modules.get(module, {"api_name": module})
            (self._described[module],) = describe_modules(self._run.client, [row])
        return self._described[module]

    def _problem(self, module: str, name: str) -> str:
        if module not in self._modules:
            hint = _hint(module, self._modules)
            return f"child_lists has {module!r}, and there is no such module{hint}"
        kinds = [kind for kind in child_definitions() if kind != RELATED_LIST]
        if name in kinds:
            return f"child_lists has '{module}.{name}', and Zoho does not serve {name} of {module}"
        names = [*(str(row.get("api_name")) for row in self._lists_of(module)), *kinds]
        return (
            f"child_lists has '{module}.{name}', and {module} has no such list that Zoho serves by"
            f" record{_hint(name, names)}"
        )


def related_lists(client: ZohoClient, module: str) -> list[dict[str, Any]]:
    """Return what Zoho says of a module's related lists, for a credit.

    Raises:
        ZohoError: they cannot be read.
    """
    call = Call(f"/settings/{_RELATED}", LISTS_SCOPE, (("module", module),), stream=_RELATED)
    return read_rows(client, call, _RELATED)


def _stream_name(entry: str) -> str:
    return entry.replace(".", "_")


def _module_of(row: Row) -> str | None:
    module = row.get("module")
    name = module.get("api_name") if isinstance(module, dict) else None
    return str(name) if name else None


def _hint(name: str, known: Collection[str]) -> str:
    alike = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), alike, n=3, cutoff=0.5)
    return f": did you mean {' or '.join(alike[one] for one in close)}?" if close else "."


def child_schema(parents: ParentModule, *, tombstones: bool) -> Mapping[str, Any]:
    """Return the schema of a list's rows; with tombstones, those that left come, too."""
    children = parents.children
    schema = load_child_schema(children.kind.name)
    columns = dict(children.columns)
    rest = columns.pop(ADDITIONAL_PROPERTIES)
    if tombstones:
        columns[DELETED_AT] = column(
            "string", "When the row was found to have left its record.", format="date-time"
        )
    return {**schema, "properties": {**columns, ADDITIONAL_PROPERTIES: rest}}
