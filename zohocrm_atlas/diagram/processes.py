"""Processes as pictures: a blueprint's states, a connected workflow's modules, and the ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.diagram.graph import Edge, Graph, Node, cut
from zohocrm_atlas.diagram.layout import Drawing, lay_out
from zohocrm_atlas.model.entities import Item
from zohocrm_atlas.words import anchor, counted

_BLUEPRINTS, _STATES, _TRANSITIONS = "blueprints", "blueprint_states", "blueprint_transitions"
_WORKFLOWS, _NODES = "connected_workflows", "connected_workflow_nodes"
_CONNECTIONS = "connected_workflow_connections"


@dataclass(frozen=True)
class Picture:
    """One process.

    Attributes:
        id: What the page calls it.
        label: What it shows, for those who do not see it.
        note: Whether it works now, and for which module.
        ways: Each way in words, in the order of the process.
    """

    id: str
    title: str
    label: str
    note: str
    drawing: Drawing
    ways: Sequence[str]


def pictures(atlas: Atlas) -> Mapping[str, Sequence[Picture]]:
    """The pictures by the stream whose list they stand above."""
    return {_BLUEPRINTS: [*_blueprints(atlas)], _WORKFLOWS: [*_workflows(atlas)]}


def _blueprints(atlas: Atlas) -> Iterator[Picture]:
    states = _by_owner(atlas.items(_STATES))
    transitions = _by_owner(atlas.items(_TRANSITIONS))
    for item in atlas.items(_BLUEPRINTS):
        nodes = [
            _node(_own_id(state), state.name, _after(state), f"{state.name}, a state", state)
            for state in states.get(item.id, ())
        ]
        edges, ways = [], []
        for transition in transitions.get(item.id, ()):
            kind = "lookup" if transition.facts.get("Set off by") != "automatic" else "subform"
            for _, target in transition.links.get("To", ()):
                sources = transition.links.get("From", ())
                edges += [Edge(source, target, kind, (transition.name,)) for _, source in sources]
            ways.append(_way(transition.name, transition))
        if nodes:
            what = f"States and transitions of the blueprint {item.name}"
            yield _picture(atlas, item, what, Graph(nodes, edges), ways)


def _workflows(atlas: Atlas) -> Iterator[Picture]:
    nodes_of = _by_owner(atlas.items(_NODES))
    connections = _by_owner(atlas.items(_CONNECTIONS))
    for item in atlas.items(_WORKFLOWS):
        nodes = [
            _node(_own_id(node), atlas.label(node.module), _rules(node), node.module, node)
            for node in nodes_of.get(item.id, ())
        ]
        pairs = [
            (source, target)
            for way in connections.get(item.id, ())
            for source in way.links.get("From", ())
            for target in way.links.get("To", ())
        ]
        edges = [
            Edge(source, target, "lookup", (f"{of} to {to}",))
            for (of, source), (to, target) in pairs
        ]
        ways = [f"{of} → {to}" for (of, _), (to, _) in pairs]
        if nodes:
            what = f"Modules of the connected workflow {item.name}"
            yield _picture(atlas, item, what, Graph(nodes, edges), ways)


def _picture(atlas: Atlas, item: Item, what: str, graph: Graph, ways: Sequence[str]) -> Picture:
    known = {node.id for node in graph.nodes}
    inside = [edge for edge in graph.edges if {edge.source, edge.target} <= known]
    status = item.facts.get("Status", "")
    note = ", ".join(filter(None, (atlas.label(item.module) if item.module else "", status)))
    drawing = lay_out(Graph(graph.nodes, inside))
    return Picture(anchor(f"picture-{item.id}"), item.name, what, note, drawing, ways)


def _node(id_: str, name: str, note: str, title: str, item: Item) -> Node:
    row = anchor(f"{item.stream}-{item.id}")
    return Node(id_, "standard", cut(name), note, title, f"automation.html#{row}")


def _by_owner(items: Iterable[Item]) -> Mapping[str, Sequence[Item]]:
    """The rows of each process: the first part of their key is its id."""
    found: defaultdict[str, list[Item]] = defaultdict(list)
    for item in items:
        found[item.id.partition(" ")[0]].append(item)
    return found


def _own_id(item: Item) -> str:
    return item.id.rpartition(" ")[2]


def _after(state: Item) -> str:
    value, unit = state.facts.get("Told after", ""), state.facts.get("Unit", "")
    return f"told after {value} {unit.replace('_', ' ')}" if value else ""


def _rules(node: Item) -> str:
    count = node.facts.get("Rules", "")
    return counted(count, "rule") if count else ""


def _way(name: str, transition: Item) -> str:
    facts = transition.facts
    words = f"{name}: {facts.get('From', '')} → {facts.get('To', '')}"
    return f"{words} (by itself)" if facts.get("Set off by") == "automatic" else words
