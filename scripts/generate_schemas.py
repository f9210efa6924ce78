#!/usr/bin/env python
"""Write the JSON Schemas of the metadata and organisation streams.

They come from Zoho's OpenAPI files, one folder an edition
(https://www.zoho.com/crm/developer/docs/api/v8/openapi-specification.html), and from
`schema_corrections/*.yaml` beside this script, where Zoho's documentation says more or better.
Users do not need this: the schemas are part of the package.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from schema_generator.corrections import CorrectionError, Stream, problems, read_streams
from schema_generator.openapi import OpenApiFolder
from schema_generator.render import schema
from schema_generator.shapes import NOTHING, SAFE_NAME, Shape, fill, merge, prune, walk

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).resolve().parent
SCHEMAS = HERE.parent / "tap_zohocrm_modules" / "schemas"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check every schema.

    Returns:
        0; 1 when --check finds a difference, or when Zoho's files need a new correction.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--openapi", type=Path, required=True, help="folder of the 2026 edition")
    parser.add_argument("--openapi-fallback", type=Path, help="folder of the 2025 edition")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    editions = [OpenApiFolder(options.openapi, "OpenAPI 2026")]
    if options.openapi_fallback:
        editions.append(OpenApiFolder(options.openapi_fallback, "OpenAPI 2025"))

    texts, failures = {}, []
    for stream in read_streams(HERE / "schema_corrections"):
        try:
            found = stream.correct(_row(stream, editions))
        except CorrectionError as error:
            failures.append(f"{stream.name}: {error}")
            continue
        shape = prune(found)
        failures += [f"{stream.name}: {problem}" for problem in problems(shape)]
        _say(stream, found, shape)
        texts[f"{stream.name}.json"] = _text(stream, shape)
    if failures:
        sys.stderr.write("\n".join(failures) + "\n")
        return 1
    return _check(texts) if options.check else _write(texts)


def _row(stream: Stream, editions: Sequence[OpenApiFolder]) -> Shape:
    """A row as the editions tell it, the first one first."""
    rows = [
        reduce(merge, (edition.rows(path, key) for path, key in stream.rows), NOTHING)
        for edition in editions
    ]
    return reduce(fill, rows, NOTHING)


def _say(stream: Stream, found: Shape, kept: Shape) -> None:
    objects = {"", *(path for path, shape in walk(kept) if shape.kind in {"object", "array"})}
    parents = {path: path.rpartition(".")[0] for path, _ in walk(found) if not path.endswith("[]")}
    left = [path for path in parents if parents[path] in objects]
    left = [path for path in left if not SAFE_NAME.fullmatch(path.rpartition(".")[2])]
    note = f"; left to additional_properties: {', '.join(left)}" if left else ""
    sys.stdout.write(f"{stream.name}: {len(kept.properties)} properties{note}\n")


def _text(stream: Stream, shape: Shape) -> str:
    return json.dumps(schema(stream, shape), indent=2, ensure_ascii=False) + "\n"


def _check(texts: dict[str, str]) -> int:
    present = {file.name: file.read_text(encoding="utf-8") for file in SCHEMAS.glob("*.json")}
    differing = sorted(
        name for name in {**present, **texts} if present.get(name) != texts.get(name)
    )
    for name in differing:
        sys.stderr.write(f"{name} differs: run this script without --check\n")
    return 1 if differing else 0


def _write(texts: dict[str, str]) -> int:
    SCHEMAS.mkdir(parents=True, exist_ok=True)
    for file in SCHEMAS.glob("*.json"):
        if file.name not in texts:
            file.unlink()
    for name, text in texts.items():
        (SCHEMAS / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
