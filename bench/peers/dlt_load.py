"""
Load a file of JSON lines with dlt into DuckDB. A plain generator yields pages of parsed lines: the fastest of dlt's ways in.

HINTS is JSON: arguments of dlt.resource(), if more is to be said than its name.

usage: dlt_load.py best|installed FILE DATABASE [HINTS]
"""

import json
import os
import sys

# Every file is a unit of work for one of the workers. Insert statements are the default, parquet is the fastest.
BEST = {
    "NORMALIZE__WORKERS": "2",
    "DATA_WRITER__FILE_MAX_ITEMS": "50000",
    "NORMALIZE__LOADER_FILE_FORMAT": "parquet",
}
PAGE = 5000

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
if sys.argv[1] == "best":
    os.environ.update(BEST)

import dlt  # noqa: E402  (it reads the settings above)
import orjson  # noqa: E402


def pages(path):
    page = []
    with open(path, "rb") as file:
        for line in file:
            page.append(orjson.loads(line))
            if len(page) == PAGE:
                yield page
                page = []
    if page:
        yield page


def main():
    _, kind, path, database, *hints = sys.argv
    pipeline = dlt.pipeline("bench", destination=dlt.destinations.duckdb(database), dataset_name="raw", pipelines_dir="dlt")
    resource = {"name": "events", **json.loads(*hints or ["{}"])}
    file_format = BEST["NORMALIZE__LOADER_FILE_FORMAT"] if kind == "best" else None
    pipeline.run(dlt.resource(pages(path), **resource), loader_file_format=file_format)


if __name__ == "__main__":
    main()
