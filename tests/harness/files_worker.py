"""
Loads JSON-lines files through dlt: reads one case per line from the standard input, as JSON, and answers with one line
each. It is dlt_worker.py for many small loads: the database stays open for a case, and nobody searches for settings.
"""

import json
import os
import sys
import traceback
from pathlib import Path

import dlt
import duckdb
from dlt.common import json as dlt_json
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

PIPELINE = "events"


def rows_of(file):
    """As dlt's own reader of JSON lines."""
    with open(file, "rb") as lines:
        yield [dlt_json.loadb(line) for line in lines]


def make_resource(case, run):
    hints = {} if case["nesting"] is None else {"max_table_nesting": case["nesting"]}
    return dlt.resource(rows_of, name=case["table"], write_disposition=run["write"], **hints)(run["file"])


def load(case):
    """All runs of a case, until one is refused: its number, step and reason."""
    folder = Path(case["folder"])
    folder.mkdir(parents=True)
    os.chdir(folder)
    file = str(folder / f"{PIPELINE}.duckdb")
    kept_open = duckdb.connect(file)
    pipeline = dlt.pipeline(
        PIPELINE,
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.duckdb(file),
        dataset_name=case["dataset"],
    )
    try:
        for number, run in enumerate(case["runs"]):
            try:
                pipeline.run(make_resource(case, run)).raise_on_failed_jobs()
            except Exception as error:
                return {
                    "run": number,
                    "step": getattr(error, "step", "?"),
                    "reason": str(error).split("Pending packages")[0],
                    "trace": traceback.format_exc(),
                }
    finally:
        pipeline.deactivate()
        kept_open.close()
    return {"run": None}


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what dlt prints must not come between the answers
    dlt.pipeline("first", pipelines_dir="pipelines").deactivate()  # settles telemetry and logs, with the environment
    Container()[PluggableRunContext].providers.providers.clear()
    for line in sys.stdin:
        print(json.dumps(load(json.loads(line))), file=answers, flush=True)


main()
