"""Words that a query must quote where they are names of fields.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

import re

# Zoho says that there are such words, with one example (External): these are SQL's.
_WORDS = """
all and any array as asc between both by case cast check column commit condition constraint count
create cross cube current current_date current_time current_timestamp current_user cursor date day
default delete desc describe distinct drop each else end escape every except exists external false
fetch filter first for foreign from full function grant group having hour in index inner insert
intersect interval into is join key lag language last lead leading left like limit local match
max measures merge method min minute month natural new no not null of offset old on only option or
order out outer over overlaps partition percent period position precision primary procedure range
rank recursive references result return revoke right rollup row rows second select set show similar
some start static sum avg system table then time timestamp to top trailing trigger true truncate
union unique unknown update upper usage user using value values varying view when where window with
within without year zone
"""

RESERVED = frozenset(re.findall(r"\w+", _WORDS))
