"""The organisation behind the demo: plain JSON values, free to be edited between runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.lists import Automation, Customization, OrganisationWide
from zohocrm_demo.organisation.records.store import RecordStore
from zohocrm_demo.organisation.schema_changes import SchemaChanges

if TYPE_CHECKING:
    from zohocrm_demo.organisation.references import Fields, Row


@dataclass(slots=True)
class Organisation(OrganisationWide):
    """One organisation's data, in the shapes in which Zoho returns it.

    Attributes:
        company: The element of `GET /crm/v8/org`.
        modules: The elements of `GET /crm/v8/settings/modules`.
        fields: The elements of `GET /crm/v8/settings/fields`, by the module's API name; a module
            that isn't in here has no fields.
        open_lookups: By the field's id, `{api_name, id}` of the modules of a lookup that itself
            names none; no call shows it.
        customization: What has been made of the modules: layouts, views, picklists, tags.
        automation: Rules, and the actions that they set off.
        records: The records of all modules; none but in the sample.
        schema: Changes modules and fields, and has the history of that.
    """

    company: Row
    modules: list[Row] = field(default_factory=list)
    fields: Fields = field(default_factory=dict)
    open_lookups: Fields = field(default_factory=dict)
    customization: Customization = field(default_factory=Customization)
    automation: Automation = field(default_factory=Automation)
    records: RecordStore = field(init=False, repr=False, compare=False)
    schema: SchemaChanges = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Connect the records and the changes with their organisation."""
        self.records = RecordStore(self)
        self.schema = SchemaChanges(self)

    def module(self, name_or_id: str) -> Row | None:
        """The module of this API name (case-sensitive) or id."""
        for module in self.modules:
            if name_or_id in {module["api_name"], module["id"]}:
                return module
        return None

    def content(self, name: str) -> Any:
        """A list or object by its name: `currencies`, `tags`, `webhooks`.

        None if there is none, neither here nor among `lists`.
        """
        holder = self._holder(name)
        return self.lists.get(name) if holder is None else getattr(holder, name)

    def put(self, name: str, content: Any) -> None:
        """Replace a list or object by name; a new name goes among `lists`."""
        holder = self._holder(name)
        if holder is None:
            self.lists[name] = content
        else:
            setattr(holder, name, content)

    def _holder(self, name: str) -> object | None:
        holders = (self, self.customization, self.automation)
        return next((one for one in holders if name in one.__dataclass_fields__), None)
