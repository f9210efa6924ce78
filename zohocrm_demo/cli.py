"""`zohocrm-demo`: a whole Zoho CRM on this machine, until Ctrl-C."""

from __future__ import annotations

import argparse
import ipaddress
import re
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from typing_extensions import override

from zohocrm_demo.accounts import EVERY_SCOPE
from zohocrm_demo.demo_organisation import DemoOrganisation
from zohocrm_demo.faults import KINDS, parse_fault, positive
from zohocrm_demo.limits import subscribe
from zohocrm_demo.organisation import Organisation, sample_organisation
from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.own import own_organisation

_USAGE_ERROR = 2
_MOST_PORT = 65_531
_SCOPE = re.compile(r"\w+(\.\w+)+\.[A-Za-z]+")


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    @override
    def error(self, message: str) -> NoReturn:
        self.exit(_USAGE_ERROR, f"{self.prog}: error: {message}\n")


def main(arguments: list[str] | None = None) -> int:
    """Serve the sample organisation until Ctrl-C or SIGTERM; returns the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    names = ("host", "port", "seed", "live", "scopes", "latency", "lenient", "https", "profile")
    try:
        demo = DemoOrganisation(_maker(options), **{name: getattr(options, name) for name in names})
    except OSError as error:
        parser.error(f"argument --organisation: {options.organisation}: {error.strerror}")
    except LookupError as error:
        parser.error(f"argument --records: {error.args[0]}")
    except ValueError as error:
        which = "--organisation" if options.organisation else "--modules, --fields"
        parser.error(f"arguments {which}: {error}")
    for planned in options.fault:
        demo.inject(planned.path, planned.fault, planned.nth, planned.times)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        demo.start()
    except ValueError as error:
        parser.error(f"argument --https: {error}")
    except OSError as error:
        reason = error.strerror or str(error)
        parser.error(f"{options.host} port {options.port} can't be used: {reason}")
    with demo:
        if not _is_loopback(options.host):
            sys.stderr.write(
                f"zohocrm-demo: warning: {options.host} is not loopback: everybody who reaches "
                "this machine can read the organisation.\n"
            )
        sys.stdout.write(_greeting(demo, demo.organisation, https=options.https))
        sys.stdout.flush()
        stopped.wait()
    return 0


def _maker(options: argparse.Namespace) -> Callable[[], Organisation]:
    def make() -> Organisation:
        if options.organisation is not None:
            made = own_organisation(options.organisation, anonymous=options.anonymous)
        else:
            size = {"modules": options.modules, "fields": options.fields}
            sample = {"seed": options.seed or 0, "sample": options.sample}
            made = sample_organisation(records=dict(options.records), **sample, **size)
        subscribe(made.company, options.edition)
        return made

    return make


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="zohocrm-demo",
        description="Serve a Zoho CRM v8 with a sample organisation until Ctrl-C.",
        allow_abbrev=False,
    )
    for title, options in read_file("options.yaml").items():
        group = parser.add_argument_group(title)
        for name, settings in options.items():
            kind = {"type": _TYPES[settings["type"]]} if "type" in settings else {}
            group.add_argument(f"--{name}", **{**settings, **kind})
    faults = "; ".join(f"{name}: {text}" for name, (text, _) in KINDS.items())
    parser.set_defaults(scopes=EVERY_SCOPE)
    parser.epilog = f"kinds of faults: {faults}"
    return parser


def _checked(parse: Callable[[str], object]) -> Callable[[str], object]:
    def parsed(text: str) -> object:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return parsed


def _count(text: str) -> int:
    return 0 if text == "0" else positive(text)


def _port(text: str) -> int:
    port = _count(text)
    if port > _MOST_PORT:
        raise ValueError(f"{text} is above {_MOST_PORT}")
    return port


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds < threading.TIMEOUT_MAX:
        raise ValueError(f"{text!r} is not a number of seconds")
    return seconds


def _pace(text: str) -> float:
    if pace := _seconds(text):
        return pace
    raise ValueError(f"{text!r} is not a number of changes above 0")


def _scopes(text: str) -> tuple[str, ...]:
    scopes = tuple(re.split(r"[\s,]+", text.strip()))
    wrong = [scope for scope in scopes if not _SCOPE.fullmatch(scope)]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is not a scope, such as ZohoCRM.users.READ")
    return scopes


def _size(text: str) -> tuple[str, int]:
    module, _, count = text.partition("=")
    if not module:
        raise ValueError(f"{text!r} is not MODULE=COUNT")
    return module, _count(count)


_TYPES: Mapping[str, Callable[[str], object]] = {
    "int": int,
    "path": Path,
    "port": _checked(_port),
    "seconds": _checked(_seconds),
    "pace": _checked(_pace),
    "scopes": _checked(_scopes),
    "size": _checked(_size),
    "fault": _checked(parse_fault),
    "number": _checked(positive),
}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _greeting(demo: DemoOrganisation, organisation: Organisation, *, https: bool) -> str:
    company = organisation.company
    edition = company["license_details"]["paid_type"]
    secure = ""
    if https:
        secure = f"proxy URL:     {demo.proxy_url}\nauthority:     {demo.authority_file}\n"
    return (
        f"Zoho CRM of {company['company_name']} ({edition} edition), Ctrl-C stops it\n"
        f"accounts URL:  {demo.accounts_url}\n"
        f"API URL:       {demo.api_url}\n"
        f"download URL:  {demo.download_url}\n"
        f"control URL:   {demo.control_url}/control\n"
        f"{secure}"
        f"client id:     {demo.client_id}\n"
        f"client secret: {demo.client_secret}\n"
        f"refresh token: {demo.refresh_token}\n"
    )
