"""Which modules and relationships a map shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from zohocrm_atlas.atlas import TO_USERS, USERS, Atlas
from zohocrm_atlas.kinds import kind_class, kind_name
from zohocrm_atlas.model.entities import Relationship
from zohocrm_atlas.words import counted

_LONGEST = 34


@dataclass(frozen=True)
class Node:
    """A module on a map.

    Attributes:
        id: API name.
        kind: Class of the style sheet: standard, custom, linking, subform, users or other.
        label: What the box says, cut if it is long.
        note: The small line below.
        title: The whole label, and what the module is.
        page: Its page, relative to the root; empty if it has none.
    """

    id: str
    kind: str
    label: str
    note: str
    title: str
    page: str


@dataclass(frozen=True)
class Edge:
    """All relationships of one kind from a module to another."""

    source: str
    target: str
    kind: str
    fields: tuple[str, ...]

    @property
    def title(self) -> str:
        """What the edge stands for."""
        return f"{self.source} to {self.target}, {self.kind}: {', '.join(self.fields)}"


@dataclass(frozen=True)
class Graph:
    """What to lay out.

    Attributes:
        together: Groups of nodes that belong together: a module and its subforms.
    """

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    together: Sequence[Sequence[str]] = ()


def cut(label: str) -> str:
    """What fits into a box."""
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def whole_map(atlas: Atlas) -> Graph:
    """All modules, and users."""
    edges = _edges(atlas.snapshot.relationships)
    names = {module.api_name for module in atlas.modules}
    names |= {name for edge in edges for name in (edge.source, edge.target)}
    return _graph(atlas, names, edges)


def neighbourhood(atlas: Atlas, module: str) -> Graph:
    """A module, and those that it leads to or that lead to it; without users."""
    near = [*atlas.outgoing(module), *atlas.incoming(module)]
    edges = _edges(each for each in near if each.kind not in TO_USERS)
    names = {name for edge in edges for name in (edge.source, edge.target)} | {module}
    return _graph(atlas, names, edges)


def _graph(atlas: Atlas, names: Collection[str], edges: Sequence[Edge]) -> Graph:
    together: defaultdict[str, list[str]] = defaultdict(list)
    for edge in edges:
        if edge.kind == "subform" and edge.source != edge.target:
            together[edge.source].append(edge.target)
    grouped: set[str] = set()
    groups: list[Sequence[str]] = []
    for parent, subforms in together.items():
        free = [name for name in (parent, *subforms) if name not in grouped]
        if len(free) > 1:
            grouped.update(free)
            groups.append(free)
    return Graph([_node(atlas, name) for name in sorted(names)], edges, groups)


def _node(atlas: Atlas, name: str) -> Node:
    module = atlas.module(name)
    label = " ".join(atlas.label(name).split()) or name
    if module is None:
        kind = "users" if name == USERS else "other"
        return Node(name, kind, cut(label), "", label, "people.html" if kind == "users" else "")
    count = len(atlas.fields(name))
    note = counted(count, "field") if count else kind_name(module)
    return Node(
        name,
        kind_class(module),
        cut(label),
        note,
        f"{label} ({name}), {kind_name(module).lower()} module",
        f"modules/{atlas.pages[name]}.html",
    )


def _edges(relationships: Iterable[Relationship]) -> list[Edge]:
    fields: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for each in relationships:
        kind = "user" if each.kind in TO_USERS else each.kind
        fields[each.source, each.target, kind].append(each.field or each.label)
    return [
        Edge(source, target, kind, tuple(dict.fromkeys(names)))
        for (source, target, kind), names in sorted(fields.items())
    ]
