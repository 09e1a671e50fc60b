"""`weir copy`: files and the standard input into a DuckDB file, without a project."""

import gzip
import json
import subprocess

import duckdb
import pytest

from harness import weir

ROWS = [{"id": i, "name": f"n{i}", "tags": ["a", "b"][: i % 3]} for i in range(1000)]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)


def query(file, sql):
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def copy(folder, *arguments, **options):
    return weir.run(folder, "copy", *arguments, **options)


def check_rows(file, table="events", dataset="x_dataset"):
    assert query(file, f"select count(*), sum(id), count(distinct _dlt_id) from {dataset}.{table}") == [(1000, 499500, 1000)]
    assert query(file, f"select count(*) from {dataset}.{table}__tags") == [(sum(len(row["tags"]) for row in ROWS),)]


def test_a_file_of_lines_becomes_a_table_of_its_name(tmp_path):
    (tmp_path / "events.jsonl").write_text(LINES)

    told = copy(tmp_path, "events.jsonl", "duckdb:///x.duckdb").out

    check_rows(tmp_path / "x.duckdb")
    assert "1999 rows in 2 tables" in told or "rows in 2 tables" in told
    assert f"duckdb:///{tmp_path}/x.duckdb" in told


@pytest.mark.parametrize("pack", ["gzip", "zstd", "array"])
def test_packed_files_and_arrays_are_told_by_their_content(pack, tmp_path):
    content = json.dumps(ROWS).encode() if pack == "array" else LINES.encode()
    if pack == "gzip":
        content = gzip.compress(content)
    if pack == "zstd":
        content = subprocess.run(["zstd", "-c"], input=content, capture_output=True, check=True).stdout
    (tmp_path / "events.data").write_bytes(content)

    copy(tmp_path, "events.data", "duckdb:///x.duckdb")

    check_rows(tmp_path / "x.duckdb")


def test_the_standard_input_goes_through_the_log(tmp_path):
    done = subprocess.run(
        [weir.release(), "copy", "-", "duckdb:///x.duckdb", "--table", "events"],
        cwd=tmp_path, env=weir.environment(tmp_path), input=LINES, text=True, capture_output=True, check=True,
    )

    assert done.stderr == ""
    check_rows(tmp_path / "x.duckdb")


def test_a_pattern_reads_its_files_in_order(tmp_path):
    half = LINES.index('{"id": 500,')
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "1.jsonl").write_text(LINES[:half])
    (tmp_path / "data" / "2.jsonl").write_text(LINES[half:])

    copy(tmp_path, "data/*.jsonl", "duckdb:///x.duckdb", "--table", "events", "--dataset", "raw")

    check_rows(tmp_path / "x.duckdb", dataset="raw")
    assert [id for (id,) in query(tmp_path / "x.duckdb", "select id from raw.events")] == list(range(1000))


def test_append_adds_and_replace_replaces(tmp_path):
    (tmp_path / "events.jsonl").write_text('{"id": 1, "l": [1]}\n')
    for write, count in (("append", 1), ("append", 2), ("replace", 1)):
        copy(tmp_path, "events.jsonl", "x.duckdb", "--write", write)
        assert query(tmp_path / "x.duckdb", "select count(*) from x_dataset.events") == [(count,)]
        assert query(tmp_path / "x.duckdb", "select count(*) from x_dataset.events__l") == [(count,)]


MERGED = {
    ("--primary-key", "id"): [(1, "a"), (2, "B"), (3, "c")],
    ("--primary-key", "id", "--strategy", "upsert"): [(1, "a"), (2, "B"), (3, "c")],
    ("--primary-key", "id", "--strategy", "insert-only"): [(1, "a"), (2, "b"), (3, "c")],
    ("--primary-key", "id", "--strategy", "cdc"): [(2, "B"), (3, "c")],
    ("--primary-key", "id,v"): [(1, "a"), (2, "B"), (2, "b"), (3, "c")],
    ("--merge-key", "day"): [(2, "B"), (3, "c")],
    ("--strategy", "scd2"): [(1, "a"), (2, "B"), (2, "b"), (3, "c")],
}


@pytest.mark.parametrize("options", MERGED, ids=" ".join)
def test_merge_treats_rows_that_are_there_as_it_is_told(options, tmp_path):
    for rows in ({1: "a", 2: "b"}, {2: "B", 3: "c"}):
        lines = [json.dumps({"id": id, "v": v, "day": 1, "tags": [v]}) for id, v in rows.items()]
        (tmp_path / "users.jsonl").write_text("\n".join(lines))
        copy(tmp_path, "users.jsonl", "x.duckdb", "--write", "merge", *options)

    assert query(tmp_path / "x.duckdb", "select id, v from x_dataset.users order by all") == MERGED[options]


def test_an_empty_file_is_no_load_once_the_pipeline_is_known(tmp_path):
    (tmp_path / "events.jsonl").write_text('{"id": 1}\n')
    copy(tmp_path, "events.jsonl", "x.duckdb")
    (tmp_path / "events.jsonl").write_text("")

    told = copy(tmp_path, "events.jsonl", "x.duckdb").out

    assert told == "nothing to load: there are no rows\n"
    assert query(tmp_path / "x.duckdb", "select count(*) from x_dataset._dlt_loads") == [(1,)]


def test_without_nesting_lists_and_objects_stay_json(tmp_path):
    (tmp_path / "events.jsonl").write_text('{"id": 1, "l": [1, 2], "o": {"a": 1}}\n')

    copy(tmp_path, "events.jsonl", "x.duckdb", "--max-nesting", "0")

    assert query(tmp_path / "x.duckdb", "select l, o from x_dataset.events") == [("[1,2]", '{"a":1}')]


def test_the_summary_as_json_names_the_tables(tmp_path):
    (tmp_path / "events.jsonl").write_text(LINES)

    told = json.loads(copy(tmp_path, "events.jsonl", "x.duckdb", "--json").out)

    assert told["tables"]["events"] == 1000
    assert 0 < told["memory_peak"] < 64 << 20


@pytest.mark.parametrize(
    "line, words",
    [
        ('{"id": 2', "events.jsonl:2: line at byte 10"),
        ('{"id": NaN}', "events.jsonl:2: line at byte 10"),
        ("", "events.jsonl:2: line at byte 10"),
        ('{"a": "\xff"}', "events.jsonl:2: line at byte 10"),
    ],
)
def test_a_bad_line_is_named_with_file_line_and_byte(line, words, tmp_path):
    (tmp_path / "events.jsonl").write_bytes(b'{"id": 1}\n' + line.encode("latin-1") + b'\n{"id": 3}\n')

    result = copy(tmp_path, "events.jsonl", "x.duckdb", expect=1)

    assert words in result.err, result.err
    assert query(tmp_path / "x.duckdb", "select count(*) from duckdb_tables() where table_name like 'events%'") == [(0,)]


@pytest.mark.parametrize(
    "arguments, status, words",
    [
        (["none.jsonl", "x.duckdb"], 3, "none.jsonl"),
        (["events.jsonl", "x.txt"], 2, "says no destination"),
        (["events.jsonl", "duckbd:///x.duckdb"], 3, "did you mean 'duckdb'"),
        (["s3://b/x", "x.duckdb"], 1, "cannot copy from"),
        (["events.jsonl", "x.duckdb", "--write", "upsert"], 2, "append, replace, merge"),
        (["events.jsonl", "x.duckdb", "--write", "merge"], 2, "--primary-key id"),
        (["events.jsonl", "x.duckdb", "--strategy", "upsert"], 2, "goes with --write merge"),
        (["events.jsonl", "x.duckdb", "--merge-key", "day"], 2, "goes with --write merge"),
        (["events.jsonl", "x.duckdb", "--write", "merge", "--primary-key", "id", "--strategy", "best"], 3, "upsert"),
        (["events.jsonl", "x.duckdb", "--memory", "much"], 2, "512MiB"),
        (["events.jsonl", "x.duckdb", "--max-nesting", "-1"], 2, "from 0 to 1000"),
    ],
)
def test_what_cannot_be_copied_is_refused_with_a_hint(arguments, status, words, tmp_path):
    (tmp_path / "events.jsonl").write_text('{"id": 1}\n')

    result = copy(tmp_path, *arguments, expect=None)

    assert words in result.err, result.err
    assert result.status == status


def test_a_long_line_is_refused_by_default_and_loads_with_more_memory(tmp_path):
    (tmp_path / "events.jsonl").write_text(json.dumps({"id": 1, "text": "x" * 50_000_000}) + "\n")

    refused = copy(tmp_path, "events.jsonl", "x.duckdb", expect=1)
    copy(tmp_path, "events.jsonl", "x.duckdb", "--memory", "512MiB")

    assert "events.jsonl" in refused.err and "--memory" in refused.err
    assert query(tmp_path / "x.duckdb", "select length(text) from x_dataset.events") == [(50_000_000,)]


def test_columns_that_appear_one_by_one_load_within_the_budget(tmp_path):
    with (tmp_path / "events.jsonl").open("w") as lines:
        for i in range(24000):
            lines.write(json.dumps({"id": i, f"key_{i // 80}": i, f"key_{i % (i // 80 + 1)}": i}) + "\n")

    told = json.loads(copy(tmp_path, "events.jsonl", "x.duckdb", "--json").out)

    assert query(tmp_path / "x.duckdb", "select count(*), max(key_299) from x_dataset.events") == [(24000, 23999)]
    assert told["tables"]["events"] == 24000
    assert told["memory_peak"] < 64 << 20
