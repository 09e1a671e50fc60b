"""
Reads a dataset of files and brings it to the canonical form of dataset.py, in which two loads of the same rows are equal;
beside it stand the files, by paths without what differs from load to load. dlt begins another csv file where a column is
added; how rows are split does not bind, so files of a load whose paths differ in their ids only count as one.
"""

import csv
import gzip
import io
import json
import re

from harness import dataset, typed

LOAD_ID = re.compile(r"(?<!\d)\d{10}\.\d+")
FILE_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{10}(?![0-9a-f])")
HASH = re.compile(r"[0-9a-f]{64}")
LEDGERS = ("_dlt_loads", "_dlt_version", "_dlt_pipeline_state")
UNREAD = ("created_at", "inserted_at")


def files(folder):
    """Every file of a dataset, by its path."""
    return {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}


def text(path):
    """Readers tell packed files by their first bytes, not by their names."""
    content = path.read_bytes()
    return (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode()


def rows(path):
    """The rows of a file, and the header of csv."""
    if ".csv" not in path.name:
        return [json.loads(line) for line in text(path).splitlines()], ()
    lines = list(csv.reader(io.StringIO(text(path), newline="")))
    return [dict(zip(lines[0], line)) for line in lines[1:]], lines[0]


def table_of(path, tables):
    """The table whose name is in the path; of several the longest."""
    found = [name for name in tables if re.search(rf"(?<![a-z0-9_]){name}(?![a-z0-9_])", path)]
    assert found, f"{path} is of no table of {sorted(tables)}"
    return max(found, key=len)


def documents(folder, table):
    paths = sorted((folder / table).glob("*.jsonl"))
    return [{name: _cell(name, cell) for name, cell in json.loads(text(path)).items()} for path in paths]


def _cell(name, cell):
    return {"$t": "datetime", "v": cell} if name in UNREAD else typed.encode(cell)


def newest_schema(folder):
    return json.loads(max(documents(folder, "_dlt_version"), key=lambda row: row["inserted_at"]["v"])["schema"])


def read(folder):
    """{table: {"columns": [], "rows": […]}}, and the files with their headers and how many rows are in them."""
    names = [name for name in newest_schema(folder)["tables"] if not name.startswith("_dlt")]
    tables = {name: {"columns": [], "rows": documents(folder, name)} for name in LEDGERS if (folder / name).exists()}
    counts = {}
    for path, file in files(folder).items():
        if path.startswith("_dlt") or path == "init":
            counts[path] = (1, ())
            continue
        found, header = rows(file)
        counts[path] = (len(found), header)
        table = tables.setdefault(table_of(path, names), {"columns": [], "rows": []})
        table["rows"] += [_plain_row(row) for row in found]
    return tables, counts


def _plain_row(row):
    """Keys of jsonl stand in any order; an empty field of csv says as much as a column that is not there yet."""
    return {name: typed.encode(row[name]) for name in sorted(row) if row[name] != ""}


def canonical(folder):
    """{"tables": as dataset.canonical(), "files": {path with labels: (rows, widest header)}}"""
    tables, counts = read(folder)
    loads = dataset._load_labels(tables.items())
    found = {}
    for path, (rows, header) in counts.items():
        before, widest = found.get(_plain(path, loads), (0, ()))
        found[_plain(path, loads)] = (before + rows, max(widest, header, key=len))
    return {"tables": dataset._schema(tables, loads, False), "files": found}


def _plain(path, loads):
    """A path with labels of load ids; times that are of the run, and hashes, are all alike."""
    path = LOAD_ID.sub(lambda found: loads.get(found[0], "<TIME>"), path)
    path = re.sub(r"(?<!\d)\d{13}(?!\d)", "<MS>", re.sub(r"(?<!\d)1[78]\d{8}(?!\d)", "<SECONDS>", path))
    return FILE_ID.sub("<FILE>", HASH.sub("<HASH>", path))


def check_same(folder, expected_folder):
    dataset.check_equal(canonical(folder), canonical(expected_folder))
