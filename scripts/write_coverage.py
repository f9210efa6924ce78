# ruff: noqa: INP001 - a script
"""Writes docs/reference/coverage.md: what of Zoho's API the tap reads, and why not the rest.

Usage: python scripts/write_coverage.py [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from generated import ROOT, finish, parser
from zoho_coverage import Coverage
from zoho_facts import read_gets, read_navigation

from tap_zohocrm_modules.definitions.endpoint import DOCS

PAGE = ROOT / "docs" / "reference" / "coverage.md"
_UNKNOWN = "unknown"
_HEAD = """\
<!-- written by scripts/write_coverage.py from the definitions, scripts/zoho and not_read.yaml -->
# What of Zoho's API the tap reads

Every page of Zoho's documentation on a GET, and every GET of its OpenAPI files, with the stream
that has it or the reason why none has. How the list is kept up to date:
[Zoho has something new](../develop/zoho-has-something-new.md).
"""


def lines() -> Iterator[str]:
    """Yield the lines of the page."""
    coverage, pages, gets = Coverage.of_project(), read_navigation(), read_gets()
    yield _HEAD
    yield f"## Pages of the documentation: {len(pages)}"
    yield ""
    yield "| Page | Read as |"
    yield "| --- | --- |"
    for page in pages:
        yield f"| [{page}]({DOCS}{page}.html) | {coverage.page(page) or _UNKNOWN} |"
    yield ""
    yield f"## Calls of the OpenAPI files: {len(gets)}"
    yield ""
    yield "| Call, below the API's version | Read as |"
    yield "| --- | --- |"
    for path in gets:
        yield f"| `GET {path}` | {coverage.call(path) or _UNKNOWN} |"
    yield ""


def main() -> int:
    """Write or check; 1 if the page was not up to date."""
    return finish({PAGE: "\n".join(lines())}, check=parser(__doc__).parse_args().check)


if __name__ == "__main__":
    sys.exit(main())
