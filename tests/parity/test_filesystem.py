"""
Loads into folders of files through weir and through dlt 1.31: the same files, under the same names up to ids, with the same
rows, states and schemas. Cases are layouts × formats × write dispositions, nested or not, of three runs each.
WEIR_PARITY_SEED=7 runs other rows.
"""

import json
import os
import random
import subprocess
import sys

import duckdb
import pytest
from harness import lake, loads, weir

SEED = os.environ.get("WEIR_PARITY_SEED", "1")
RUNS = 3

LAYOUTS = {
    "default": {},
    "by_schema": {"layout": "{schema_name}/{table_name}/{load_id}.{file_id}.{ext}"},
    "one_folder": {"layout": "{table_name}.{load_id}.{file_id}.{ext}"},
    "schema_in_the_name": {"layout": "{schema_name}.{table_name}.{load_id}.{file_id}.{ext}"},
    "without_extension": {"layout": "{table_name}/{load_id}.{file_id}"},
    "by_load": {"layout": "{table_name}/{load_id}/{file_id}.{ext}"},
    "file_id_only": {"layout": "{table_name}/{file_id}.{ext}"},
    "load_id_only": {"layout": "{table_name}/{load_id}.{ext}"},
    "by_day": {"layout": "{table_name}/{YYYY}/{MM}/{DD}/{load_id}.{file_id}.{ext}"},
    "by_words": {"layout": "{table_name}/{MMMM}-{dddd}-{Q}/{curr_date}.{load_id}.{file_id}.{ext}"},
    "stamped": {"layout": "{table_name}/{timestamp}-{load_package_timestamp_ms}.{load_id}.{file_id}.{ext}"},
    "deep": {"layout": "{table_name}/a/b/c/{load_id}.{file_id}.{ext}"},
    "own_words": {
        "layout": "{table_name}/{owner}/{load_id}.{file_id}.{ext}",
        "extra_placeholders": '{"owner": "team a"}',
    },
    "unpacked": {"disable_compression": "true"},
}

DISPOSITIONS = ("append", "replace", "merge")
FORMATS = ("jsonl", "csv")
CASES = [(write, form, nested) for write in DISPOSITIONS for form in FORMATS for nested in (False, True)]


def environment(layout):
    env = {f"DESTINATION__FILESYSTEM__{name.upper()}": value for name, value in LAYOUTS[layout].items()}
    if compression := LAYOUTS[layout].get("disable_compression"):
        env["NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION"] = compression
    return {"DESTINATION__FILESYSTEM__BUCKET_URL": "lake", **env}


def row(rng, run, number, nested):
    result = {
        "id": number,
        "name": rng.choice(["x", 'a "b", c', "", "grüße\n🦚", None]),
        "price": rng.choice([1.5, -0.25, 1e16]),
        "amount": {"$t": "decimal", "v": rng.choice(["1.50", "-3.25"])},
        "at": {"$t": "datetime", "v": "2024-01-02T03:04:05.000600+00:00"},
        "day": {"$t": "date", "v": "2024-02-29"},
        "ok": rng.random() < 0.5,
        "place": {"city": rng.choice(["Bonn", "Ulm"])},
    }
    if run == 2 and rng.random() < 0.5:
        result["new"] = number
    if nested:
        result["tags"] = [{"v": rng.randint(1, 9), "w": [1, 2]} for _ in range(rng.randint(0, 2))]
    return result


def cases_of(layout):
    """Where files have no id, dlt loses the rows of a csv file to those of the next one, with a column more."""
    return [case for case in CASES if layout != "load_id_only" or case[1] != "csv"]


def load_of(layout):
    rng = random.Random(f"{SEED} {layout}")
    resources = [{"name": "counted", "count": 2}]
    cases = cases_of(layout)
    for write, form, nested in cases:
        name = f"{write}_{form}_{'deep' if nested else 'flat'}"
        resources.append({"name": name, "write_disposition": write, "primary_key": "id", "file_format": form})
    runs = []
    for run in range(RUNS):
        runs.append({})
        for resource, (_, _, nested) in zip(resources[1:], cases):
            # what dlt makes of the first run of a table decides its columns
            count = rng.randint(1, 5) if run == 0 else rng.choice([0, 1, 3])
            runs[run][resource["name"]] = [row(rng, run, number, nested) for number in range(count)]
    return {"pipeline": "lakes", "destination": "filesystem", "dataset": "data", "resources": resources, "runs": runs}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_files_are_those_of_dlt(layout, tmp_path, dlt, capsys):
    load, env = load_of(layout), environment(layout)

    loads.weir_all(tmp_path / "weir", load, **env)

    loads.dlt_all(dlt, tmp_path / "dlt", load, env)
    lake.check_same(tmp_path / "weir" / "lake" / "data", tmp_path / "dlt" / "lake" / "data")
    assert [path.name for path in (tmp_path / "weir" / "lake").iterdir()] == ["data"]
    with capsys.disabled():
        print(f"\nparity filesystem {layout}: {len(cases_of(layout))} cases of {RUNS} runs", end="")


# ---- one folder, two programs ----

ITEMS = {
    "pipeline": "test",
    "destination": "filesystem",
    "dataset": "data",
    "resources": [{"name": "items"}, {"name": "whole", "write_disposition": "replace"}, {"name": "counted", "count": 2}],
    "runs": [
        {"items": [{"id": 1, "tags": ["a"]}], "whole": [{"id": 1}, {"id": 2}]},
        {"items": [{"id": 2, "name": "new"}], "whole": [{"id": 3}]},
        {"items": [{"id": 3, "size": 1.5, "tags": ["b", "c"]}], "whole": []},
    ],
}
LAKE = {"DESTINATION__FILESYSTEM__BUCKET_URL": "lake"}


def take_turns(folder, engines, dlt):
    """Run number n through the n-th engine, all in one folder, each with a working folder of its own."""
    folder.mkdir()
    for run, engine in enumerate(engines):
        if engine == "weir":
            loads.weir_run(folder, ITEMS, run, **LAKE)
        else:
            dlt.run(ITEMS, run, folder, folder / engine, env=LAKE)
    return folder / "lake" / "data"


@pytest.mark.parametrize("engines", [("dlt", "weir", "dlt"), ("weir", "dlt", "weir"), ("dlt", "weir", "weir")], ids=" ".join)
def test_turns_in_one_folder_leave_what_two_dlts_would_leave(engines, tmp_path, dlt):
    left = take_turns(tmp_path / "turns", engines, dlt)

    lake.check_same(left, take_turns(tmp_path / "two", [{"weir": "second"}.get(name, name) for name in engines], dlt))
    tables, _ = lake.read(left)
    assert sorted(row["id"] for row in tables["counted"]["rows"]) == [1, 2, 3, 4, 5, 6]
    assert "whole" not in tables or tables["whole"]["rows"] == []


# ---- who reads it ----

CLIENT = """
import json, sys, dlt
pipeline = dlt.pipeline("test", pipelines_dir="dlt", destination=dlt.destinations.filesystem("lake"), dataset_name="data")
pipeline.sync_destination()
with pipeline.destination_client("test") as client:
    stored = client.get_stored_schema("test")
    by_hash = client.get_stored_schema_by_hash(stored.version_hash)
    state = client.get_stored_state("test")
    answer = {
        "initialized": client.is_storage_initialized(),
        "versions": client.storage_versions,
        "schema": stored.version_hash == pipeline.default_schema.stored_version_hash == by_hash.version_hash,
        "state": [state.version, state.pipeline_name, state._dlt_load_id],
        "files": len(client.list_table_files("items")),
    }
answer["last"] = pipeline.state["sources"]["test"]["resources"]["counted"]["last"]
with pipeline.sql_client("test") as client:
    answer["items"] = [row[0] for row in client.execute_sql("SELECT id FROM items ORDER BY 1")]
    answer["loads"] = [row[0] for row in client.execute_sql("SELECT load_id FROM _dlt_loads ORDER BY 1")]
print(json.dumps(answer))
"""


def test_the_client_of_dlt_reads_schema_state_loads_and_rows(tmp_path):
    for run in range(3):
        loads.weir_run(tmp_path, ITEMS, run, **LAKE)

    env = weir.environment(tmp_path, DLT_DATA_DIR=str(tmp_path / "data"), RUNTIME__DLTHUB_TELEMETRY="false")
    done = subprocess.run([sys.executable, "-c", CLIENT], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)

    loaded = sorted(path.name[len("test__") : -len(".jsonl")] for path in (tmp_path / "lake/data/_dlt_loads").iterdir())
    assert answer == {
        "initialized": True,
        "versions": [2, 2],
        "schema": True,
        "state": [3, "test", loaded[-1]],
        "files": 3,
        "last": 6,
        "items": [1, 2, 3],
        "loads": loaded,
    }


def test_duckdb_reads_the_files(tmp_path):
    for run in range(3):
        loads.weir_run(tmp_path, ITEMS, run, **LAKE)
    loads.weir_run(tmp_path, {**ITEMS, "dataset": "texts"}, 0, NORMALIZE__LOADER_FILE_FORMAT="csv", **LAKE)

    connection = duckdb.connect()
    items = connection.execute(f"SELECT id, name, size FROM '{tmp_path}/lake/data/items/*.jsonl.gz' ORDER BY id").fetchall()
    texts = connection.execute(f"SELECT id, _dlt_load_id FROM '{tmp_path}/lake/texts/whole/*.csv.gz' ORDER BY id").fetchall()

    assert items == [(1, None, None), (2, "new", None), (3, None, 1.5)]
    assert [id for id, _ in texts] == [1, 2]
