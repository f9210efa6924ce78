"""Runs where Airflow is: prints what it makes of the DAGs in a folder."""

from __future__ import annotations

import json
import sys

from airflow.dag_processing.dagbag import DagBag

# As Airflow does with the folder of its DAGs, which import each other.
sys.path.append(sys.argv[1])
bag = DagBag(dag_folder=sys.argv[1])
json.dump(
    {
        "errors": {str(file): error for file, error in bag.import_errors.items()},
        "dags": {
            name: {
                "schedule": str(dag.schedule),
                "catchup": dag.catchup,
                "max_active_runs": dag.max_active_runs,
                "retries": [task.retries for task in dag.tasks],
                "timeouts": [task.execution_timeout is not None for task in dag.tasks],
            }
            for name, dag in bag.dags.items()
        },
    },
    sys.stdout,
)
