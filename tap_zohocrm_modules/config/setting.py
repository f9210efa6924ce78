"""One entry of the table of settings, carried by the dataclass field that holds its value."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from tap_zohocrm_modules.config.kinds import Kind

T = TypeVar("T")

_METADATA = "setting"
_NO_DEFAULT: tuple[Any, ...] = (None, "", [])


@dataclasses.dataclass(frozen=True, slots=True)
class About:
    """What people need to know of a setting.

    Attributes:
        title: Its label in forms.
        description: Its meaning, in full sentences of Markdown.
        examples: Values as a configuration has them.
    """

    title: str
    description: str
    examples: tuple[Any, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
    """A setting: what it may hold, its default as a configuration has it, and what it is for."""

    kind: Kind[Any]
    default: Any
    about: About
    secret: bool

    def schema(self) -> dict[str, Any]:
        """Return its JSON Schema; `null` means the default."""
        schema = {**self.kind.schema, "type": [self.kind.schema["type"], "null"]}
        schema |= {"title": self.about.title, "description": self.about.description}
        if self.default not in _NO_DEFAULT:
            schema["default"] = self.default
        if self.about.examples:
            schema["examples"] = list(self.about.examples)
        if self.secret:
            schema |= {"secret": True, "writeOnly": True}
        return schema


def setting(kind: Kind[T], *, default: object, about: About) -> T:
    """Return the field of a setting with a default, which is spelled as in a configuration."""
    field: T = _field(kind, default, kind.parse(default), about)
    return field


def optional(kind: Kind[T], about: About) -> T | None:
    """Return the field of a setting that is None by default."""
    field: T | None = _field(kind, None, None, about)
    return field


def secret(kind: Kind[T], absent: T, about: About) -> T:
    """Return the field of a secret, which no text shows; it has this value where it is absent."""
    field: T = _field(kind, None, absent, about, secret=True)
    return field


def _field(
    kind: Kind[T], default: object, value: T | None, about: About, *, secret: bool = False
) -> Any:
    entry = Setting(kind, default, about, secret)
    return cast(
        "Any", dataclasses.field(default=value, repr=not secret, metadata={_METADATA: entry})
    )


def table_of(settings: type[Any]) -> Mapping[str, Setting]:
    """Return the settings of a dataclass by their keys, in its order."""
    return {field.name: field.metadata[_METADATA] for field in dataclasses.fields(settings)}
