"""`model.mmd`: an entity-relationship diagram of https://mermaid.js.org."""

from __future__ import annotations

import re
from collections.abc import Iterator

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.standards.relational import KEY, references, tables

# What Mermaid's lexer reads as its own, in any case, where a name is expected.
_KEYWORDS = "accdescr|acctitle|class|classdef|end|erdiagram|fk|many|one|pk|style|subgraph|to|uk"


def mermaid(atlas: Atlas) -> str:
    """The modules, their keys and what these lead to.

    Other columns would make it longer than the 50,000 signs that Mermaid draws by default.
    """
    return "\n".join(_lines(atlas))


def _lines(atlas: Atlas) -> Iterator[str]:
    yield "erDiagram"
    linked = list(references(atlas))
    keys = {(each.table, each.column) for each in linked}
    names: dict[str, str] = {}
    for table in tables(atlas):
        names[table.name] = name = _free(_word(table.name), set(names.values()))
        label = table.module.label if table.module else table.name
        yield f'  {name}["{_text(label)}"] {{'
        for column in table.columns:
            key = "PK" if column.name == KEY else "FK"
            if column.name == KEY or (table.name, column.name) in keys:
                yield f"    {_word(column.type)} {_word(column.name)} {key}"
        yield "  }"
    for each in linked:
        yield f'  {names[each.parent]} |o--o{{ {names[each.table]} : "{_text(each.column)}"'
    yield ""


def _word(name: str) -> str:
    """A name that Mermaid takes without quotes: Latin letters, digits and underscores."""
    word = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
    free = word[:1].isalpha() and not re.fullmatch(_KEYWORDS, word, re.IGNORECASE)
    return word if free else f"n_{word}"


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


def _text(words: str) -> str:
    # A text ends at a quotation mark, and a label may not hold % or \; entities are the escape.
    plain = re.sub(r"[\x00-\x1f\x7f]", "", " ".join(words.split()))
    return re.sub(r'["#%\\]', lambda sign: f"#{ord(sign[0])};", plain) or "-"
