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
  write the same table or the same STATE. zoho_crm_state.py says how it is kept.
- A worker that is tried again continues from the STATE that its loader confirmed last, however the
  try before it ended, and with the catalog of its run, however old that is.
- The bins share the parameter `credit_budget` evenly, and so do the tries of a bin; the calls are
  bounded by the pool. A bin whose credits are spent fails without another try: the next run
  continues.
- Each module that was loaded is an asset event, for models that wait for it. Where Airflow has its
  OpenLineage provider, zoho_crm_lineage.py tells it what was read and loaded.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
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
from airflow.sdk.exceptions import AirflowFailException
from zoho_crm_alerts import alert
from zoho_crm_bins import Bin, fill, selected, shares, wrong_name
from zoho_crm_connections import TAP, warehouse
from zoho_crm_pipeline import Pipeline, files, tap
from zoho_crm_state import StateStore, Try

LOG = logging.getLogger(__name__)
POOL = "zoho_crm"
LOADED = AssetAlias("zoho_crm_modules")


@dag(
    schedule="@hourly",
    start_date=datetime(2025, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    default_args={"execution_timeout": timedelta(hours=2), "on_failure_callback": alert},
    params={
        "modules": Param(["*"], type="array", description="Modules to read; * and ? as in the tap"),
        "workers": Param(10, type="integer", minimum=1, description="Bins to spread them over"),
        "full_refresh": Param([], type="array", description="Modules to read again, whole"),
        "streams": Param(
            ["deleted_records", "sync_report"],
            type="array",
            description="Streams beside the modules' own, in a bin of their own",
        ),
        "credit_budget": Param(
            None, type=["null", "integer"], minimum=1, description="Credits for all bins"
        ),
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
        AirflowFailException: a parameter names what is not read.
    """
    context = get_current_context()
    params, run = context["params"], context["run_id"]
    everything = discover(params["modules"])
    others = {stream["tap_stream_id"] for stream in discover([], CHILD_LISTS="[]")}
    if problem := wrong_name(params, everything, others):
        raise AirflowFailException(problem)
    catalog = selected(everything, others - {*params["streams"]})
    # What a run has left that ended before its merge.
    for problem in store().merge():
        LOG.warning("%s", problem)
    state = store().forget(params["full_refresh"])
    name = store().keep_catalog(f"{datetime.now(timezone.utc):%Y%m%dT%H%M%S}", run, catalog)
    environment = {f"{TAP}RECORD_MODULES": json.dumps(params["modules"])}
    with tempfile.TemporaryDirectory() as folder:
        options = ["--plan=json", *files(Path(folder), catalog, state)]
        planned = json.loads(tap(options, environment))["streams"]
    budget = params["credit_budget"]
    most = params["workers"] if budget is None else min(params["workers"], budget)
    bins = fill(planned, others, most)
    return [
        {**part, "name": f"{number:03}", "catalog": name, "credit_budget": share}
        for number, (part, share) in enumerate(zip(bins, shares(budget, len(bins)), strict=True))
    ]


def discover(modules: list[str], **settings: str) -> list[dict[str, Any]]:
    """Return the streams that there are beside those of records, and those of these modules.

    Lists of children are among them as the setting `child_lists` of the deployment has them.
    """
    environment = {f"{TAP}RECORD_MODULES": json.dumps(modules)}
    environment |= {f"{TAP}{name}": value for name, value in settings.items()}
    streams: list[dict[str, Any]] = json.loads(tap(["--discover"], environment))["streams"]
    return streams


class LoadOperator(BaseOperator):
    """Runs `tap | target` for the streams of one bin, its output in the task's log."""

    template_fields = ("part",)

    def __init__(self, *, part: Bin, **options: Any) -> None:
        super().__init__(**options)
        self.part = part
        self._pipeline: Pipeline | None = None
        self._read: list[dict[str, Any]] = []

    def execute(self, context: Context) -> None:
        """Load the bin, and keep the STATE that the loader confirms, whatever becomes of it.

        Raises:
            AirflowFailException: there is nothing to load with, or no credit is left.
            AirflowException: the tap or the loader failed; the log's last lines say why.
        """
        streams, name = self.part["streams"], self.part["name"]
        this = Try(context["run_id"], name, context["ti"].try_number)
        catalog = store().catalog(self.part["catalog"])
        found = [
            s for s in (catalog or {"streams": []})["streams"] if s["tap_stream_id"] in streams
        ]
        if len(found) < len(streams):
            raise AirflowFailException(
                f"The catalog of this run is no longer kept ({self.part['catalog']}):"
                " trigger a new run in place of clearing this task"
            )
        modules = json.dumps(context["params"]["modules"])
        self._read = found
        environment = {f"{TAP}MAX_CONCURRENCY": "2", f"{TAP}RECORD_MODULES": modules}
        budget = self.part["credit_budget"]
        spent = 0 if budget is None else store().spent(this)
        if budget is not None:
            if spent >= budget:
                raise AirflowFailException(no_credits(name, budget))
            environment[f"{TAP}CREDIT_BUDGET"] = str(budget - spent)
            # If nobody learns what this try spends, it is all of it.
            store().spend(this, budget)
        state, began = store().begin(this, streams)
        with tempfile.TemporaryDirectory() as folder:
            self._pipeline = Pipeline(
                Path(folder),
                files(Path(folder), {"streams": found}, state),
                environment,
                lambda confirmed: store().keep(this, began, confirmed),
            )
            failed = self._pipeline.run()
        if budget is not None and self._pipeline.spent is not None:
            store().spend(this, spent + self._pipeline.spent)
        if failed and self._pipeline.is_out_of_credits:
            raise AirflowFailException(no_credits(name, budget))
        if failed:
            raise AirflowException(f"{failed}\n{self._pipeline.ending}")
        for stream in sorted(streams):
            context["outlet_events"][LOADED].add(Asset(f"zoho-crm://{stream}"))

    def get_openlineage_facets_on_complete(self, _: Any) -> Any:
        """Return what was read and loaded; only Airflow's OpenLineage provider asks for it."""
        from airflow.providers.openlineage.extractors import OperatorLineage  # noqa: PLC0415
        from zoho_crm_lineage import datasets  # noqa: PLC0415

        rows = self._pipeline.rows if self._pipeline is not None else {}
        inputs, outputs = datasets(self._read, rows, warehouse())
        return OperatorLineage(inputs=inputs, outputs=outputs)

    def on_kill(self) -> None:
        """End the tap and the loader with the task."""
        if self._pipeline is not None:
            self._pipeline.end()


def no_credits(name: str, budget: int | None) -> str:
    """Return what is said of a bin that may spend no more."""
    return (
        f"Bin {name} has spent its share of the credits ({budget}): what was loaded is in STATE,"
        " and the next run continues. Raise credit_budget to read more in a run"
    )


@task(trigger_rule="all_done")
def merge(bins: list[Bin] | None) -> dict[str, Any]:
    """Merge what the bins confirmed into one STATE, and return what was loaded.

    Raises:
        AirflowException: the plan or a bin failed; what the others loaded is in STATE all the same.
    """
    if bins is None:
        raise AirflowException("Nothing was loaded, since the plan failed")
    problems = store().merge(get_current_context()["run_id"])
    this = get_current_context()["ti"]
    states = this.get_task_states(dag_id=this.dag_id, task_ids=["load"], run_ids=[this.run_id])
    ends = states.get(this.run_id, {})
    if failed := sorted(name for name, end in ends.items() if end != "success"):
        problems.append(f"not all was loaded: see the log of {', '.join(failed)}")
    if problems:
        raise AirflowException("; ".join(problems))
    return {"bins": len(bins), "streams": sum(len(part["streams"]) for part in bins)}


def store() -> StateStore:
    """Return where STATE is kept."""
    place = os.environ["ZOHO_CRM_STATE"]
    kept = ObjectStoragePath(place)
    # On a disk a file has to be replaced with care.
    return StateStore(Path(kept.path) if kept.protocol in {"file", "local", ""} else kept)


zoho_crm_workers()
