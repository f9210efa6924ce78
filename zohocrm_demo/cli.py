"""`zohocrm-demo`: a whole Zoho CRM on this machine, until Ctrl-C."""

from __future__ import annotations

import argparse
import ipaddress
import re
import signal
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

from typing_extensions import override

from zohocrm_demo.demo_organisation import DemoOrganisation
from zohocrm_demo.editions import EDITIONS, subscribe
from zohocrm_demo.fault_options import KINDS, PlannedFault, parse_fault, positive
from zohocrm_demo.organisation import Organisation, sample_organisation
from zohocrm_demo.scopes import EVERY_SCOPE

_USAGE_ERROR = 2
_MOST_PORT = 65_533
_USUAL_PACE = 60.0
_SCOPE = re.compile(r"\w+(\.\w+)+\.[A-Za-z]+")
_FAULTS = "; ".join(f"{name}: {text}" for name, (text, _) in KINDS.items())


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    @override
    def error(self, message: str) -> NoReturn:
        self.exit(_USAGE_ERROR, f"{self.prog}: error: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Serve the sample organisation until Ctrl-C or SIGTERM; returns the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        organisation = sample_organisation(
            seed=options.seed or 0,
            records=dict(options.records),
            modules=options.modules,
            fields=options.fields,
        )
    except LookupError as error:
        parser.error(f"argument --records: {error.args[0]}")
    except ValueError as error:
        parser.error(f"arguments --modules, --fields: {error}")
    subscribe(organisation.company, options.edition)
    demo = DemoOrganisation(
        organisation,
        host=options.host,
        port=options.port,
        seed=options.seed,
        live=options.live,
        scopes=options.scopes,
        latency=options.latency,
    )
    for planned in options.fault:
        demo.inject(planned.path, planned.fault, planned.nth, planned.times)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        demo.start()
    except OSError as error:
        reason = error.strerror or str(error)
        parser.error(f"{options.host} port {options.port} can't be used: {reason}")
    with demo:
        if not _is_loopback(options.host):
            sys.stderr.write(
                f"zohocrm-demo: warning: {options.host} is not loopback: everybody who reaches "
                "this machine can read the organisation.\n"
            )
        sys.stdout.write(_greeting(demo, organisation))
        sys.stdout.flush()
        stopped.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="zohocrm-demo",
        description="Serve a Zoho CRM v8 with a sample organisation until Ctrl-C.",
        allow_abbrev=False,
    )
    _add_service(parser.add_argument_group("the service").add_argument)
    _add_organisation(parser.add_argument_group("the organisation").add_argument)
    return parser


def _add_service(add: Callable[..., object]) -> None:
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add(
        "--port",
        type=_port,
        default=0,
        help="port of the API host; the accounts host has the next one, the control API the one "
        "after it (free ones)",
    )
    add("--latency", type=_seconds, default=0.0, help="seconds added to each answer of the API")
    add(
        "--scopes",
        type=_scopes,
        default=EVERY_SCOPE,
        help="scopes of the refresh token, with commas (all that the organisation knows)",
    )
    add(
        "--fault",
        type=_fault,
        action="append",
        default=[],
        metavar="KIND[,path=PATTERN][,nth=N][,times=N|all]",
        help="what goes wrong with the first (or nth) call of a path (/crm/*); may be repeated. "
        f"KIND is a status from 400 to 599, or one of: {_FAULTS}",
    )


def _add_organisation(add: Callable[..., object]) -> None:
    add(
        "--edition",
        choices=EDITIONS,
        default="enterprise",
        help="edition: API credits and simultaneous calls (%(default)s)",
    )
    add(
        "--seed",
        type=int,
        help="number that fixes client, secret, refresh token, values and life (without it the "
        "credentials are new each time)",
    )
    add(
        "--records",
        type=_size,
        action="append",
        default=[],
        metavar="MODULE=COUNT",
        help="how many records a module has, such as Leads=100000; may be repeated",
    )
    add("--modules", type=_number, help="how many modules there are, made-up ones included")
    add("--fields", type=_number, help="how many fields all modules have together")
    add(
        "--live",
        type=_pace,
        nargs="?",
        const=_USUAL_PACE,
        default=0.0,
        metavar="CHANGES",
        help="let records be edited, created, deleted and restored, so many in a minute "
        f"({_USUAL_PACE:.0f} unless said)",
    )


def _port(text: str) -> int:
    port = 0 if text == "0" else _number(text)
    if port > _MOST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is above {_MOST_PORT}")
    return port


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < threading.TIMEOUT_MAX:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds


def _pace(text: str) -> float:
    pace = _seconds(text)
    if not pace:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of changes above 0")
    return pace


def _scopes(text: str) -> tuple[str, ...]:
    scopes = tuple(re.split(r"[\s,]+", text.strip()))
    wrong = [scope for scope in scopes if not _SCOPE.fullmatch(scope)]
    if wrong:
        raise argparse.ArgumentTypeError(f"{wrong[0]!r} is no scope, such as ZohoCRM.users.READ")
    return scopes


def _size(text: str) -> tuple[str, int]:
    module, _, count = text.partition("=")
    if not module:
        raise argparse.ArgumentTypeError(f"{text!r} is not MODULE=COUNT")
    return module, 0 if count == "0" else _number(count)


def _fault(text: str) -> PlannedFault:
    try:
        return parse_fault(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _number(text: str) -> int:
    try:
        return positive(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _greeting(demo: DemoOrganisation, organisation: Organisation) -> str:
    company = organisation.company
    edition = company["license_details"]["paid_type"]
    return (
        f"Zoho CRM of {company['company_name']} ({edition} edition), Ctrl-C stops it\n"
        f"accounts URL:  {demo.accounts_url}\n"
        f"API URL:       {demo.api_url}\n"
        f"control URL:   {demo.control_url}/control\n"
        f"client id:     {demo.client_id}\n"
        f"client secret: {demo.client_secret}\n"
        f"refresh token: {demo.refresh_token}\n"
    )
