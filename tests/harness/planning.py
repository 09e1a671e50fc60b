"""Plans, and the loads that follow them: what one says and the other does, in one form."""

import hashlib
import json
import re

import duckdb

from harness import weir

NO_CHANGE, CHANGE, REFUSED = 0, 4, 5

LINE = re.compile(r"^weir: [\d:.]+ debug: sql: (.*)$")
BOOKKEEPING = re.compile(r'INSERT INTO \S+\."_dlt_(version|loads)" ')
TIMES = re.compile(r"'\d{4}-\d\d-\d\dT[^']*'|'\d{10}\.\d+'")


def files(folder):
    """Every path below the folder with what it holds."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in folder.rglob("*")
    }


def plan(folder, *words, expect=None, **options):
    """The plan as a document, its exit status as `status`, what was said beside it as `said`. Nothing may be written."""
    before = files(folder)
    result = weir.run(folder, "plan", *words, "--json", expect=expect, **options)
    assert files(folder) == before, "the plan has left something"
    return json.loads(result.out) | {"status": result.status, "said": result.err}


def plain(statement):
    """A statement on one line, without what is of one load only."""
    return TIMES.sub("'…'", re.sub(r"\s+", " ", statement).strip())


def planned(document):
    """All statements of a plan. Tables that wait take turns, so that their order is not one of time."""
    loads = [load for run in document["runs"] for load in run["loads"]]
    return sorted(plain(text) for load in loads for text in load["ddl"] + load["sql"])


def executed(log):
    """The statements that a load's log shows, without its bookkeeping."""
    statements = []
    for line in log.splitlines():
        found = LINE.match(line)
        if found:
            statements.append(found[1])
        elif statements and line.startswith("  "):
            statements[-1] += " " + line
        elif not line.startswith("weir: "):
            raise AssertionError(f"a line that is no log line: {line}")
    return sorted(plain(text) for text in statements if not BOOKKEEPING.match(text))


def tables(document):
    """The tables of the last load that the plan shows."""
    return {table["table"]: table for table in document["runs"][-1]["loads"][-1]["tables"]}


def stored(file, dataset):
    """Rows and columns of the data tables of a dataset; none when there is no file."""
    if not file.exists():
        return {}
    with duckdb.connect(str(file), read_only=True) as connection:
        found = connection.execute(
            "SELECT table_name, list(column_name) FROM duckdb_columns() WHERE schema_name = ? GROUP BY 1", [dataset]
        ).fetchall()
        return {
            name: (connection.execute(f'SELECT count(*) FROM "{dataset}"."{name}"').fetchone()[0], set(columns))
            for name, columns in found
            if not name.startswith("_dlt")
        }
