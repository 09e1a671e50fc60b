"""
Runs loads through dlt: reads one job per line from the standard input, as JSON, and answers with one line each. Runs in
any interpreter that has some version of dlt.
"""

import json
import os
import sys
import traceback
from pathlib import Path

import dlt
from dlt.pipeline.helpers import pipeline_drop

sys.path[0] = str(Path(__file__).resolve().parents[1])
from harness import csource, typed  # noqa: E402: the folder of the tests has to be on the path


def rows_of(resource, rows):
    if "count" not in resource:
        yield [{name: typed.decode(value) for name, value in row.items()} for row in rows]
        return
    state = dlt.current.resource_state()
    first = state.get("last", 0)
    yield [{"id": first + i} for i in range(1, resource["count"] + 1)]
    state["last"] = first + resource["count"]


def make_resource(resource, rows):
    hints = {key: value for key, value in resource.items() if key not in ("name", "count", "table_name_field")}
    if "table_name_field" in resource:
        hints["table_name"] = lambda row: row[resource["table_name_field"]]
    if "incremental" in resource:
        hints["incremental"] = dlt.sources.incremental(**resource["incremental"])
    return dlt.resource(rows_of, name=resource["name"], **hints)(resource, rows)


def run(job):
    """One run of a load in `folder`, with dlt's own things below `data`."""
    load = job["load"]
    rows = load["runs"][job["run"]]
    os.chdir(job["folder"])
    os.environ.update(job["env"])
    pipeline = dlt.pipeline(
        load["pipeline"],
        pipelines_dir=os.path.join(job["data"], "pipelines"),
        destination=load.get("destination", "duckdb"),
        dataset_name=load["dataset"],
        **{path: load[path] for path in ("import_schema_path", "export_schema_path") if path in load},
    )
    try:
        for drop in csource.drops(load, job["run"]):
            pipeline_drop(pipeline, **drop)()
        resources = csource.chosen(load, job["run"])
        made = [make_resource(resource, rows.get(resource["name"], [])) for resource in resources]
        info = pipeline.run(made, refresh=csource.refresh(load, job["run"]))
        info.raise_on_failed_jobs()
    finally:
        pipeline.deactivate()
        for name in job["env"]:
            del os.environ[name]
    return {"loads": info.loads_ids}


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what dlt prints must not come between the answers
    for line in sys.stdin:
        try:
            answer = {"ok": True, **run(json.loads(line))}
        except Exception:
            answer = {"ok": False, "error": traceback.format_exc()}
        print(json.dumps(answer), file=answers, flush=True)


main()
