"""
dlt and weir take turns in one DuckDB file and dataset, each with a working folder of its own. What is then in the file
must equal what two installations of dlt leave that take the same turns.
"""

import json

import pytest

from harness import dataset, loads

ROWS = ([{"id": 1, "tags": ["a"]}], [{"id": 2, "tags": []}], [{"id": 3, "tags": ["b", "c"]}])
GROWING = ([{"id": 1}], [{"id": 2, "name": "new"}], [{"id": 3, "name": "c", "size": 1.5}])

# Who takes turns, and which dlts leave what must then be in the file. "second" and "second-1.26" stand where weir stood:
# weir keeps a schema as it was begun, while dlt 1.31 adds descriptions to one of 1.26.
ORDERS = {
    "dlt_weir_dlt": (("dlt", "weir", "dlt"), ("dlt", "second", "dlt")),
    "weir_dlt_weir": (("weir", "dlt", "weir"), ("second", "dlt", "second")),
    "begun_by_1.26_weir_dlt": (("dlt-1.26", "weir", "dlt"), ("dlt-1.26", "second-1.26", "dlt")),
    "begun_by_1.26_weir_dlt_1.26": (("dlt-1.26", "weir", "dlt-1.26"), ("dlt-1.26", "second-1.26", "dlt-1.26")),
    "begun_by_1.26_dlt_weir": (("dlt-1.26", "dlt", "weir"), ("dlt-1.26", "dlt", "second")),
}


def load_of(rows):
    return {
        "pipeline": "test",
        "dataset": "test_data",
        "resources": [{"name": "items"}, {"name": "counted", "count": 2}],
        "runs": [{"items": run} for run in rows],
    }


@pytest.fixture
def take_turns(dlt, request):
    """Run number n of a load through the n-th engine, all in one folder; returns the DuckDB file."""

    def turns(folder, load, engines):
        folder.mkdir()
        for run, engine in enumerate(engines):
            if engine == "weir":
                loads.weir_run(folder, load, run)
                continue
            reference = request.getfixturevalue("dlt_126") if engine.endswith("1.26") else dlt
            reference.run(load, run, folder, folder / engine)
        return folder / "test.duckdb"

    return turns


@pytest.mark.parametrize("rows", [ROWS, GROWING], ids=["same_columns", "new_columns"])
@pytest.mark.parametrize("order", ORDERS)
def test_turns_leave_what_two_dlts_would_leave(order, rows, tmp_path, take_turns):
    engines, oracle = ORDERS[order]

    file = take_turns(tmp_path / "turns", load_of(rows), engines)

    expected = take_turns(tmp_path / "expected", load_of(rows), oracle)
    dataset.check_same(file, expected)


@pytest.mark.parametrize("order", ["dlt_weir_dlt", "weir_dlt_weir", "begun_by_1.26_weir_dlt_1.26"])
def test_rows_add_up_state_carries_on_and_no_schema_version_is_added(order, tmp_path, take_turns):
    engines, _ = ORDERS[order]

    file = take_turns(tmp_path / "turns", load_of(ROWS), engines)

    assert dataset.query(file, "SELECT id FROM test_data.items ORDER BY 1") == [(1,), (2,), (3,)]
    assert dataset.query(file, "SELECT id FROM test_data.counted ORDER BY 1") == [(i,) for i in range(1, 7)]
    assert dataset.query(file, "SELECT count(DISTINCT load_id), count(*) FROM test_data._dlt_loads") == [(3, 3)]
    assert dataset.query(file, "SELECT count(*) FROM test_data._dlt_version") == [(1,)]
    newest = "SELECT state FROM test_data._dlt_pipeline_state ORDER BY created_at DESC LIMIT 1"
    state = dataset.decode_state(dataset.query(file, newest)[0][0])
    assert state["sources"]["test"]["resources"]["counted"]["last"] == 6


def test_a_schema_begun_by_126_gets_no_descriptions(tmp_path, take_turns):
    file = take_turns(tmp_path / "turns", load_of(GROWING), ("dlt-1.26", "weir", "weir"))

    stored = dataset.query(file, "SELECT schema FROM test_data._dlt_version ORDER BY inserted_at")
    assert len(stored) == 3
    for (text,) in stored:
        columns = [column for table in json.loads(text)["tables"].values() for column in table["columns"].values()]
        assert not any("description" in column for column in columns)


def test_after_the_file_was_deleted_a_run_starts_fresh(tmp_path):
    load = load_of(ROWS)
    fresh = loads.weir_all(tmp_path / "fresh", {**load, "runs": load["runs"][2:]})
    file = loads.weir_all(tmp_path / "again", {**load, "runs": load["runs"][:2]})

    file.unlink()
    loads.weir_run(tmp_path / "again", load, 2)

    dataset.check_same(file, fresh)


def test_the_same_pipeline_in_another_folder_has_another_file_and_state(tmp_path):
    load = load_of(ROWS)
    one = loads.weir_all(tmp_path / "one", {**load, "runs": load["runs"][:1]})

    other = loads.weir_all(tmp_path / "other", {**load, "runs": load["runs"][1:2]})

    assert dataset.query(one, "SELECT id FROM test_data.items") == [(1,)]
    assert dataset.query(other, "SELECT id FROM test_data.items") == [(2,)]
    assert dataset.query(other, "SELECT id FROM test_data.counted ORDER BY 1") == [(1,), (2,)]
    assert dataset.query(other, "SELECT count(*) FROM test_data._dlt_loads") == [(1,)]
