"""Which modules and fields Bulk Read exports.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/limitations.html; where fields of
composite addresses and territories are refused is what runs of clients have shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zohocrm_demo.families.bulk_criteria import refusal
from zohocrm_demo.organisation.records.kinds import Kind, kind_of
from zohocrm_demo.organisation.records.values import Place, csv_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from zohocrm_demo.errors import ZohoError
    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.organisation.records import Record, RecordStore
    from zohocrm_demo.organisation.references import Row

MOST_FIELDS = 200
_DEEPEST = 2
_NOT_EXPORTED: frozenset[Kind] = frozenset(
    {"rows", "links", "people", "files", "line_taxes", "objects", "times"}
)
_NOT_EXPORTED_BY_NAME = frozenset({("Calls", "CTI_Entry")})

# Nothing is said against them when a job is created: it fails.
FAILS_LATER: frozenset[Kind] = frozenset(
    {"address", "coordinates", "territories", "territory", "module"}
)
_MODULES_WITHOUT = frozenset(
    {
        "Notes",
        "Attachments",
        "Emails",
        "Email_Analytics",
        "Email_Template_Analytics",
        "Email_Sentiment",
        "CTI_Entry",
        "Functions__s",
        "Locking_Information__s",
        "Entity_Scores__s",
        "Actions_Performed",
        "Visits",
    }
)


@dataclass(frozen=True, slots=True)
class Export:
    """One column of the file.

    Attributes:
        name: As the query names it, and as the file's header does.
        field: The metadata of the field at its end.
        write: Writes a kept value of it.
        follow: Leads to the record that has it; None where that is the row's own.
    """

    name: str
    field: Row
    write: Callable[[Any], str]
    follow: Callable[[Record], Record | None] | None = None


def exported_module(organisation: Organisation, name: object) -> Row:
    """The module that a job may read.

    Raises:
        ZohoError: 400 MODULE_NOT_AVAILABLE or MODULE_NOT_SUPPORTED.
    """
    module = organisation.module(name) if isinstance(name, str) else None
    if module is None or module["api_name"] != name or not module["api_supported"]:
        raise refusal("MODULE_NOT_AVAILABLE", "the module is not available", {"api_name": name})
    if name in _MODULES_WITHOUT or module["generated_type"] == "linking":
        raise refusal("MODULE_NOT_SUPPORTED", "the module is not supported", {"api_name": name})
    return module


def exports(store: RecordStore, module: str, names: Iterable[str]) -> list[Export]:
    """The columns of a job.

    Raises:
        ZohoError: 400 FIELD_NOT_AVAILABLE, FIELD_NOT_SUPPORTED or JOIN_LIMIT_EXCEEDED.
    """
    view = store.view()
    found = []
    for name in dict.fromkeys(names):
        target, follow = module, None
        *joins, last = name.split(".")
        if len(joins) > _DEEPEST:
            details = {"api_name": name, "module": module}
            raise refusal("JOIN_LIMIT_EXCEEDED", "the limit of joins is exceeded", details)
        for join in joins:
            lookup = _field(store, target, join, name)
            if kind_of(lookup) != "record":
                raise _not_supported(name, target)
            target = lookup["lookup"]["module"]["api_name"]
            follow = _follow(store, target, join, follow)
        field = _field(store, target, last, name)
        write = str if last == "id" else csv_writer(Place(target, field, view))
        found.append(Export(name, field, write, follow))
    return found


def everything(store: RecordStore, module: str) -> tuple[str, ...]:
    """The fields of a job that names none."""
    return tuple(
        name
        for name, field in store.fields(module).items()
        if name != "id"
        and field["type"] == "used"
        and kind_of(field) not in _NOT_EXPORTED | FAILS_LATER
        and (module, name) not in _NOT_EXPORTED_BY_NAME
    )


def _field(store: RecordStore, module: str, api_name: str, column: str) -> Row:
    field = store.fields(module).get(api_name)
    if field is None or field["type"] == "unused":
        details = {"api_name": column, "module": module}
        raise refusal("FIELD_NOT_AVAILABLE", "the field is not available", details)
    if kind_of(field) in _NOT_EXPORTED or (module, api_name) in _NOT_EXPORTED_BY_NAME:
        raise _not_supported(column, module)
    return field


def _not_supported(column: str, module: str) -> ZohoError:
    details = {"api_name": column, "module": module}
    return refusal("FIELD_NOT_SUPPORTED", "the field is not supported", details)


def _follow(
    store: RecordStore,
    target: str,
    lookup: str,
    before: Callable[[Record], Record | None] | None,
) -> Callable[[Record], Record | None]:
    def follow(record: Record) -> Record | None:
        near = record if before is None else before(record)
        value = None if near is None else near.value(lookup)
        return None if value is None else store.find(target, value)

    return follow
