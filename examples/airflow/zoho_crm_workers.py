# ruff: noqa: INP001 - one module, which Airflow reads as such
"""Zoho CRM into the warehouse by many workers: each reads some of the modules.

One task plans: it asks the tap what there is to read (`--plan=json`) and puts the modules into
bins of about equal time. Then a worker per bin runs `tap | target`, at most as many at once as the
pool has slots. A last task merges the workers' STATE and reports. In Airflow's environment:

    ZOHO_CRM_TAP          the tap's executable; `tap-zohocrm-modules` on the PATH by default
    ZOHO_CRM_TARGET       the loader's; `target-postgres` by default
    ZOHO_CRM_STATE        where STATE is kept, on a disk or in an object store that all workers
                          reach, such as s3://bucket/zoho-crm
    ZOHO_CRM_TOKEN_CACHE  a folder that all workers share, for one access token among them

Credentials come from the connections `zoho_crm` and `zoho_crm_warehouse`, as
zoho_crm_connections.py beside this file has them. Make the pool once, with half as many slots as
the organisation may make calls at the same time, since each worker makes two:

    airflow pools set zoho_crm 10 "Workers that read Zoho CRM"

- STATE is kept by stream, not by bin, so that bins may differ from run to run. No two workers
  write the same table or the same STATE.
- A worker that is tried again continues from the STATE that its loader confirmed last.
- The bins share the parameter `credit_budget` evenly; the calls are bounded by the pool.
- Each module that was loaded is an asset event, for models that wait for it.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from airflow.exceptions import AirflowException
from airflow.sdk import (
    Asset,
    AssetAlias,
    BaseOperator,
    Context,
    ObjectStoragePath,
    Param,
    dag,
    get_current_context,
    task,
)
from zoho_crm_connections import TAP, credentials, warehouse

POOL = "zoho_crm"
LOADED = AssetAlias("zoho_crm_modules")
Bin = dict[str, Any]


@dag(
    schedule="@hourly",
    start_date=datetime(2025, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args={"execution_timeout": timedelta(hours=2)},
    params={
        "modules": Param(["*"], type="array", description="Modules to read; * and ? as in the tap"),
        "workers": Param(10, type="integer", minimum=1, description="Bins to spread them over"),
        "full_refresh": Param([], type="array", description="Modules to read again, whole"),
        "credit_budget": Param(None, type=["null", "integer"], description="Credits for all bins"),
    },
    tags=["zoho_crm"],
    doc_md=__doc__,
)
def zoho_crm_workers() -> None:
    """Plan, load in parallel, merge."""
    bins = plan()
    LoadOperator.partial(
        task_id="load",
        pool=POOL,
        retries=2,
        retry_delay=timedelta(seconds=30),
        outlets=[LOADED],
    ).expand(part=bins) >> merge(bins)


@task
def plan() -> list[Bin]:
    """Return the bins, of about equal time; the catalog is left beside STATE.

    Raises:
        AirflowException: the tap cannot say what there is to read.
    """
    params = get_current_context()["params"]
    environment = {f"{TAP}RECORD_MODULES": json.dumps(params["modules"])}
    catalog = selected(json.loads(tap(["--discover"], environment)))
    store().mkdir(parents=True, exist_ok=True)
    (store() / "catalog.json").write_text(json.dumps(catalog))
    # What a run has left that ended before its merge.
    state = merge_state([path.stem.removeprefix("bin-") for path in store().glob("bin-*.json")])
    for module in params["full_refresh"]:
        state["bookmarks"].pop(module, None)
    (store() / "state.json").write_text(json.dumps(state))
    with tempfile.TemporaryDirectory() as folder:
        planned = json.loads(
            tap(["--plan=json", *files(Path(folder), catalog, state)], environment)
        )
    budget = params["credit_budget"]
    bins = spread(planned["streams"], params["workers"])
    share = None if budget is None else max(1, budget // max(1, len(bins)))
    return [{**part, "credit_budget": share} for part in bins]


def spread(streams: Iterable[Mapping[str, Any]], workers: int) -> list[Bin]:
    """Return at most so many bins of streams: the longest first, each to the emptiest bin."""
    bins: list[Bin] = [{"streams": [], "seconds": 0.0} for _ in range(workers)]
    for stream in sorted(streams, key=lambda s: (-s["seconds"], s["stream"])):
        emptiest = min(bins, key=lambda part: (part["seconds"], len(part["streams"])))
        emptiest["streams"].append(stream["stream"])
        emptiest["seconds"] += stream["seconds"]
    used = [part for part in bins if part["streams"]]
    return [{"name": f"{number:03}", **part} for number, part in enumerate(used)]


class LoadOperator(BaseOperator):
    """Runs `tap | target` for the streams of one bin, its output in the task's log."""

    template_fields = ("part",)

    def __init__(self, *, part: Bin, **options: Any) -> None:
        super().__init__(**options)
        self.part = part
        self._process: subprocess.Popen[str] | None = None

    def execute(self, context: Context) -> None:
        """Load the bin, and keep the STATE that the loader confirmed, whatever becomes of it.

        Raises:
            AirflowException: the tap or the loader failed; the log's last lines say why.
        """
        streams = set(self.part["streams"])
        catalog = json.loads((store() / "catalog.json").read_text())
        catalog["streams"] = [s for s in catalog["streams"] if s["tap_stream_id"] in streams]
        kept = bin_state(self.part["name"])
        state = read_state()
        if kept.exists():
            state["bookmarks"] |= json.loads(kept.read_text()).get("bookmarks", {})
        state["bookmarks"] = {
            name: value for name, value in state["bookmarks"].items() if name in streams
        }
        with tempfile.TemporaryDirectory() as folder:
            code, last = self._run(files(Path(folder), catalog, state))
        if last is not None:
            kept.write_text(last)
        if code:
            raise AirflowException(f"tap | target ended with exit code {code}, see above")
        for stream in sorted(streams):
            context["outlet_events"][LOADED].add(Asset(f"zoho-crm://{stream}"))

    def _run(self, options: list[str]) -> tuple[int, str | None]:
        """Run the pipeline; return its exit code and the last STATE."""
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder, "target.json")
            target.touch(mode=0o600)
            target.write_text(json.dumps({"default_target_schema": "zoho_crm", **warehouse()}))
            environment = {f"{TAP}MAX_CONCURRENCY": "2"}
            if self.part["credit_budget"] is not None:
                environment[f"{TAP}CREDIT_BUDGET"] = str(self.part["credit_budget"])
            command = '"$0" "${@:3}" | "$1" --config "$2"'
            words = [program("TAP", "tap-zohocrm-modules"), program("TARGET", "target-postgres")]
            self._process = subprocess.Popen(  # noqa: S603 - the tap and the loader
                ["/bin/bash", "-o", "pipefail", "-c", command, *words, str(target), *options],
                env=tap_environment(environment),
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            assert self._process.stdout is not None  # noqa: S101 - as it was asked for
            last = None
            for line in self._process.stdout:
                last = line if line.startswith("{") else last
            return self._process.wait(), last

    def on_kill(self) -> None:
        """End the tap and the loader with the task."""
        if self._process is not None:
            os.killpg(self._process.pid, 15)


@task(trigger_rule="all_done")
def merge(bins: list[Bin] | None) -> dict[str, Any]:
    """Merge what the bins confirmed into one STATE, and return what was loaded.

    Raises:
        AirflowException: the plan or a bin failed; what the others loaded is in STATE all the same.
    """
    if bins is None:
        raise AirflowException("Nothing was loaded, since the plan failed")
    merge_state(part["name"] for part in bins if bin_state(part["name"]).exists())
    this = get_current_context()["ti"]
    states = this.get_task_states(dag_id=this.dag_id, task_ids=["load"], run_ids=[this.run_id])
    ends = states.get(this.run_id, {})
    if failed := sorted(name for name, end in ends.items() if end != "success"):
        raise AirflowException(f"Not all was loaded: see the log of {', '.join(failed)}")
    return {"bins": len(bins), "streams": sum(len(part["streams"]) for part in bins)}


def selected(catalog: dict[str, Any]) -> dict[str, Any]:
    """Return the streams of records of a catalog, all selected."""
    # Other streams have names in lower case; those of modules are as Zoho spells them.
    records = [s for s in catalog["streams"] if not s["tap_stream_id"].islower()]
    for stream in records:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = True
    return {"streams": records}


def files(folder: Path, catalog: Mapping[str, Any], state: Mapping[str, Any]) -> list[str]:
    """Write catalog and STATE, and return the tap's options that name them."""
    options = ["--config=ENV"]
    for name, value in {"catalog": catalog, "state": state}.items():
        path = folder / f"{name}.json"
        path.write_text(json.dumps(value))
        options += [f"--{name}", str(path)]
    return options


def tap(options: list[str], environment: Mapping[str, str]) -> str:
    """Run the tap and return what it writes.

    Raises:
        AirflowException: it failed; the log says why.
    """
    done = subprocess.run(  # noqa: S603 - the tap itself
        [program("TAP", "tap-zohocrm-modules"), "--config=ENV", *options],
        env=tap_environment(environment),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise AirflowException(f"The tap ended with exit code {done.returncode}, see above")
    return done.stdout


def tap_environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the tap: credentials, the shared token, and more."""
    cache = os.environ.get("ZOHO_CRM_TOKEN_CACHE")
    shared = {f"{TAP}TOKEN_CACHE_DIR": cache} if cache else {}
    return {**os.environ, **credentials(), **shared, **more}


def program(name: str, default: str) -> str:
    """Return an executable's path."""
    return os.environ.get(f"ZOHO_CRM_{name}", default)


def store() -> ObjectStoragePath:
    """Return where STATE is kept."""
    return ObjectStoragePath(os.environ["ZOHO_CRM_STATE"])


def bin_state(name: str) -> ObjectStoragePath:
    """Return where a bin's STATE is kept until it is merged."""
    return store() / f"bin-{name}.json"


def merge_state(bins: Iterable[str]) -> dict[str, Any]:
    """Merge what bins have confirmed into STATE, and return it; they are no longer kept."""
    state = read_state()
    kept = [bin_state(name) for name in bins]
    for path in kept:
        state["bookmarks"] |= json.loads(path.read_text()).get("bookmarks", {})
    (store() / "state.json").write_text(json.dumps(state))
    for path in kept:
        path.unlink()
    return state


def read_state() -> dict[str, Any]:
    """Return the merged STATE."""
    kept = store() / "state.json"
    state: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    return {"bookmarks": {}, **state}


zoho_crm_workers()
