# ruff: noqa: INP001 - one module, which Airflow reads as such
"""Zoho CRM into the warehouse: records every hour, the metadata every day.

Airflow starts Meltano, and Meltano the tap and the loader, each in an environment of its own. Put
this file, zoho_crm_connections.py, which says where credentials come from, and zoho_crm_alerts.py,
which reports failures, into the DAGs folder, and say in Airflow's environment where the rest is:

    ZOHO_CRM_PROJECT        the Meltano project, such as examples/meltano of this repository
    ZOHO_CRM_ENVIRONMENT    the project's environment; prod by default
    ZOHO_CRM_MELTANO        the executable; the `meltano` on the PATH by default

A run discovers anew, so that a new field becomes a column. Credits are not spent twice:

- One run of a DAG at a time, and no catching up: a run reads all that changed since the last one.
- The tap itself tries again what may pass, so that what gets here seldom does. A new try of the
  records goes on from the STATE that the loader has confirmed. Metadata has none to go on
  from and would be paid for in full: it is not tried again before the next day.
- A try that takes too long or is stopped ends Meltano, tap and loader before the next one starts.
- `credit_budget` in the Meltano project ends a try before it costs more than that.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import Any

from airflow.exceptions import AirflowException
from airflow.sdk import DAG, BaseOperator, Context, dag
from zoho_crm_alerts import Shown, alert
from zoho_crm_connections import credentials


def pipeline(job: str, schedule: str, *, retries: int, timeout: timedelta) -> DAG:
    """Return a DAG that runs one job of the Meltano project."""

    @dag(
        dag_id=f"zoho_crm_{job}",
        schedule=schedule,
        start_date=datetime(2025, 1, 1, tzinfo=timezone.utc),
        catchup=False,
        max_active_runs=1,
        tags=["zoho_crm"],
        doc_md=__doc__,
    )
    def build() -> None:
        MeltanoOperator(
            task_id=f"load_{job}",
            job=job,
            retries=retries,
            retry_delay=timedelta(minutes=5),
            retry_exponential_backoff=True,
            execution_timeout=timeout,
            on_failure_callback=alert,
        )

    return build()


class MeltanoOperator(BaseOperator):
    """Runs a job of the Meltano project, its output in the task's log.

    Not a `@task`: Airflow ends what a function has started neither when its time is up nor when
    somebody stops the task, and it would go on beside the next try.
    """

    def __init__(self, *, job: str, **options: Any) -> None:
        super().__init__(**options)
        self.job = job

    @cached_property
    def process(self) -> Shown:
        """Meltano, and with it the tap and the loader."""
        return Shown()

    def execute(self, context: Context) -> None:
        """Run the job.

        Raises:
            AirflowException: it failed; it has the log's last lines, which say why.
        """
        del context
        environment = os.environ.get("ZOHO_CRM_ENVIRONMENT", "prod")
        program = os.environ.get("ZOHO_CRM_MELTANO", "meltano")
        code = self.process.run(
            [program, f"--environment={environment}", "run", "--refresh-catalog", self.job],
            {**os.environ, **credentials()},
            os.environ["ZOHO_CRM_PROJECT"],
        )
        if code:
            raise AirflowException(f"Meltano ended with exit code {code}\n{self.process.ending}")

    def on_kill(self) -> None:
        """End it; Meltano then records the run as failed, so that the next one may start."""
        self.process.end()


records = pipeline("records", "@hourly", retries=2, timeout=timedelta(hours=2))
metadata = pipeline("metadata", "@daily", retries=0, timeout=timedelta(hours=2))
