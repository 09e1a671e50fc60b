"""
Load a file of JSON lines with DuckDB's own reader into one table; objects and lists stay nested values in it.

usage: read_json.py FILE DATABASE
"""

import sys

import duckdb


def main():
    _, path, database = sys.argv
    with duckdb.connect(database) as connection:
        connection.execute("CREATE TABLE events AS SELECT * FROM read_json($1, format = 'newline_delimited')", [path])


main()
