"""
The rows of each table of a schema in a DuckDB file, as JSON; dlt's own tables are left out.

usage: count_rows.py DATABASE SCHEMA
"""

import json
import sys

import duckdb


def main():
    _, database, schema = sys.argv
    with duckdb.connect(database, read_only=True) as connection:
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = $1 AND NOT starts_with(table_name, '_dlt')"
        names = [name for (name,) in connection.execute(query, [schema]).fetchall()]
        counts = {name: connection.execute(f'SELECT count(*) FROM "{schema}"."{name}"').fetchone()[0] for name in names}
    print(json.dumps(counts, sort_keys=True))


main()
