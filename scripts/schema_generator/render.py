"""Shapes as the JSON Schemas which the tap ships: one type a property, no alternatives."""

from __future__ import annotations

import re
from typing import Any

from schema_generator.corrections import Stream
from schema_generator.shapes import Shape, is_unknown

DATE_TIME_TEXT = "text/x-date-time"
DOCS = "https://www.zoho.com/crm/developer/docs/api/v8/"
# For what the specifications do not describe.
USUAL = {
    "id": "Its id.",
    "name": "Its name.",
    "api_name": "Its name in the API.",
    "display_label": "Its label.",
    "description": "Its description.",
    "type": "Its type.",
    "status": "Its status.",
    "source": "Where it comes from.",
    "module": "Module that it belongs to.",
    "related_module": "Module that it is related to.",
    "created_by": "User who created it.",
    "created_time": "When it was created.",
    "modified_by": "User who last modified it.",
    "modified_time": "When it was last modified.",
    "editable": "Whether it can be edited.",
    "deletable": "Whether it can be deleted.",
    "associated": "Whether something uses it.",
}
ADDITIONAL_PROPERTIES = {
    "type": ["object", "null"],
    "description": "What Zoho returned and this schema does not name, by key. Source: the tap.",
}


def schema(stream: Stream, shape: Shape) -> dict[str, Any]:
    """The JSON Schema of a stream whose rows have this shape."""
    properties: dict[str, Any] = {}
    for name, child in shape.properties.items():
        fixed = name in stream.keys or name in stream.parents
        rendered = _render(name, child, nullable=not fixed)
        text = rendered.pop("description", "")
        properties[name] = _typed_first(rendered, f"{text} Source: {child.source}.")
    return {
        "type": "object",
        "description": f"{stream.description} {DOCS}{stream.page}.html",
        "properties": {**properties, "additional_properties": ADDITIONAL_PROPERTIES},
        "required": list(stream.keys),
    }


def _render(name: str, shape: Shape, *, nullable: bool) -> dict[str, Any]:
    kind = "string" if is_unknown(shape) or _is_id(name, shape) else shape.kind
    rendered: dict[str, Any] = {"type": [kind, "null"] if nullable else kind}
    text = shape.description or USUAL.get(name) or _words(name)
    if is_unknown(shape):
        text = f"{text} JSON text.".strip()
        return {**rendered, "contentMediaType": "application/json", "description": text}
    if shape.format:
        rendered["format"] = shape.format
    if text:
        rendered["description"] = text
    if kind == "object":
        rendered["properties"] = {
            child_name: _render(child_name, child, nullable=True)
            for child_name, child in shape.properties.items()
        }
        if nullable:
            rendered["properties"] = {
                child_name: _without_format(child)
                for child_name, child in rendered["properties"].items()
            }
    if kind == "array" and shape.items is not None:
        rendered["items"] = _render("", shape.items, nullable=False)
    return rendered


def _without_format(rendered: dict[str, Any]) -> dict[str, Any]:
    """Tell a date-time by another keyword than `format`.

    singer-tools' checker, which many use, breaks on a null object with a property that has it.
    """
    if rendered.get("format") != "date-time":
        return rendered
    text = f"{rendered.get('description', '')} Date-time in UTC.".strip()
    return {"type": rendered["type"], "contentMediaType": DATE_TIME_TEXT, "description": text}


def _words(name: str) -> str:
    words = " ".join(name.split("_")).strip().capitalize()
    return f"{' '.join(words.split())}." if words else ""


def _is_id(name: str, shape: Shape) -> bool:
    return (
        shape.kind in {"integer", "number"}
        and re.fullmatch(r"(.*_)?(id|zuid|zgid)", name) is not None
    )


def _typed_first(rendered: dict[str, Any], description: str) -> dict[str, Any]:
    first = ("type", "format", "contentMediaType")
    head: dict[str, Any] = {key: rendered[key] for key in first if key in rendered}
    return {
        **head,
        "description": description,
        **{k: v for k, v in rendered.items() if k not in head},
    }
