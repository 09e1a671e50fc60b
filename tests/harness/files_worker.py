"""
Loads files of JSON lines through dlt: reads one case per line from the standard input, as JSON, and answers with one line
each. It is dlt_worker.py for many small loads: the database stays open for a case, and nobody searches for settings.
"""

import glob
import gzip
import itertools
import sys
import tomllib
from pathlib import Path

import dlt
from dlt.common import json as dlt_json
from dlt.sources.filesystem import filesystem, read_jsonl

sys.path[0] = str(Path(__file__).resolve().parents[1])
from harness import engine, runs  # noqa: E402: the folder of the tests has to be on the path

PIPELINE = "events"
OWN_KEYS = ("name", "file_glob", "table_name", "incremental", "additional_table_hints")


def rows_of(files):
    """As dlt's own reader of JSON lines: pages of 1000 rows."""
    for file in files:
        with (gzip.open if file.suffix == ".gz" else open)(file, "rb") as lines:
            while page := [dlt_json.loadb(line) for line in itertools.islice(lines, 1000)]:
                yield page


# ---- a file that is copied ----


def rows_or_none(file):
    """An empty page tells dlt of a table that has no rows; the reader itself gives none."""
    page = []
    for page in rows_of([file]):
        yield page
    if not page:
        yield page


def copied(case, run):
    hints = {} if case["nesting"] is None else {"max_table_nesting": case["nesting"]}
    file = Path(run["files"]) / runs.COPIED
    return dlt.resource(rows_or_none, name=case["table"], write_disposition=run["write"], **hints)(file)


# ---- pipelines: what a TOML file says, in Python ----


def incremental(given):
    return None if given is None else dlt.sources.incremental(**given)


def hints_of(given):
    hints = {key: value for key, value in given.items() if key not in OWN_KEYS}
    if "incremental" in given:
        hints["incremental"] = incremental(given["incremental"])
    name = given.get("table_name")
    if isinstance(name, dict):
        hints["table_name"] = lambda row: row[name["field"]]
    elif name:
        hints["table_name"] = name
    return hints


def plain_resource(given, folder):
    files = sorted((path for path in folder.glob(given["file_glob"]) if path.is_file()), key=str)
    return dlt.resource(rows_of, name=given["name"], **hints_of(given))(files)


def resource_of_files(given, source):
    """Files that dlt itself lists and opens."""
    lister = filesystem(source["bucket_url"], file_glob=given["file_glob"], incremental=incremental(source["incremental"]))
    resource = (lister | read_jsonl()).with_name(given["name"])
    hints = hints_of(given)
    if "max_table_nesting" in hints:
        resource.max_table_nesting = hints.pop("max_table_nesting")
    resource.apply_hints(**hints)
    return resource


def resource_of(given, source, folder):
    resource = resource_of_files(given, source) if "incremental" in source else plain_resource(given, folder)
    if "additional_table_hints" in given:
        resource.apply_hints(additional_table_hints=given["additional_table_hints"])
    return resource


def source_of(given, folder):
    settings = {key: given[key] for key in ("max_table_nesting", "schema_contract") if key in given}

    @dlt.source(name=PIPELINE, **settings)
    def source():
        return [resource_of(resource, given, folder) for resource in given["resources"]]

    return source()


def of_pipeline(run):
    folder = Path(run["data"])
    runs.lay_out(run["files"], folder)
    return source_of(tomllib.loads(Path(run["pipeline"]).read_text())["source"]["filesystem"], folder)


# ---- cases ----


def source_of_run(case):
    return lambda run: of_pipeline(run) if run["pipeline"] else copied(case, run)


def main():
    # dlt reads files in the order in which the system lists them; weir, in the order of their names.
    listed = glob.glob
    glob.glob = lambda *given, **options: sorted(listed(*given, **options))
    engine.answer_all(lambda case: engine.load(case, PIPELINE, source_of_run(case)))


main()
