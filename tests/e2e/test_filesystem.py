"""Loads into folders of files through the command, and docs/reference/filesystem.md, whose examples are run."""

import re
import shlex

import duckdb
import pytest
from harness import cli, lake, planning, weir

PAGE = (weir.ROOT / "docs" / "reference" / "filesystem.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
PIPELINE = """
[pipeline]
destination = "filesystem"
dataset_name = "raw"

[source.filesystem]
bucket_url = "data"
resources = [{ name = "events" }]
"""


def blocks(language):
    return [text for name, text in BLOCKS if name == language]


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def project(folder, config="", rows='{"id": 1}\n'):
    for name, text in (
        ("pipelines/events.toml", PIPELINE),
        (".dlt/config.toml", config or '[destination.filesystem]\nbucket_url = "lake"\n'),
        ("data/events.jsonl", rows),
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def test_the_commands_of_the_page_make_the_files_that_it_shows(tmp_path):
    commands, shown = blocks("")
    (tmp_path / "orders.jsonl").write_text(blocks("json")[0])

    for line in commands.splitlines():
        weir.run(tmp_path, *shlex.split(line)[1:])

    loads = sorted(path.stem.split("__")[1] for path in (tmp_path / "lake/raw/_dlt_loads").iterdir())
    found = "".join(f"lake/{path}\n" for path in files(tmp_path / "lake"))
    for number, load_id in enumerate(loads, 1):
        found = found.replace(load_id, f"LOAD{number}")
    found = re.sub(r"[0-9a-f]{64}", "HASH", re.sub(r"\d{10}\.\d+", "TIME", found))
    assert re.sub(r"(?<=LOAD2\.)[0-9a-f]{10}", "FILE", found) == shown
    query = blocks("sql")[0].replace("lake/", f"{tmp_path}/lake/")
    assert duckdb.connect().execute(query).fetchall() == [(1, "Ada"), (2, "Bob")]


def test_the_settings_of_the_page_say_where_files_lie_and_what_they_are(tmp_path):
    project(tmp_path, blocks("toml")[0].split("\n", 1)[1], '{"id": 1, "name": "a;b"}\n')

    weir.run(tmp_path, "config", "check")
    said = weir.run(tmp_path, "run", "events").out

    assert f"The filesystem destination used file://{tmp_path}/lake location to store data" in said
    [file] = (tmp_path / "lake/raw/events").rglob("*.csv")
    assert re.fullmatch(r"\d{4}/\d\d/\d{10}\.\d{6}\.[0-9a-f]{10}\.csv", str(file.relative_to(tmp_path / "lake/raw/events")))
    assert file.read_text().startswith('"id";"name";"_dlt_load_id";"_dlt_id"\n1;"a;b";')


def test_a_plan_tells_what_is_removed_and_writes_nothing(tmp_path):
    (tmp_path / "orders.jsonl").write_text('{"id": 1, "tags": ["a"]}\n')
    words = ["orders.jsonl", "lake/", "--dataset", "raw"]
    first = planning.plan(tmp_path, *words, expect=planning.CHANGE)
    assert first["runs"][0]["loads"][0]["ddl"] == ["make dataset 'raw'"]
    weir.run(tmp_path, "copy", *words)
    weir.run(tmp_path, "copy", *words)

    plan = planning.plan(tmp_path, *words, "--write", "replace")

    [load] = plan["runs"][0]["loads"]
    assert load["ddl"] == []
    assert load["sql"] == ["remove 2 files of table 'orders'", "remove 2 files of table 'orders__tags'"]
    assert [(table["table"], table["rows"]) for table in load["tables"]] == [("orders", 1), ("orders__tags", 1)]
    log = weir.run(tmp_path, "copy", *words, "--write", "replace", WEIR_LOG="files=debug").err
    assert [line.split("files: ")[1] for line in log.splitlines() if "files: " in line] == load["sql"]


@pytest.mark.parametrize("mode", ["drop_sources", "drop_resources", "drop_data"])
def test_a_refresh_begins_anew(mode, tmp_path):
    project(tmp_path, rows='{"id": 1, "old": 2}\n')
    weir.run(tmp_path, "run", "events")
    weir.run(tmp_path, "run", "events")
    (tmp_path / "data/events.jsonl").write_text('{"id": 3}\n')

    weir.run(tmp_path, "run", "events", "--refresh", mode)

    tables, _ = lake.read(tmp_path / "lake/raw")
    assert [row["id"] for row in tables["events"]["rows"]] == [3]
    columns = lake.newest_schema(tmp_path / "lake/raw")["tables"]["events"]["columns"]
    assert ("old" in columns) == (mode == "drop_data")
    assert len(tables["_dlt_loads"]["rows"]) == 3
    if mode != "drop_data":
        assert len(tables["_dlt_version"]["rows"]) == 1


def test_merging_appends_and_says_so(tmp_path):
    (tmp_path / "users.jsonl").write_text('{"id": 1}\n')
    words = ["copy", "users.jsonl", "lake/", "--dataset", "raw", "--write", "merge", "--primary-key", "id"]
    weir.run(tmp_path, *words)

    said = weir.run(tmp_path, *words).err

    assert "table 'users': the destination cannot merge: rows are appended" in said
    tables, _ = lake.read(tmp_path / "lake/raw")
    assert [row["id"] for row in tables["users"]["rows"]] == [1, 1]


def test_a_working_folder_that_is_lost_is_restored_from_the_files(tmp_path):
    project(tmp_path)
    text = PIPELINE.replace('"events" }', '"events", incremental = { cursor_path = "id" } }')
    (tmp_path / "pipelines/events.toml").write_text(text)
    weir.run(tmp_path, "run", "events")
    for path in sorted((tmp_path / ".weir").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (tmp_path / "data/events.jsonl").write_text('{"id": 1}\n{"id": 2}\n')

    weir.run(tmp_path, "run", "events")

    tables, _ = lake.read(tmp_path / "lake/raw")
    assert sorted(row["id"] for row in tables["events"]["rows"]) == [1, 2]


def test_what_cannot_be_done_is_refused_with_a_hint(tmp_path):
    (tmp_path / "users.jsonl").write_text('{"id": 1}\n')
    weir.run(tmp_path, "copy", "users.jsonl", "lake/", "--dataset", "raw")
    project(tmp_path, "[destination]\n")
    cases = [
        (("copy", "users.jsonl", "s3://bucket/lake"), cli.FAILED, "not yet to s3"),
        (("copy", "users.jsonl", "lake"), cli.USAGE, "says no destination"),
        (("sql", "lake", "select 1"), cli.FAILED, f"DuckDB reads those of a table: select * from '{tmp_path}/lake/raw/TABLE"),
        (("show", "lake"), cli.FAILED, "cannot be asked in SQL"),
        (("run", "events"), cli.CONFIGURATION, "bucket_url"),
    ]
    for words, status, text in cases:
        said = weir.run(tmp_path, *words, expect=status).err
        assert text in said and "hint:" in said, said
