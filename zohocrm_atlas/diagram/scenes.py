"""The map's scenes: groups of modules first, then a group, or a module and its neighbours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_atlas.atlas import USERS, Atlas
from zohocrm_atlas.diagram.graph import Edge, Graph, Node, neighbourhood, whole_map
from zohocrm_atlas.diagram.layout import Drawing, lay_out
from zohocrm_atlas.groups import groups_of
from zohocrm_atlas.model.entities import Module
from zohocrm_atlas.words import anchor, counted

NEAR = 60
"""Neighbours that are laid out; more are shown in rows."""
_BESIDE = 20
"""Of so many modules, the neighbours stand left and right of one; more are higher than a window."""
GROUP = "group-"
"""What begins the address of a group's scene."""


def group_id(title: str) -> str:
    """The address of a group on the map's page."""
    return GROUP + anchor(title)


def groups_graph(atlas: Atlas) -> Graph:
    """The groups as boxes, and how many relationships lead from one to another."""
    return _groups_graph(whole_map(atlas), groups_of(atlas))


def _groups_graph(whole: Graph, groups: Mapping[str, Sequence[Module]]) -> Graph:
    of = {module.api_name: title for title, modules in groups.items() for module in modules}
    counts: defaultdict[tuple[str, str], int] = defaultdict(int)
    for edge in whole.edges:
        source, target = of.get(edge.source), of.get(edge.target)
        if source and target and source != target and edge.kind != "user":
            counts[min(source, target), max(source, target)] += len(edge.fields)
    kinds = {node.id: node.kind for node in whole.nodes}
    nodes = []
    for title, modules in groups.items():
        note = counted(len(modules), "module")
        kind = kinds.get(modules[0].api_name, "other")
        page = f"map.html#{group_id(title)}"
        nodes.append(Node(group_id(title), kind, title, note, f"{title}: {note}", page))
    edges = [
        Edge(group_id(source), group_id(target), "lookup", (f"{count} relationships",))
        for (source, target), count in sorted(counts.items())
    ]
    return Graph(nodes, edges)


def map_data(atlas: Atlas, near: Mapping[str, Drawing]) -> dict[str, Any]:
    """What the map's script draws: boxes, connections, and where boxes go in each scene.

    Args:
        atlas: The organisation.
        near: The neighbourhoods that are laid out, by module.
    """
    whole, groups = whole_map(atlas), groups_of(atlas)
    grouped = _groups_graph(whole, groups)
    by_id = {node.id: node for node in whole.nodes}
    scenes = {"": _places(lay_out(grouped))}
    for title, modules in groups.items():
        names = {module.api_name for module in modules}
        nodes = [node for node in whole.nodes if node.id in names]
        inside = [edge for edge in whole.edges if {edge.source, edge.target} <= names]
        scenes[group_id(title)] = _places(lay_out(Graph(nodes, inside)))
    scenes |= {f"near={module}": _places(drawing) for module, drawing in near.items()}
    return {
        "nodes": [_node(atlas, node) for node in (*by_id.values(), *grouped.nodes)],
        "edges": [[each.source, each.target, each.kind, each.title] for each in whole.edges],
        "groupEdges": [[each.source, each.target, each.kind, each.title] for each in grouped.edges],
        "groups": {
            group_id(title): {"title": title, "members": [each.api_name for each in several]}
            for title, several in groups.items()
        },
        "scenes": scenes,
    }


def neighbourhoods(atlas: Atlas) -> dict[str, Drawing]:
    """The neighbourhood of each module that has one, and not too many in it, laid out afresh."""
    found = {}
    for module in atlas.modules:
        graph = neighbourhood(atlas, module.api_name)
        if graph.edges and len(graph.nodes) <= NEAR:
            beside = len(graph.nodes) <= _BESIDE
            found[module.api_name] = lay_out(graph, "LR" if beside else "TB")
    return found


def _places(drawing: Drawing) -> dict[str, Any]:
    boxes = [[box.node.id, round(box.x), round(box.y), round(box.width)] for box in drawing.boxes]
    return {"direction": drawing.direction, "boxes": boxes}


def _node(atlas: Atlas, node: Node) -> dict[str, Any]:
    keys = dict.fromkeys(each.field or each.label for each in atlas.outgoing(node.id))
    return {
        "id": node.id,
        "kind": node.kind,
        "label": node.label,
        "note": node.note,
        "title": node.title + ("" if _is_loaded(atlas, node) else "; not loaded"),
        "page": node.page,
        "records": atlas.snapshot.counted.get(node.id, 0),
        "loaded": _is_loaded(atlas, node),
        "keys": [name for name in keys if name],
    }


def _is_loaded(atlas: Atlas, node: Node) -> bool:
    # Where nothing is known to be loaded, nothing is marked.
    known = not atlas.tables or node.id in atlas.tables
    return known or node.id == USERS or node.id.startswith(GROUP)
