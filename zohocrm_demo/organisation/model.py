"""The organisation behind the demo: plain JSON values, free to be edited between runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import Self, override

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.records.store import RecordStore
from zohocrm_demo.organisation.schema_changes import SchemaChanges

if TYPE_CHECKING:
    from zohocrm_demo.organisation.references import Row


class Organisation:
    """One organisation's data, in the shapes in which Zoho returns it.

    Each list and object is an attribute: `users`, `layouts`; `contents.yaml` names them.

    Attributes:
        records: The records of all modules; none but in the sample.
        schema: Changes modules and fields, and has the history of that.
    """

    def __init__(self, company: Row, **content: Any) -> None:
        names = read_file("contents.yaml")
        self.content_by_name: dict[str, Any] = {
            **{name: [] for name in names["lists"]},
            **{name: {} for name in (*names["by_module"], *names["by_id"], *names["objects"])},
            "company": company,
            **content,
        }
        self.records = RecordStore(self)
        self.schema = SchemaChanges(self)

    def __getattr__(self, name: str) -> Any:
        """A list or object."""
        if name == "content_by_name" or name not in self.content_by_name:
            raise AttributeError(name)
        return self.content_by_name[name]

    @override
    def __setattr__(self, name: str, value: Any) -> None:
        """Replace a list or object."""
        if name in {"content_by_name", "records", "schema"}:
            super().__setattr__(name, value)
        else:
            self.content_by_name[name] = value

    @property
    def customization(self) -> Self:
        """What has been made of the modules: layouts, views, picklists, tags."""
        return self

    @property
    def automation(self) -> Self:
        """Rules, and the actions that they set off."""
        return self

    def module(self, name_or_id: str) -> Row | None:
        """The module of this API name (case-sensitive) or id."""
        for module in self.modules:
            if name_or_id in {module["api_name"], module["id"]}:
                found: Row = module
                return found
        return None

    def content(self, name: str) -> Any:
        """A list or object by its name: `currencies`, `tags`, `webhooks`; None if there is none."""
        return self.content_by_name.get(name)

    def put(self, name: str, content: Any) -> None:
        """Replace a list or object by name; a new name is added."""
        self.content_by_name[name] = content
