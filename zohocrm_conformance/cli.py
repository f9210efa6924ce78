"""`zohocrm-conformance`: a report card for the connector that a command starts."""

from __future__ import annotations

import argparse
import importlib.util
import json
import shlex
import sys
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NoReturn

from typing_extensions import override

from zohocrm_conformance.card import junit, markdown
from zohocrm_conformance.case import CASES, read_cases
from zohocrm_conformance.languages import LANGUAGES, language_of
from zohocrm_conformance.messages import UnreadableOutputError
from zohocrm_conformance.trial import Plan, Result, Trial

_USAGE_ERROR = 2
_PLACES = "{config} {state} {catalog} {accounts_url} {api_url} {output} {folder}"


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    @override
    def error(self, message: str) -> NoReturn:
        self.exit(_USAGE_ERROR, f"{self.prog}: error: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the cases; returns 0 without a stain, 1 with one."""
    parser = _parser()
    options = parser.parse_args(arguments)
    command = tuple(options.command[1:] if options.command[:1] == ["--"] else options.command)
    if not command:
        parser.error("COMMAND is missing: write it after --")
    try:
        cases = read_cases(options.cases, tuple(options.case))
        plan = _plan(options, command)
    except (OSError, ValueError, UnreadableOutputError) as error:
        parser.error(str(error))
    results: list[Result] = []
    for case in cases:
        try:
            results.append(Trial(plan, case).result())
        except (OSError, LookupError, ValueError) as error:
            parser.error(f"case {case.name}: {error}")
        sys.stderr.write(f"{_line(results[-1])}\n")
    text = markdown(results, command, datetime.now(timezone.utc))
    if options.report is None:
        sys.stdout.write(text)
    else:
        options.report.write_text(text, "utf-8")
    if options.junit is not None:
        options.junit.write_text(junit(results), "utf-8")
    if options.keep_catalog is not None:
        found = next((result.discovered for result in results if result.discovered), "{}")
        options.keep_catalog.write_text(found, "utf-8")
    return int(any(result.stains for result in results))


def _line(result: Result) -> str:
    said = "; ".join(f"{stain.kind}: {stain.text}" for stain in result.stains)
    return f"{result.case.name}: {said or 'no stain'}"


def _plan(options: argparse.Namespace, command: tuple[str, ...]) -> Plan:
    language = options.speaks or language_of(command)
    earlier = None
    if options.earlier_catalog is not None:
        text = options.earlier_catalog.read_text("utf-8")
        earlier = LANGUAGES[language].described(text)
    has_proxy = importlib.util.find_spec("trustme") is not None
    if not has_proxy:
        sys.stderr.write(
            "zohocrm-conformance: without the package trustme there is no proxy for connectors "
            "that know Zoho's own hosts alone.\n"
        )
    return Plan(
        command=command,
        language=language,
        config=_object(options.config),
        streams=options.streams,
        lenient=options.lenient,
        discovery=tuple(shlex.split(options.discovery)) if options.discovery else None,
        timeout=options.timeout,
        proxy=has_proxy,
        earlier=earlier,
    )


def _object(path: Path | None) -> Mapping[str, Any]:
    if path is None:
        return {}
    content = json.loads(path.read_text("utf-8"))
    if not isinstance(content, dict):
        raise ValueError(f"{path}: not a JSON object")  # noqa: TRY004 (bad input)
    return content


def _streams(text: str) -> str:
    if "{module}" not in text:
        raise argparse.ArgumentTypeError(f"{{module}} is missing in {text!r}")
    return text


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="zohocrm-conformance",
        usage="%(prog)s [options] -- COMMAND",
        description="Show what a connector for Zoho CRM loses, doubles, shows stale or false.",
        epilog=f"In COMMAND these are filled in: {_PLACES}. Exit code: 0 without a stain, else 1.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--cases", type=Path, default=CASES, metavar="PLACE", help="file or folder of cases (ours)")
    add("--case", action="append", default=[], metavar="NAME", help="this case alone; repeatable")
    add("--report", type=Path, metavar="FILE", help="the card in Markdown (standard output)")
    add("--junit", type=Path, metavar="FILE", help="the card as JUnit's XML")
    add("--speaks", choices=tuple(LANGUAGES), help="what COMMAND speaks (by what it has filled in)")
    add("--config", type=Path, metavar="FILE", help="JSON with more keys for {config}")
    add(
        "--streams",
        type=_streams,
        default="{module}",
        help="what the stream of a {module} is called (%(default)s, but for case and _)",
    )
    add("--lenient", action="store_true", help="let Zoho ignore unknown parameters and fields")
    add("--discovery", metavar="COMMAND", help="what writes the catalog, where that isn't usual")
    add("--timeout", type=float, default=600, metavar="SECONDS", help="of a run (%(default)s)")
    add("--earlier-catalog", type=Path, metavar="FILE", help="catalog of an earlier release")
    add("--keep-catalog", type=Path, metavar="FILE", help="write the catalog, for later releases")
    add("command", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser
