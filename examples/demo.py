# /// script
# requires-python = ">=3.10,<3.15"
# dependencies = [
#   "duckdb>=1.5.2,<3", "meltano==4.4.1", "pyyaml>=6", "rich>=14", "typing-extensions>=4.12",
# ]
#
# [tool.uv]
# exclude-newer = "2026-12-01T00:00:00Z"
# ///
"""Load a sample organisation with Meltano, let it change, load again, and draw its atlas.

    uv run examples/demo.py

No account is needed: the organisation is served on this machine, by `zohocrm_demo`. Run it again as
often as you like.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NoReturn, TextIO

import duckdb
from rich.console import Console
from rich.status import Status
from rich.table import Table

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from zohocrm_demo import DemoOrganisation, Organisation, sample_organisation  # noqa: E402

OUTPUT = PROJECT / "output"
WAREHOUSE = OUTPUT / "demo.duckdb"
ATLAS = OUTPUT / "atlas" / "index.html"
LOG = OUTPUT / "demo.log"
MELTANO = [str(Path(sys.executable).with_name("meltano")), "--environment=demo"]
TAP, LOADER, DRAWER = "tap-zohocrm-modules", "target-duckdb-file", "target-zohocrm-atlas"
RUN = ("run", "--no-install")
PREFIX = "TAP_ZOHOCRM_MODULES_"
TIMEOUT = 900
RECORDS = {"Leads": 2_000, "Contacts": 1_500, "Deals": 800}
# Rows in files, which the loader takes much faster than lines.
FILES = {
    "encoding": {"format": "arrow"},
    "storage": {"root": (OUTPUT / "batches").as_uri()},
}
NEW_FIELD = "Water_Hardness"
# What Zoho no longer has stays in the table: the old field of a renamed one, too.
DROPPED, OLD_NAME, NEW_NAME, RETYPED = (
    "Website",
    "Secondary_Email",
    "Office_Email",
    "No_of_Employees",
)
# The DuckDB that wrote the file; not every release has a wheel of its command-line program.
DUCKDB = f"run --no-project --with duckdb=={duckdb.__version__} python -c"
EXAMPLE = (
    "SELECT Last_Name, Company, Lead_Status, Water_Hardness FROM Leads"
    " ORDER BY Modified_Time DESC LIMIT 5"
)
STATUS: dict[str, Status] = {}
OUT = Console(highlight=False, markup=False, emoji=False, width=100)


def main() -> None:
    """Install, load, let live, load again, draw."""
    OUTPUT.mkdir(exist_ok=True)
    LOG.write_text("", "utf-8")
    WAREHOUSE.unlink(missing_ok=True)
    # With the values that have broken clients, so that the comparison is worth something.
    organisation = sample_organisation(sample="awkward")
    for module, count in RECORDS.items():
        organisation.records.resize(module, count)
    with DemoOrganisation(organisation) as zoho:
        environment = access_to(zoho)
        by_files = environment | {f"{PREFIX}BATCH_CONFIG": json.dumps(FILES)}
        with step("1/5  Installing the tap, a loader and the atlas, each on its own"):
            if not is_installed():
                meltano({}, "install", TAP, LOADER, DRAWER)
        with step("2/5  Loading the sample organisation: its metadata, and three modules' records"):
            meltano(by_files, *RUN, "--full-refresh", "--refresh-catalog", TAP, LOADER)
        show_load()
        left = kept_columns()
        # By the catalog of what was loaded: the atlas describes the tables as they are.
        as_loaded = keep_catalog()
        drawing = environment | {f"{PREFIX}RECORD_MODULES": "[]", **as_loaded}
        with step("3/5  Drawing its atlas, and letting it live: records and settings change"):
            meltano(drawing, *RUN, TAP, DRAWER)
            live(organisation)
        before = len(zoho.calls)
        with step("4/5  Loading again, what is new since then"):
            meltano(
                by_files | {f"{PREFIX}_SELECT": json.dumps([f"{name}.*" for name in RECORDS])},
                *RUN,
                "--refresh-catalog",
                TAP,
                LOADER,
            )
        show_increment(len(zoho.calls) - before, left)
        say(f"     {verified(environment)}")
        with step("5/5  Drawing the atlas again, with what has changed"):
            meltano(drawing, *RUN, TAP, DRAWER)
    say(f"\nThe atlas, with {changes()}, to be opened in a browser:  {relative(ATLAS)}")
    say(f"Query the tables yourself:\n\n{query_line()}")


def is_installed() -> bool:
    """Whether all three are installed, and what they need is what it was then."""
    plugins = PROJECT / ".meltano"
    made = [
        plugins / kind / name / "venv" / "pyvenv.cfg"
        for kind, name in (("extractors", TAP), ("loaders", LOADER), ("loaders", DRAWER))
    ]
    projects = (PROJECT, PROJECT / "examples" / LOADER)
    needs = [*(one / "pyproject.toml" for one in projects), PROJECT / "meltano.yml"]
    if not all(file.exists() for file in made):
        return False
    return min(file.stat().st_mtime for file in made) > max(f.stat().st_mtime for f in needs)


def access_to(zoho: DemoOrganisation) -> dict[str, str]:
    """Return the settings that lead to an organisation, as environment variables."""
    return {
        f"{PREFIX}ENVIRONMENT": "production",
        f"{PREFIX}ACCOUNTS_URL": zoho.accounts_url,
        f"{PREFIX}API_URL": zoho.api_url,
        f"{PREFIX}CLIENT_ID": zoho.client_id,
        f"{PREFIX}CLIENT_SECRET": zoho.client_secret,
        f"{PREFIX}REFRESH_TOKEN": zoho.refresh_token,
        f"{PREFIX}TOKEN_CACHE_DIR": str(OUTPUT / "token-cache"),
        # The cutoff lies so many seconds back; a demo need not wait for a real CRM's stragglers.
        f"{PREFIX}CUTOFF_LAG": "0",
    }


def live(organisation: Organisation) -> None:
    """Edit and delete records, and change settings, as people do all day."""
    # Zoho's times have whole seconds: what happens now must be later than the cutoff.
    time.sleep(1.1)
    records, schema = organisation.records, organisation.schema
    leads = [lead["id"] for lead in itertools.islice(records.read("Leads", "Last_Name"), 5)]
    schema.drop_field("Leads", DROPPED)
    schema.rename_field("Leads", OLD_NAME, NEW_NAME)
    schema.retype_field("Leads", RETYPED, "double:8")
    records.update("Leads", leads[4], {"City": "Reykjavík", RETYPED: "12.5"})
    schema.add_field("Leads", f"{NEW_FIELD}|Water hardness (°dH)|double:8|custom")
    for lead, hardness in zip(leads[:3], ("4.5", "14", "21.2"), strict=True):
        records.update("Leads", lead, {NEW_FIELD: hardness})
    records.delete("Leads", leads[3])
    schema.rename_field("Partners", "Since", "Partner_Since")
    schema.retype_field("Ideas", "Votes_", "double:8")
    schema.drop_field("Trainings", "Held_On")
    schema.add_module("Site_Visits", "Site Visit")
    time.sleep(1.1)


def keep_catalog() -> dict[str, str]:
    """Keep the catalog of the load; return the setting by which the atlas finds it."""
    made = PROJECT / ".meltano" / "run" / TAP / "tap.properties.json"
    if not made.exists():
        return {}
    shutil.copyfile(made, OUTPUT / "catalog.json")
    return {"TARGET_ZOHOCRM_ATLAS_CATALOG": str(OUTPUT / "catalog.json")}


def changes() -> str:
    """Return how much the atlas has seen change."""
    lines = (ATLAS.parent / "changes.jsonl").read_text("utf-8").splitlines()
    kinds = {json.loads(line)["kind"] for line in lines}
    return f"{len(lines)} changes of {len(kinds)} kinds"


def show_load() -> None:
    """Print how much there is, and some records."""
    # All rows are fetched: DuckDB 2 does nothing else while a result has more.
    with warehouse() as database:
        [(modules,)] = database.execute("SELECT count(*) FROM modules").fetchall()
        [(fields,)] = database.execute("SELECT count(*) FROM fields").fetchall()
        [(tables,)] = database.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
        counts = {name: database.table(f'"{name}"').count("*").fetchall()[0][0] for name in RECORDS}
        leads = database.execute(
            "SELECT Last_Name, Company, City, Lead_Status FROM Leads"
            " WHERE City IS NOT NULL AND Company IS NOT NULL ORDER BY Last_Name LIMIT 4"
        ).fetchall()
    if not modules:
        fail(f"{relative(WAREHOUSE)} holds no modules; the whole log is in {relative(LOG)}")
    records = ", ".join(f"{count:,} {name}" for name, count in counts.items())
    say(f"     {tables} tables: {modules} modules with {fields:,} fields; {records}")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("     Last_Name")
    for column in ("Company", "City", "Lead_Status"):
        table.add_column(column)
    for name, *others in leads:
        table.add_row(f"     {name}", *("-" if value is None else str(value) for value in others))
    OUT.print(table)


def kept_columns() -> dict[str, tuple[str | None, str | None]]:
    """Return by id what the leads have in the two columns that Zoho is about to lose."""
    with warehouse() as database:
        query = f"SELECT id, {DROPPED}, {OLD_NAME} FROM Leads"  # noqa: S608
        return {key: (one, other) for key, one, other in database.execute(query).fetchall()}


def show_increment(calls: int, left: Mapping[str, tuple[str | None, str | None]]) -> None:
    """Print what the second run read.

    Args:
        calls: How many calls it made.
        left: What the columns had before that Zoho has lost since.
    """
    now = kept_columns()
    if lost := sum(values != left[key] for key, values in now.items()):
        fail(f"{lost} leads have lost what {DROPPED} or {OLD_NAME} had; they are in {WAREHOUSE}")
    with warehouse() as database:
        [(least, most)] = database.execute(
            f"SELECT min({NEW_FIELD}), max({NEW_FIELD}) FROM Leads"  # noqa: S608
        ).fetchall()
        [(wrong, moved, kind)] = database.execute(
            f"SELECT count(*) FILTER ({OLD_NAME} IS DISTINCT FROM {NEW_NAME}), count({NEW_NAME}),"  # noqa: S608
            f" any_value(typeof({RETYPED})) FROM Leads"
        ).fetchall()
    if wrong:
        fail(f"{wrong} leads have another {NEW_NAME} than they had as {OLD_NAME}")
    found = re.findall(r"API calls: \d+, credits: (\d+)", LOG.read_text("utf-8"))
    spent = found[-1] if found else "?"
    stay = sum(one is not None for one, _ in now.values())
    say(f"     4 leads changed, {len(left) - len(now)} deleted; of fields 1 new, 1 renamed,")
    say(f"     1 of another type, 1 gone: Leads.{NEW_FIELD} now holds {least} to {most} °dH,")
    say(f"     {NEW_NAME} the {moved:,} values of {OLD_NAME}, {RETYPED} is {kind},")
    say(f"     and {DROPPED}, which Zoho no longer has, keeps its {stay:,} values")
    say(f"     for {spent} credits, by {calls} calls")


def verified(environment: dict[str, str]) -> str:
    """Return what a comparison of the records' tables with the organisation says at its end."""
    chosen = {f"{PREFIX}_SELECT": json.dumps([f"{name}.*" for name in RECORDS])}
    # Value by value, each of them.
    options = ["--verify", str(WAREHOUSE), f"--verify-sample={max(RECORDS.values())}"]
    meltano(environment | chosen, "invoke", "--no-install", TAP, *options)
    found = re.findall(r"^verified: .*$", LOG.read_text("utf-8"), re.MULTILINE)
    if not found:
        fail(f"nothing was verified; the whole log is in {relative(LOG)}")
    return str(found[-1])


@contextlib.contextmanager
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the file that was loaded, for reading."""
    try:
        with duckdb.connect(str(WAREHOUSE), read_only=True) as database:
            yield database
    except duckdb.Error as error:
        fail(f"{relative(WAREHOUSE)} cannot be read: {error}")


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Show that something is under way, and how long it took."""
    begin = time.monotonic()
    if OUT.is_terminal:
        with OUT.status(title) as STATUS[title]:
            yield
        del STATUS[title]
    else:
        say(f"{title} ...")
        yield
    if OUT.is_terminal:
        say(f"{title}  {time.monotonic() - begin:.0f} s")


def meltano(variables: Mapping[str, str], *arguments: str) -> None:
    """Run Meltano; its output goes to the log file."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    # A .env with the credentials of a real organisation must not turn the demo into a real run.
    environment |= {f"{PREFIX}ENVIRONMENT": "demo", "PYTHONUTF8": "1", "NO_COLOR": "1", **variables}
    with (
        LOG.open("a", encoding="utf-8") as log,
        subprocess.Popen(  # noqa: S603
            [*MELTANO, *arguments],
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        too_late = threading.Timer(TIMEOUT, process.kill)
        too_late.start()
        said = [show(line, log) for line in process.stdout or ()]
        code = process.wait()
        if not too_late.is_alive():
            fail(f"`meltano {' '.join(arguments)}` took more than {TIMEOUT} seconds")
        too_late.cancel()
    if code:
        fail(
            f"`meltano {' '.join(arguments)}` ended with exit code {code}:"
            f" {reason(''.join(said))} (the whole log: {relative(LOG)})"
        )


def show(line: str, log: TextIO) -> str:
    """Write a line to the log, and to a terminal what the tap says in it; return it."""
    log.write(line)
    _, tap, text = line.partition(f" {TAP} ")
    for title, status in STATUS.items():
        if tap:
            status.update(f"{title}: {' '.join(text.split())[:60]}")
    return line


def reason(output: str) -> str:
    """Return the line of Meltano's output that says most about a failure."""
    errors = re.findall(r"^.*?\[error +\] +(\S+) +(.*)$", output, re.MULTILINE)
    last = {name: f"{name}: {text}" for name, text in errors}
    lines = [line for line in output.splitlines() if line.strip()]
    # A loader that fails makes the tap fail, and either makes Meltano fail.
    for name in (DRAWER, LOADER, TAP, "meltano"):
        if name in last:
            return last[name]
    return lines[-1] if lines else "it said nothing"


def query_line() -> str:
    """Return a command that queries the file, to be typed as it stands."""
    # Not the uv that Meltano brings into this script's own environment.
    others = (entry for entry in os.get_exec_path() if not Path(entry).is_relative_to(sys.prefix))
    if shutil.which("uv", path=os.pathsep.join(others)):
        command = "uv"
    else:
        command = relative(Path(os.environ.get("UV", "uv")))  # `uv run` says where uv is.
    return (
        f'{shlex.quote(command)} {DUCKDB} "import duckdb;'
        f" duckdb.connect('{relative(WAREHOUSE)}', read_only=True).sql('{EXAMPLE}').show()\""
    )


def relative(path: Path) -> str:
    """Return the path as one would type it here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def say(text: str) -> None:
    """Print, at once."""
    print(text, flush=True)  # noqa: T201


def fail(text: str) -> NoReturn:
    """End with one line and exit code 1."""
    sys.exit(f"The demo failed: {' '.join(text.split())}")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main()
