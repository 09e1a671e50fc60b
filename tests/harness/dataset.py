"""
Reads a DuckDB file and brings it to the canonical form of the golden vectors, in which two loads of the same rows are
equal: load ids L1, L2 …, row ids by linkage, times apart, documents parsed. Column order is significant.
"""

import base64
import datetime
import json
import zlib
from decimal import Decimal

import duckdb

from harness import typed

TIMES = ("inserted_at", "created_at")
DEFINITIONS = "SELECT schema_name || '.' || table_name, sql FROM duckdb_tables() ORDER BY 1"
LINKS = ("_dlt_id", "_dlt_parent_id", "_dlt_root_id")


def connect(file, **config):
    connection = duckdb.connect(str(file), read_only=True, config=config)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def query(file, sql):
    """The rows of a query, as tuples."""
    connection = connect(file)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def definitions(file):
    """The CREATE statements of all tables: types, order, nullability and constraints as DuckDB sees them."""
    return dict(query(file, DEFINITIONS))


def decode_state(text):
    """A state document as `_dlt_pipeline_state` stores it."""
    return json.loads(zlib.decompress(base64.b64decode(text, validate=True)))


def ordered(schema):
    """A schema document in which the order of columns counts when two are compared."""
    tables = {
        name: {**table, "columns": list(table["columns"].items())} if "columns" in table else table
        for name, table in schema["tables"].items()
    }
    return {**schema, "tables": tables}


def canonical(file, literal_ids=False):
    """
    {database schema: {table: {"columns": [(name, type, nullable)], "rows": […]}}}. `literal_ids`: row ids follow from the
    rows, and stay.
    """
    connection = connect(file)
    try:
        return canonical_of(connection, literal_ids)
    finally:
        connection.close()


def canonical_of(connection, literal_ids=False):
    names = connection.execute("SELECT schema_name FROM duckdb_tables() GROUP BY 1 ORDER BY 1").fetchall()
    schemas = {name: _read(connection, name) for (name,) in names}
    loads = _load_labels([table for tables in schemas.values() for table in tables.items()])
    return {name: _schema(tables, loads, literal_ids) for name, tables in schemas.items()}


def differences(got, expected, place=""):
    """What differs between two canonical forms, a line each: where, and both values."""
    if isinstance(got, dict) and isinstance(expected, dict):
        steps = [(key, got.get(key, "nothing"), expected.get(key, "nothing")) for key in {**got, **expected}]
    elif isinstance(got, (list, tuple)) and isinstance(expected, (list, tuple)) and len(got) == len(expected):
        steps = [(number, *pair) for number, pair in enumerate(zip(got, expected))]
    else:
        return [] if got == expected else [f"{place}: {got!r}, expected {expected!r}"]
    return [line for key, *pair in steps for line in differences(*pair, f"{place}/{key}")]


def check_equal(got, expected):
    """Two canonical forms are equal; the message lists what is not, line by line."""
    lines = differences(got, expected)
    assert not lines, "\n".join(line[:500] for line in lines)


def check_same(file, expected_file, literal_ids=False):
    """Two files hold the same: rows and documents in canonical form, and the tables as they were made."""
    check_equal(canonical(file, literal_ids), canonical(expected_file, literal_ids))
    check_equal(definitions(file), definitions(expected_file))


def of_vector(after):
    """The `after` of a vector of duckdb_tables.json in the form that canonical() gives."""
    result = {}
    for schema, content in after.items():
        result[schema] = {name: _of_vector_table(name, table) for name, table in content["tables"].items()}
    return result


def _of_vector_table(name, table):
    rows = [list(row) for row in table["rows"]]
    if name == "_dlt_version":
        rows = [row[:-1] + [ordered(row[-1])] for row in rows]
    return {"columns": [tuple(column) for column in table["columns"]], "rows": rows}


def _schema(tables, loads, literal_ids):
    labels = None if literal_ids else {}
    data = {name: table for name, table in tables.items() if not name.startswith("_dlt_")}
    result = {name: _system_table(name, table, loads) for name, table in tables.items() if name not in data}
    for name in _parents_first(data):
        result[name] = _data_table(name, data[name], loads, labels)
    return result


def _read(connection, schema):
    """Every table of a database schema: columns, and rows as dictionaries of cells."""
    tables = {}
    columns = connection.execute(
        "SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns() "
        "WHERE schema_name = ? ORDER BY table_name, column_index",
        [schema],
    ).fetchall()
    for table, column, data_type, nullable in columns:
        tables.setdefault(table, {"columns": [], "rows": []})["columns"].append((column, data_type, nullable))
    for name, table in tables.items():
        cursor = connection.execute(f'SELECT * FROM "{schema}"."{name}"')
        table["rows"] = [_cells(table["columns"], row) for row in cursor.fetchall()]
    return tables


def _cells(columns, row):
    cells = {}
    for (name, data_type, _), value in zip(columns, row):
        is_json = data_type == "JSON" and value is not None
        cells[name] = {"$t": "json", "v": json.loads(value)} if is_json else typed.encode(value)
    return cells


def _load_labels(tables):
    """Each load id of a file with its label, in ascending order; the time that it is, too."""
    ids = set()
    for name, table in tables:
        column = "load_id" if name == "_dlt_loads" else "_dlt_load_id"
        ids.update(row[column] for row in table["rows"] if column in row)
    labels = {}
    for number, load_id in enumerate(sorted(ids, key=Decimal), 1):
        labels[load_id] = f"L{number}"
        time = datetime.datetime.fromtimestamp(float(load_id), datetime.timezone.utc)
        labels[time.isoformat(timespec="microseconds")] = f"@L{number}"
    return labels


def _time_label(cell, loads):
    """A time stamp that is a load id becomes its label: from when or to when a version of a row is valid."""
    if isinstance(cell, dict) and cell.get("$t") == "datetime":
        time = datetime.datetime.fromisoformat(cell["v"])
        return loads.get(time.isoformat(timespec="microseconds"), cell)
    return cell


def _system_table(name, table, loads):
    rows = sorted(table["rows"], key=lambda row: [str(row[time]) for time in TIMES if time in row])
    decoders = {
        "_dlt_version": ("schema", lambda text: ordered(json.loads(text))),
        "_dlt_pipeline_state": ("state", decode_state),
    }
    result = []
    for row in rows:
        row = dict(row)
        row.update({time: "<TIME>" for time in TIMES if time in row})
        row.update({column: loads[row[column]] for column in ("load_id", "_dlt_load_id") if column in row})
        if "_dlt_id" in row:
            row["_dlt_id"] = "<ID>"
        if name in decoders:
            column, decode = decoders[name]
            row[column] = decode(row[column])
        result.append(list(row.values()))
    return {"columns": table["columns"], "rows": result}


def _parents_first(tables):
    return sorted(tables, key=lambda name: (name.count("__"), name))


def _data_table(name, table, loads, labels):
    """Rows in canonical order with labels for ids; adds the labels of this table to `labels`. None: ids stay."""
    rows = []
    for row in table["rows"]:
        row = {column: _time_label(cell, loads) for column, cell in row.items()}
        if "_dlt_load_id" in row:
            row["_dlt_load_id"] = loads[row["_dlt_load_id"]]
        for link in LINKS[1:]:
            if link in row and labels is not None:
                row[link] = labels.get(row[link], "nowhere")
        rows.append(row)
    rows.sort(key=_position)
    for number, row in enumerate(rows, 1):
        if labels is None:
            break
        label = f"{name}#{number}"
        assert row["_dlt_id"] not in labels, f"two rows with _dlt_id {row['_dlt_id']}"
        labels[row["_dlt_id"]] = label
        row["_dlt_id"] = label
    return {"columns": table["columns"], "rows": [list(row.values()) for row in rows]}


def _position(row):
    others = {name: value for name, value in row.items() if name not in LINKS and name != "_dlt_list_idx"}
    return row.get("_dlt_parent_id", ""), row.get("_dlt_list_idx", 0), json.dumps(others, sort_keys=True)
