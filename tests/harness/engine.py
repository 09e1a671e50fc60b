"""
What the workers share that run many small loads through dlt, one process for all: the database stays open for a case, and
nobody searches for settings.
"""

import json
import os
import sys
import traceback
from pathlib import Path

import dlt
import duckdb
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from dlt.extract import incremental as dlt_incremental


class SortedSet(set):
    """dlt stores sets as lists in the order of their hashes, which no two programs have; in order they can be compared."""

    def __iter__(self):
        return iter(sorted(super().__iter__()))


def load(case, name, source_of):
    """All runs of a case, until one is refused: its number, step and reason. `source_of(run)` makes what a run loads."""
    folder = Path(case["folder"])
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    file = str(folder / f"{name}.duckdb")
    kept_open = duckdb.connect(file)
    pipeline = dlt.pipeline(
        name,
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.duckdb(file),
        dataset_name=case["dataset"],
    )
    try:
        for number, run in enumerate(case["runs"]):
            try:
                pipeline.run(source_of(run)).raise_on_failed_jobs()
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


def answer_all(answer, providers=()):
    """One case per line from the standard input, as JSON, and one line for each answer. `providers`: of settings, by name."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what dlt prints must not come between the answers
    dlt.pipeline("first", pipelines_dir="pipelines").deactivate()  # settles telemetry and logs, with the environment
    found = Container()[PluggableRunContext].providers.providers
    found[:] = [provider for provider in found if provider.name in providers]
    dlt_incremental.set = SortedSet
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)
