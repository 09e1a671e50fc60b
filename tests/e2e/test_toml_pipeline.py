"""Pipelines written in TOML: what a file says is what happens, and what is wrong with it is told with its place."""

import json
import os
import re
from decimal import Decimal

import duckdb
import pytest

from harness import weir

PAGE = (weir.ROOT / "docs" / "guide" / "pipelines.md").read_text()


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def project(folder, text, files=None, name="events"):
    """A project with one pipeline, and files below `data`."""
    (folder / "pipelines").mkdir(exist_ok=True)
    (folder / "pipelines" / f"{name}.toml").write_text(text)
    for path, content in (files or {}).items():
        file = folder / "data" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)


def pipeline(resource, source=""):
    return f"""
[pipeline]
destination = "duckdb"
dataset_name = "raw"

[source.filesystem]
bucket_url = "data"
{source}
resources = [{{ {resource} }}]
"""


def query(folder, sql, name="events"):
    with duckdb.connect(str(folder / f"{name}.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def state(folder, name="events"):
    return json.loads((folder / ".weir" / "pipelines" / name / "state.json").read_text())


# ---- what works ----


def test_the_pipeline_of_the_page_loads(tmp_path):
    [text] = re.findall(r"^```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    rows = [
        {"id": 1, "kind": "Order Paid", "updated_at": "2024-02-01", "price": "1.5"},
        {"id": 2, "kind": "refund", "updated_at": "2024-02-02", "price": 2},
        {"id": 3, "kind": "refund", "updated_at": "2023-02-02", "price": 2},
    ]
    project(tmp_path, text, {"events/2024/a.jsonl": lines(*rows), "countries.json": '[{"code": "CH"}, {"code": "NO"}]'})

    weir.run(tmp_path, "run", "events")
    weir.run(tmp_path, "run", "events")

    assert query(tmp_path, "SELECT id, price FROM raw.order_paid") == [(1, Decimal("1.5000"))]
    assert query(tmp_path, "SELECT id FROM raw.refund") == [(2,)]
    assert query(tmp_path, "SELECT code FROM raw.countries ORDER BY 1") == [("CH",), ("NO",)]
    kept = state(tmp_path)["sources"]["events"]["resources"]["events"]["incremental"]["updated_at"]
    assert kept["last_value"] == "2024-02-02" and len(kept["unique_hashes"]) == 1


def test_a_file_of_any_name_and_folder_is_run(tmp_path):
    (tmp_path / "rows.jsonl").write_text(lines({"id": 1}))
    (tmp_path / "load.toml").write_text(
        f'[source.filesystem]\nbucket_url = "file://{tmp_path}"\nfile_glob = "rows.jsonl"\nresources = [{{ name = "rows" }}]\n'
    )

    weir.run(tmp_path, "run", "./load.toml", "--destination", "duckdb")

    assert query(tmp_path, "SELECT id FROM load_dataset.rows", "load") == [(1,)]


def test_a_run_reads_files_that_changed_since_the_last_one(tmp_path):
    project(
        tmp_path,
        pipeline('name = "events", file_glob = "*.jsonl"', 'incremental = { cursor_path = "modification_date" }'),
        {"a.jsonl": lines({"id": 1}), "b c.jsonl": lines({"id": 2})},
    )
    os.utime(tmp_path / "data" / "a.jsonl", (1700000000, 1700000000))
    os.utime(tmp_path / "data" / "b c.jsonl", (1700000001.5, 1700000001.5))
    weir.run(tmp_path, "run", "events")
    weir.run(tmp_path, "run", "events")
    assert query(tmp_path, "SELECT id FROM raw.events ORDER BY 1") == [(1,), (2,)]

    (tmp_path / "data" / "late.jsonl").write_text(lines({"id": 3}))
    os.utime(tmp_path / "data" / "late.jsonl", (1600000000, 1600000000))
    (tmp_path / "data" / "same.jsonl").write_text(lines({"id": 4}))
    os.utime(tmp_path / "data" / "same.jsonl", (1700000001.5, 1700000001.5))
    os.utime(tmp_path / "data" / "a.jsonl", (1700000002, 1700000002))
    weir.run(tmp_path, "run", "events")

    assert query(tmp_path, "SELECT id FROM raw.events ORDER BY 1") == [(1,), (1,), (2,), (4,)]
    kept = state(tmp_path)["sources"]["events"]["resources"]["filesystem_events"]["incremental"]["modification_date"]
    assert kept["last_value"] == "\uf0272023-11-14T22:13:22+00:00"


def test_no_files_are_no_rows(tmp_path):
    project(tmp_path, pipeline('name = "events", file_glob = "*.jsonl"'))

    weir.run(tmp_path, "run", "events")
    assert "0 load package(s) were loaded" in weir.run(tmp_path, "run", "events").out
    assert query(tmp_path, "SELECT table_name FROM information_schema.tables WHERE table_name = 'events'") == []


def test_the_levels_of_the_source_are_kept_in_the_schema(tmp_path):
    project(
        tmp_path,
        pipeline('name = "events"', "max_table_nesting = 0"),
        {"a.jsonl": lines({"id": 1, "tags": ["x"]})},
    )

    weir.run(tmp_path, "run", "events")

    assert query(tmp_path, "SELECT tags FROM raw.events") == [('["x"]',)]
    [(schema,)] = query(tmp_path, "SELECT schema FROM raw._dlt_version ORDER BY version DESC LIMIT 1")
    assert json.loads(schema)["normalizers"]["json"]["config"] == {"max_nesting": 0}


def test_the_contract_of_the_source_holds_for_all_tables(tmp_path):
    project(
        tmp_path,
        pipeline('name = "events"', 'schema_contract = { columns = "freeze" }'),
        {"a.jsonl": lines({"id": 1})},
    )
    weir.run(tmp_path, "run", "events")
    (tmp_path / "data" / "a.jsonl").write_text(lines({"id": 1, "new": 1}))

    told = weir.run(tmp_path, "run", "events", expect=1).err

    assert "Can't add table column `new` to table `events`" in told and "a.jsonl" in told
    assert query(tmp_path, "SELECT count(*) FROM raw.events") == [(1,)]


def test_where_the_files_are_may_be_in_the_configuration(tmp_path):
    text = '[pipeline]\ndestination = "duckdb"\n[source.filesystem]\nresources = [{ name = "events" }]\n'
    project(tmp_path, text, {"a.jsonl": lines({"id": 1}), "b.txt": "no JSON"})
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt" / "config.toml").write_text('[sources.filesystem]\nbucket_url = "data"\nfile_glob = "*.jsonl"\n')

    weir.run(tmp_path, "run", "events")

    assert query(tmp_path, "SELECT id FROM events_dataset.events") == [(1,)]


def test_rows_are_merged_by_their_key(tmp_path):
    project(
        tmp_path,
        pipeline('name = "events", write_disposition = { disposition = "merge", strategy = "upsert" }, primary_key = "id"'),
        {"a.jsonl": lines({"id": 1, "v": "old"}, {"id": 2, "v": "old"})},
    )
    weir.run(tmp_path, "run", "events")
    (tmp_path / "data" / "a.jsonl").write_text(lines({"id": 2, "v": "new"}))

    weir.run(tmp_path, "run", "events")

    assert query(tmp_path, "SELECT id, v FROM raw.events ORDER BY 1") == [(1, "old"), (2, "new")]


def test_a_contract_that_the_source_no_longer_says_no_longer_holds(tmp_path):
    frozen = pipeline('name = "events"', 'schema_contract = { columns = "freeze" }\nmax_table_nesting = 0')
    project(tmp_path, frozen, {"a.jsonl": lines({"id": 1})})
    weir.run(tmp_path, "run", "events")

    project(tmp_path, pipeline('name = "events"'), {"a.jsonl": lines({"id": 2, "new": 1, "tags": ["x"]})})
    weir.run(tmp_path, "run", "events")

    assert query(tmp_path, "SELECT id, new FROM raw.events ORDER BY id") == [(1, None), (2, 1)]
    assert query(tmp_path, "SELECT value FROM raw.events__tags") == [("x",)]
    [(schema,)] = query(tmp_path, "SELECT schema FROM raw._dlt_version ORDER BY version DESC LIMIT 1")
    assert "schema_contract" not in json.loads(schema)["settings"]


@pytest.mark.parametrize("table_name", ["", ', table_name = { field = "kind" }'], ids=["direct", "by the log"])
def test_rows_of_a_table_that_the_contract_discards_are_counted_and_no_load(table_name, tmp_path):
    known = pipeline('name = "known"')
    project(tmp_path, known, {"a.jsonl": lines({"id": 1, "kind": "other"}, {"id": 2, "kind": "other"})})
    weir.run(tmp_path, "run", "events")

    discards = f'name = "other"{table_name}, schema_contract = {{ tables = "discard_row" }}'
    project(tmp_path, pipeline(discards))
    told = weir.run(tmp_path, "run", "events")

    assert "0 load package(s) were loaded" in told.out
    assert "table 'other': the schema contract dropped 2 rows and 0 values" in told.err
    assert query(tmp_path, "SELECT table_name FROM information_schema.tables WHERE table_name = 'other'") == []
    assert query(tmp_path, "SELECT count(*) FROM raw._dlt_loads") == [(1,)]


def test_a_resource_without_rows_leaves_no_table_in_the_schema(tmp_path):
    project(
        tmp_path,
        pipeline('name = "events", file_glob = "*.jsonl" }, { name = "more", file_glob = "more/*"'),
        {"a.jsonl": lines({"id": 1}), "more/empty.jsonl": ""},
    )

    weir.run(tmp_path, "run", "events")

    [(schema,)] = query(tmp_path, "SELECT schema FROM raw._dlt_version")
    assert [name for name in json.loads(schema)["tables"] if not name.startswith("_dlt")] == ["events"]


def test_a_dropped_row_adds_the_columns_that_the_contract_allows(tmp_path):
    contract = 'name = "events", schema_contract = { columns = "discard_row" }'
    project(tmp_path, pipeline(contract), {"a.jsonl": lines({"id": 1})})
    weir.run(tmp_path, "run", "events")

    project(tmp_path, pipeline(contract), {"a.jsonl": lines({"id": "x", "new": 1})})
    weir.run(tmp_path, "run", "events")

    assert query(tmp_path, "SELECT id, id__v_text FROM raw.events") == [(1, None)]


@pytest.mark.parametrize("write", ["append", "replace"], ids=["by another disposition", "by the same"])
def test_what_is_replaced_by_no_rows_is_emptied(write, tmp_path):
    project(tmp_path, pipeline(f'name = "events", write_disposition = "{write}"'), {"a.jsonl": lines({"id": 1, "l": [1]})})
    weir.run(tmp_path, "run", "events")

    project(tmp_path, pipeline('name = "events", write_disposition = "replace"'), {"a.jsonl": ""})
    weir.run(tmp_path, "run", "events")

    assert query(tmp_path, "SELECT (SELECT count(*) FROM raw.events), (SELECT count(*) FROM raw.events__l)") == [(0, 0)]


def test_of_the_tables_that_rows_name_those_without_rows_are_emptied(tmp_path):
    resource = 'name = "events", table_name = { field = "kind" }, write_disposition = "replace"'
    project(tmp_path, pipeline(resource), {"a.jsonl": lines({"kind": "a", "id": 1}, {"kind": "b", "id": 2, "l": [1]})})
    weir.run(tmp_path, "run", "events")

    project(tmp_path, pipeline(resource), {"a.jsonl": lines({"kind": "a", "id": 3})})
    weir.run(tmp_path, "run", "events")

    assert query(tmp_path, "SELECT id FROM raw.a") == [(3,)]
    assert query(tmp_path, "SELECT (SELECT count(*) FROM raw.b), (SELECT count(*) FROM raw.b__l)") == [(0, 0)]


def test_replacing_keeps_in_mind_which_files_were_read(tmp_path):
    resource = 'name = "events", write_disposition = "replace"'
    text = pipeline(resource, 'incremental = { cursor_path = "modification_date" }')
    project(tmp_path, text, {"a.jsonl": lines({"id": 1}), "b.jsonl": lines({"id": 2})})
    for number, name in enumerate("ab"):
        os.utime(tmp_path / "data" / f"{name}.jsonl", (1700000000 + number,) * 2)
    weir.run(tmp_path, "run", "events")

    os.utime(tmp_path / "data" / "a.jsonl", (1700000005,) * 2)
    weir.run(tmp_path, "run", "events")

    assert query(tmp_path, "SELECT id FROM raw.events") == [(1,)]


# ---- what is wrong ----

BAD = {
    "no key of a resource": ('name = "events", filter = "x"', "a resource has no key 'filter'", None),
    "nearest key": ('name = "events", file_globb = "x"', "a resource has no key 'file_globb'", "did you mean 'file_glob'?"),
    "no name": ('file_glob = "x"', "a resource has no 'name'", None),
    "not a text": ('name = 1', "'name' is an integer, expected a text", None),
    "unknown type": ('name = "e", columns = { a = { data_type = "int" } }', "has the unknown data type 'int'", "bigint"),
    "unknown argument": ('name = "e", incremental = { cursor = "a" }', "an incremental has no key 'cursor'", None),
    "no cursor": ('name = "e", incremental = { lag = 1 }', "an incremental has no 'cursor_path'", None),
    "unknown word": ('name = "e", incremental = { cursor_path = "a", row_order = "up" }', "'row_order' of the incremental is 'up'", "asc"),
    "unknown contract": ('name = "e", schema_contract = "forbid"', "forbid", "freeze"),
    "unknown format": ('name = "e", format = "xml"', "the format 'xml' cannot be read", "jsonl"),
    "bad table": ('name = "e", table_name = { column = "k" }', "'table_name' has no key 'column'", None),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_wrong_with_a_resource_is_told_with_its_place(case, tmp_path):
    resource, message, hint = BAD[case]
    project(tmp_path, pipeline(resource), {"a.jsonl": lines({"id": 1})})

    told = weir.run(tmp_path, "run", "events", expect=None)

    assert told.status in (1, 3), told
    assert re.search(r"pipelines/events\.toml:9:\d+: ", told.err), told
    assert message in told.err, told
    assert hint is None or hint in told.err.split("hint: ")[1], told
    assert not (tmp_path / "events.duckdb").exists()


def test_an_unknown_table_is_told(tmp_path):
    project(tmp_path, '[pipelin]\ndestination = "duckdb"\n')

    told = weir.run(tmp_path, "run", "events", expect=3).err

    assert "events.toml:1:" in told and "a pipeline has no key 'pipelin'" in told and "did you mean 'pipeline'?" in told


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ('{"id": 2, "kind": 7}', "the field 'kind', which names the table of each row, is no text"),
        ('{"id": 2}', "the field 'kind', which names the table of each row, is missing"),
        ('{"id": 2,', "a.jsonl:2"),
        ("[1]", "the row is no object"),
        ("", "the line is empty"),
    ],
)
def test_a_row_without_a_table_is_told_with_its_line(second, said, tmp_path):
    rows = f'{{"id": 1, "kind": "a"}}\n{second}\n{{"id": 3, "kind": "a"}}\n'
    project(tmp_path, pipeline('name = "events", table_name = { field = "kind" }'), {"a.jsonl": rows})

    told = weir.run(tmp_path, "run", "events", expect=1).err

    assert "a.jsonl:2: line at byte" in told and said in told, told
    assert not (tmp_path / ".weir" / "pipelines" / "events" / "packages").exists() or not list(
        (tmp_path / ".weir" / "pipelines" / "events" / "packages").iterdir()
    )


def test_a_row_that_the_load_refuses_is_told_with_its_number_in_the_file(tmp_path):
    rows = lines(*({"id": n, "kind": "ab"[n % 2]} for n in range(8)), {"id": "x", "kind": "a"})
    project(
        tmp_path,
        pipeline('name = "events", table_name = { field = "kind" }, schema_contract = { data_type = "freeze" }'),
        {"a.jsonl": rows},
    )

    told = weir.run(tmp_path, "run", "events", expect=1).err

    assert "a.jsonl: row 9: " in told, told


def test_rows_of_a_table_that_is_to_be_skipped_are_refused_and_nothing_is_loaded(tmp_path):
    skipped = 'name = "events", write_disposition = "skip"'
    project(tmp_path, pipeline(skipped), {"a.jsonl": lines({"id": 1, "tags": ["a"]})})

    told = weir.run(tmp_path, "run", "events", expect=1)

    assert "table 'events' got rows, and has the write disposition 'skip', which loads none" in told.err
    assert "hint: leave its resource out" in told.err
    with duckdb.connect(str(tmp_path / "events.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]
