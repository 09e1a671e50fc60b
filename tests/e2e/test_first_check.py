"""The first check of an installation, as the README has it: what it prints, and where it puts the data."""

import re
import shutil

from harness import dataset, loads, weir

FIRST_CHECK = weir.ROOT / "data-pipelines" / "test_weir.c"


def test_it_prints_the_lines_of_the_tutorial_and_then_its_own(tmp_path):
    shutil.copy(FIRST_CHECK, tmp_path)

    result = weir.run(tmp_path, "run", "test_weir.c")

    lines = result.out.splitlines()
    assert re.fullmatch(r"Pipeline test completed in \d+\.\d\d seconds", lines[0])
    assert lines[1] == "1 load package(s) were loaded to destination duckdb and target schema test_data"
    assert lines[2] == f"The duckdb destination used duckdb:///{tmp_path}/test.duckdb location to store data"
    assert re.fullmatch(r"Load package \d+\.\d{6} is LOADED and contains no failed jobs", lines[3])
    assert lines[4:] == ["weir is working!"]
    assert result.err == ""


def test_the_load_that_it_prints_is_in_the_database(tmp_path):
    shutil.copy(FIRST_CHECK, tmp_path)

    result = weir.run(tmp_path, "run", "test_weir.c")

    printed = re.findall(r"Load package (\S+) is LOADED", result.out)
    rows = dataset.query(tmp_path / "test.duckdb", "SELECT id, name, _dlt_load_id FROM test_data.test_data ORDER BY id")
    assert rows == [(1, "test", printed[0]), (2, "another test", printed[0])]


def test_every_finished_load_is_printed(tmp_path):
    load = {
        "pipeline": "orders",
        "dataset": "shop",
        "resources": [{"name": "orders"}],
        "runs": [{"orders": [{"id": 1}]}, {"orders": [{"id": 2}]}],
    }
    first = loads.weir_run(tmp_path, load, 0).out.splitlines()
    second = loads.weir_run(tmp_path, load, 1).out.splitlines()

    for lines in (first, second):
        assert lines[0].startswith("Pipeline orders completed in ")
        assert lines[1] == "1 load package(s) were loaded to destination duckdb and target schema shop"
        assert lines[3].endswith(" is LOADED and contains no failed jobs")
    assert first[3] != second[3]
