"""`model.mmd` and `mermaid/`: entity-relationship diagrams of https://mermaid.js.org."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from zohocrm_atlas.standards.relational import Model, Reference, Table
from zohocrm_atlas.words import free

LONGEST = 50_000
"""Signs that Mermaid draws by default."""
MOST_LINKS = 500
"""Lines that Mermaid draws by default."""

# What Mermaid's lexer reads as its own, in any case, where a name is expected.
_KEYWORDS = "accdescr|acctitle|class|classdef|end|erdiagram|fk|many|one|pk|style|subgraph|to|uk"


def mermaid(model: Model) -> str:
    """What is loaded: tables, their keys and what these lead to, within Mermaid's limits.

    If it is too long, the keys are left out, and then the tables that are linked least.
    """
    links = model.references
    degree = Counter(name for each in links for name in (each.table, each.parent))
    kept = sorted(model.tables, key=lambda table: (-degree[table.name], table.name))
    with_keys = True
    while True:
        names = {table.name for table in kept}
        drawn = [each for each in links if each.table in names and each.parent in names]
        text = "\n".join(_lines(kept, drawn[:MOST_LINKS], with_keys=with_keys))
        if len(text) <= LONGEST and len(drawn) <= MOST_LINKS:
            return text
        if with_keys and len(text) > LONGEST:
            with_keys = False
        else:
            kept = kept[: len(kept) * 9 // 10]


def mermaid_of_modules(model: Model) -> Iterator[tuple[str, str]]:
    """Each loaded module with all its columns, what it leads to and what leads to it."""
    atlas = model.atlas
    by_name = {table.name: table for table in model.tables}
    for module in atlas.pages.keys() & atlas.tables.keys():
        name = atlas.tables[module].name
        links = model.around(name)
        near = dict.fromkeys((name, *(end for each in links for end in (each.table, each.parent))))
        found = [by_name[each] for each in near]
        text = "\n".join(_lines(found, links[:MOST_LINKS], with_keys=True, whole=name))
        yield module, text


def _lines(
    found: Sequence[Table], linked: Sequence[Reference], *, with_keys: bool, whole: str = ""
) -> Iterator[str]:
    yield "erDiagram"
    keys = {(each.table, each.column) for each in linked}
    names: dict[str, str] = {}
    taken: set[str] = set()
    for table in found:
        names[table.name] = name = free(_word(table.name), taken)
        yield f'  {name}["{_text(table.module.label if table.module else table.name)}"] {{'
        for column in table.columns if with_keys else ():
            key = "PK" if column.name in table.keys else "FK"
            is_key = key == "PK" or (table.name, column.name) in keys
            if is_key or table.name == whole:
                said = f"    {_word(column.type)} {_word(column.name)}"
                yield f"{said} {key}" if is_key else said
        yield "  }"
    for each in linked:
        yield f'  {names[each.parent]} |o--o{{ {names[each.table]} : "{_text(each.column)}"'
    yield ""


def _word(name: str) -> str:
    """A name that Mermaid takes without quotes: Latin letters, digits and underscores."""
    word = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
    free = word[:1].isalpha() and not re.fullmatch(_KEYWORDS, word, re.IGNORECASE)
    return word if free else f"n_{word}"


def _text(words: str) -> str:
    # A text ends at a quotation mark, and a label may not hold % or \; entities are the escape.
    plain = re.sub(r"[\x00-\x1f\x7f]", "", " ".join(words.split()))
    return re.sub(r'["#%\\]', lambda sign: f"#{ord(sign[0])};", plain) or "-"
