"""What each page shows: the templates' variables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from zohocrm_atlas.access import Access
from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.beside import read_beside
from zohocrm_atlas.changes.change import KINDS, Change, latest_first
from zohocrm_atlas.diagram.graph import whole_map
from zohocrm_atlas.diagram.layout import Drawing, lay_out
from zohocrm_atlas.diagram.scenes import groups_graph
from zohocrm_atlas.groups import groups_of
from zohocrm_atlas.intake.collector import KNOWN_STREAMS, UNLISTED
from zohocrm_atlas.intake.listings import LISTINGS, Listing, listing_of
from zohocrm_atlas.kinds import kind_name
from zohocrm_atlas.model.entities import Field, Item, Module, PicklistValue
from zohocrm_atlas.oddities import Finding, Oddity
from zohocrm_atlas.queries import queries
from zohocrm_atlas.standards.relational import Model


class _Pages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What pages are about (`views.json`).

    Attributes:
        navigation: The pages in groups, and their titles.
        lists: For each page of lists: what it shows.
        files: What else is in the folder, and what it is for.
        streams: Where the streams are that are not lists.
        sharing: The lists on sharing, which the page of permissions leads to.
    """

    navigation: tuple[dict[str, str], ...]
    lists: dict[str, str]
    files: tuple[tuple[str, str], ...]
    streams: dict[str, str]
    sharing: tuple[str, ...]


_PAGES = read_beside(__file__, _Pages)
PAGES_OF_LISTS = _PAGES.lists
_ELSEWHERE = frozenset({"portal_users", "recycle_bin"})
"""Lists of rows with a module that are not part of the module's page."""

_READABLE = 12
"""Groups of which the first page has a picture; the labels of more are too small in it."""


@dataclass(frozen=True)
class Tile:
    """A figure of the overview; None: not known."""

    title: str
    count: int | None
    file: str
    note: str = ""


@dataclass(frozen=True)
class PageLink:
    """A line of the navigation."""

    title: str
    file: str
    count: int | None = None


def navigation(atlas: Atlas, findings: int, changes: int) -> Sequence[Sequence[PageLink]]:
    """The pages, in groups."""
    counts = {
        page: sum(len(atlas.items(each.stream)) for each in atlas.listings if each.page == page)
        for page in PAGES_OF_LISTS
    }
    counts["picklists"] += sum(1 for _ in _picklists(atlas))
    counts |= {
        "modules": len(atlas.modules),
        "permissions": len(atlas.snapshot.profiles),
        "odd": findings,
        "changes": changes,
    }
    return [
        [PageLink(title, f"{page}.html", counts.get(page)) for page, title in group.items()]
        for group in _PAGES.navigation
    ]


def overview(atlas: Atlas, changes: Sequence[Change], *, first: bool) -> dict[str, Any]:
    """The first page."""
    degree = Counter(each.source for each in atlas.snapshot.relationships)
    degree.update(each.target for each in atlas.snapshot.relationships)
    connected = sorted(atlas.modules, key=lambda each: -degree[each.api_name])[:10]
    shown, groups = dict(atlas.snapshot.streams_shown()), groups_of(atlas)
    return {
        "title": "Overview",
        "tiles": list(_tiles(atlas)),
        "preview": lay_out(groups_graph(atlas)) if len(groups) <= _READABLE else None,
        "groups": groups,
        "connected": [(module, degree[module.api_name]) for module in connected],
        "most": max([1, *(degree[module.api_name] for module in connected)]),
        "latest": _by_thing(latest_first(changes))[:12],
        "first_read": first,
        "rows": sum(read.rows for read in shown.values()),
        "shown_streams": len(shown),
        "other_streams": len(atlas.snapshot.streams) - len(shown),
        "run": atlas.snapshot.run,
        "gaps": [
            (stream, words)
            for stream in sorted(KNOWN_STREAMS - {"sync_report"} - UNLISTED)
            if (words := atlas.gap(stream))
        ],
        "files": _PAGES.files,
        "streams": [(name, read, _page_of(name)) for name, read in shown.items()],
    }


def _by_thing(changes: Iterable[Change]) -> Sequence[Sequence[Change]]:
    """Changes of one kind that a read found in one thing, together."""
    found: defaultdict[tuple[str, ...], list[Change]] = defaultdict(list)
    for each in changes:
        found[each.to, each.kind, each.entity, each.id].append(each)
    return list(found.values())


def _page_of(stream: str) -> str:
    """Where a stream's rows are shown; empty if they are only counted."""
    if stream in UNLISTED:
        return ""
    page = listing_of(stream).page
    fragment = "" if page == "modules" else f"#section-{stream}"
    return _PAGES.streams.get(stream, f"{page}.html{fragment}")


def _tiles(atlas: Atlas) -> Iterator[Tile]:
    snapshot = atlas.snapshot

    def count(stream: str, number: int) -> int | None:
        return number if atlas.read(stream) and not (number == 0 and atlas.gap(stream)) else None

    custom = sum(module.kind == "custom" for module in atlas.modules)
    own = sum(field.custom for field in snapshot.fields)
    yield Tile(
        "modules", count("modules", len(atlas.modules)), "modules.html", f"{custom:,} custom"
    )
    yield Tile("fields", count("fields", len(snapshot.fields)), "modules.html", f"{own:,} custom")
    yield Tile("relationships", count("relationships", len(snapshot.relationships)), "map.html")
    yield Tile(
        "picklist values", count("picklist_values", len(snapshot.picklist_values)), "picklists.html"
    )
    yield Tile("layouts", count("layouts", len(snapshot.layouts)), "modules.html")
    yield Tile("profiles", count("profiles", len(snapshot.profiles)), "permissions.html")
    for stream, page in (
        ("users", "people"),
        ("workflow_rules", "automation"),
        ("webhooks", "automation"),
        ("email_templates", "templates"),
    ):
        title = next(each.title for each in LISTINGS if each.stream == stream).lower()
        number = len(atlas.items(stream))
        yield Tile(title, count(stream, number), f"{page}.html#section-{stream}")


def module_page(
    model: Model, access: Access, module: Module, near: Drawing | None
) -> dict[str, Any]:
    """The page of a module."""
    atlas = model.atlas
    return {
        "title": module.label,
        "module": module,
        "unlisted": access.unlisted(module),
        "fields": atlas.fields(module.api_name),
        "names": {field.api_name for field in atlas.fields(module.api_name)},
        "layouts": atlas.layouts(module.api_name),
        "relationships_out": atlas.outgoing(module.api_name),
        "relationships_in": atlas.incoming(module.api_name),
        "lists": [
            (listing, atlas.items(listing.stream, module.api_name))
            for listing in atlas.listings
            if listing.module and listing.stream not in _ELSEWHERE
        ],
        "usage": atlas.usage(module.api_name),
        "queries": queries(model, module.api_name),
        "map": near,
    }


def map_page(atlas: Atlas) -> dict[str, Any]:
    """The map, which the page's script draws."""
    whole = whole_map(atlas)
    nodes = Counter(node.kind for node in whole.nodes)
    edges = Counter(edge.kind for edge in whole.edges)
    titles = ("standard", "custom", "linking", "subform", "users", "other")
    return {
        "title": "Map",
        "groups": groups_of(atlas),
        "node_kinds": [(kind, kind, nodes[kind]) for kind in titles if nodes[kind]],
        "edge_kinds": sorted(edges.items()),
        "body_class": "wide",
    }


def list_page(atlas: Atlas, page: str) -> dict[str, Any]:
    """A page of lists."""
    (title,) = (group[page] for group in _PAGES.navigation if page in group)
    lists: list[tuple[Listing, Sequence[Item]]] = [
        (listing, atlas.items(listing.stream)) for listing in atlas.listings if listing.page == page
    ]
    more: dict[str, Any] = {}
    if page == "picklists":
        more["picklists"] = list(_picklists(atlas))
    return {"title": title, "intro": PAGES_OF_LISTS[page], "lists": lists, **more}


def _picklists(atlas: Atlas) -> Iterator[tuple[Field, Sequence[PicklistValue]]]:
    """The fields that have values, module by module."""
    for module in atlas.modules:
        for field in atlas.fields(module.api_name):
            if values := atlas.values(field.id):
                yield field, values


def permissions_page(atlas: Atlas, access: Access) -> dict[str, Any]:
    """Who may see what: the matrix of patterns and modules, fields, sharing."""
    fields: defaultdict[str, list[Field]] = defaultdict(list)
    for field in atlas.snapshot.fields:
        fields[field.access].append(field)
    ordered = sorted(atlas.snapshot.access_patterns, key=lambda each: -len(fields[each.key]))
    return {
        "title": "Permissions",
        "profiles": atlas.snapshot.profiles,
        "patterns": access.patterns,
        "matrix": [
            (
                name,
                [
                    _cell(each.permissions.get(name, ()), access.possible(name))
                    for each in access.patterns
                ],
            )
            for name in access.modules
        ],
        "field_patterns": [
            (each.profiles, fields[each.key]) for each in ordered if fields[each.key]
        ],
        "lists": [(listing_of(each), atlas.items(each)) for each in _PAGES.sharing],
    }


def _cell(allowed: Sequence[str], possible: int) -> tuple[str, str, Sequence[str]]:
    """Its class, the first letters of what is allowed, and all of that."""
    if not allowed:
        return "none", "", ()
    letters = "".join(dict.fromkeys(label[:1].upper() for label in allowed))
    return "all" if len(allowed) == possible else "some", letters[:6], allowed


def odd_page(found: Sequence[tuple[Oddity, Sequence[Finding]]]) -> dict[str, Any]:
    """What is unused or odd."""
    return {"title": "Unused and odd", "oddities": found}


def changes_page(reads: Sequence[str], changes: Sequence[Change]) -> dict[str, Any]:
    """The changes, which the page's script fills in."""
    known = {moment for change in changes for moment in (change.since, change.to)}
    return {
        "title": "Changes",
        "reads": sorted(known.union(reads)),
        "count": len(changes),
        "kinds": KINDS,
    }


def modules_page(atlas: Atlas) -> dict[str, Any]:
    """The list of modules."""
    return {
        "title": "Modules",
        "kinds": list(dict.fromkeys(sorted(kind_name(module) for module in atlas.modules))),
    }
