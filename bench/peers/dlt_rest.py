"""
Load the pages of bench-rest_server with dlt's rest_api into DuckDB, with the settings that are best for it.

usage: dlt_rest.py URL DATABASE
"""

import os
import sys

# Every file is a unit of work for one of the workers. Insert statements are the default, parquet is the fastest.
os.environ.update(
    RUNTIME__DLTHUB_TELEMETRY="false",
    NORMALIZE__WORKERS="2",
    DATA_WRITER__FILE_MAX_ITEMS="50000",
    NORMALIZE__LOADER_FILE_FORMAT="parquet",
)

import dlt  # noqa: E402  (it reads the settings above)
from dlt.sources.rest_api import rest_api_source  # noqa: E402


def main():
    _, url, database = sys.argv
    paginator = {"type": "page_number", "base_page": 1, "total_path": "pages"}
    source = rest_api_source(
        {
            "client": {"base_url": url, "paginator": paginator},
            "resources": [{"name": "items", "endpoint": {"path": "items", "data_selector": "data"}}],
        }
    )
    pipeline = dlt.pipeline("bench", destination=dlt.destinations.duckdb(database), dataset_name="raw", pipelines_dir="dlt")
    pipeline.run(source, loader_file_format="parquet")


if __name__ == "__main__":
    main()
