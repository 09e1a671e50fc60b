"""The golden vectors of whole DuckDB files: weir must leave exactly these tables, and so must dlt, which made them."""

import json

import pytest

from harness import dataset, loads, weir

FILE = weir.ROOT / "tests" / "golden" / "vectors" / "duckdb_tables.json"
CASES = {case["name"]: case for case in json.loads(FILE.read_text())["cases"]}

RUN = ("hello_two_rows", "empty_first_run", "nested_lists", "variants", "unusual_names")

LATER = {
    "merge_delete_insert_children": "merge",
    "upsert": "merge",
    "scd2": "merge",
    "merge_beside_append": "merge",
    "replace_several_tables": "a table named by each row",
    "max_table_nesting_1": "max_table_nesting",
    "incremental_with_state": "incremental",
    "contract_freeze": "schema contract",
}


def load_of(case):
    return {"pipeline": "vec", "dataset": "data", "resources": case["resources"], "runs": [run["rows"] for run in case["runs"]]}


def expected(case):
    return dataset.of_vector(case["after"])


@pytest.mark.parametrize("name", RUN)
def test_weir_leaves_the_tables_of_the_vector(name, tmp_path):
    file = loads.weir_all(tmp_path, load_of(CASES[name]), emit="page")

    dataset.check_equal(dataset.canonical(file), expected(CASES[name]))


@pytest.mark.parametrize("name", RUN)
def test_dlt_leaves_the_tables_of_the_vector(name, tmp_path, dlt):
    file = loads.dlt_all(dlt, tmp_path, load_of(CASES[name]))

    dataset.check_equal(dataset.canonical(file), expected(CASES[name]))


def test_every_case_is_run_or_waits_for_something(capsys):
    assert sorted([*RUN, *LATER]) == sorted(CASES)
    with capsys.disabled():
        print(f"\ngolden {FILE.name}: {len(RUN)} of {len(CASES)} cases ran")
