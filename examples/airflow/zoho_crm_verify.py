# ruff: noqa: INP001 - one module, which Airflow reads as such
"""Compares the warehouse with Zoho CRM every week; what differs fails the task, with the report.

Put this file, zoho_crm_connections.py and zoho_crm_alerts.py into the DAGs folder, and say in
Airflow's environment:

    ZOHO_CRM_TAP             the tap's executable, in an environment that also has psycopg[binary]
    ZOHO_CRM_CATALOG         the catalog, whose selected streams are compared
    ZOHO_CRM_VERIFY_SCHEMA   where the tables are in the warehouse; zoho_crm by default

The warehouse's password is in no command line: the tap takes its URL from the environment.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from functools import cached_property
from urllib.parse import quote

from airflow.exceptions import AirflowException
from airflow.sdk import BaseOperator, Context, dag
from zoho_crm_alerts import Shown, alert
from zoho_crm_connections import credentials, warehouse

URL = "ZOHO_CRM_WAREHOUSE_URL"


class VerifyOperator(BaseOperator):
    """Runs `--verify`, its report in the task's log.

    Not a `@task`: Airflow ends what a function has started neither when its time is up nor when
    somebody stops the task.
    """

    @cached_property
    def process(self) -> Shown:
        """The tap."""
        return Shown()

    def execute(self, context: Context) -> None:
        """Compare.

        Raises:
            AirflowException: a table differs, or could not be compared; the report is in the log.
        """
        del context
        database = {name: quote(str(value), safe="") for name, value in warehouse().items()}
        url = "postgresql://{user}:{password}@{host}:{port}/{database}".format(**database)
        code = self.process.run(
            [
                os.environ.get("ZOHO_CRM_TAP", "tap-zohocrm-modules"),
                "--config=ENV",
                f"--catalog={os.environ['ZOHO_CRM_CATALOG']}",
                f"--verify=env:{URL}",
                f"--verify-schema={os.environ.get('ZOHO_CRM_VERIFY_SCHEMA', 'zoho_crm')}",
            ],
            {**os.environ, **credentials(), URL: url},
        )
        if code:
            raise AirflowException(f"The report ends with\n{self.process.ending}")

    def on_kill(self) -> None:
        """End it."""
        self.process.end()


@dag(
    schedule="@weekly",
    start_date=datetime(2025, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    tags=["zoho_crm"],
    doc_md=__doc__,
)
def zoho_crm_verify() -> None:
    """One task."""
    VerifyOperator(
        task_id="verify", execution_timeout=timedelta(hours=2), on_failure_callback=alert
    )


zoho_crm_verify()
