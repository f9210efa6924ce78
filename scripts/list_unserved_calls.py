#!/usr/bin/env python
"""List what Zoho's OpenAPI files have and the sample organisation doesn't serve.

Takes the folders of the files, of any edition, and writes `zohocrm_demo/data/unserved.yaml`. The
files aren't part of this repository.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generated import ROOT

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.routes import RoutingTable, read_routes

TARGET = ROOT / "zohocrm_demo" / "data" / "unserved.yaml"
HEAD = """\
# Written by scripts/list_unserved_calls.py out of Zoho's OpenAPI files: what Zoho has and the demo
# doesn't serve. It says so, rather than that there is no such call.

"""
# The first edition has these in lower case, too, which the documents don't.
ODD = "/contacts/roles"
VERBS = ("get", "post", "put", "patch", "delete")


def operations(folders: list[str]) -> Iterator[tuple[str, str]]:
    """Verb and path of each operation, the path with `{}` in place of variables."""
    for folder in folders:
        for file in sorted(Path(folder).glob("*.json")):
            content: dict[str, Any] = json.loads(file.read_text("utf-8"))
            servers = [server.get("url", "") for server in content.get("servers", ())]
            base = "/crm/bulk/v8" if any("/bulk" in url for url in servers) else "/crm/v8"
            for path, verbs in content.get("paths", {}).items():
                whole = path if path.startswith("/crm/") else base + path
                for verb in VERBS:
                    if verb in verbs and path.strip("/") and ODD not in path:
                        yield verb.upper(), re.sub(r"\{[^}]*\}", "{}", whole).rstrip("/")


def is_served(routes: RoutingTable, verb: str, path: str) -> bool:
    """Whether a route is meant for the operation, not just a wider one that takes its path."""
    for route in routes.rows:
        pattern = re.sub(r"\{[^}]*\}", "{}", route.path)
        if route.method == verb and pattern.replace(".{}", ".csv") == path:
            return True
    try:
        route, _ = routes.served(verb, path.replace("{}", "1"))
    except ZohoError:
        return False
    # `{module}` stands for a module that the specification names, not for other words.
    return len(re.findall(r"\{", route.path)) <= path.count("{}") + named_modules(path)


def named_modules(path: str) -> int:
    """How many segments are modules or lists that a route has a variable for."""
    words = re.findall(r"/([A-Z]\w*)", path)
    return len(words)


def main() -> int:
    """Write the list."""
    routes = read_routes()
    found = sorted({one for one in operations(sys.argv[1:]) if not is_served(routes, *one)})
    lines = [f"- {verb} {path.replace('{}', '{x}')}\n" for verb, path in found]
    TARGET.write_text(HEAD + "".join(lines), "utf-8")
    sys.stdout.write(f"{len(lines)} calls are not served.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
