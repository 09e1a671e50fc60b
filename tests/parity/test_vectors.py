"""The golden vectors of whole DuckDB files: weir must leave exactly these tables, and so must dlt, which made them."""

import json

import pytest

from harness import dataset, loads, weir

FILE = weir.ROOT / "tests" / "golden" / "vectors" / "duckdb_tables.json"
CASES = {case["name"]: case for case in json.loads(FILE.read_text())["cases"]}

def load_of(case):
    return {
        "pipeline": "vec",
        "dataset": "data",
        "resources": case["resources"],
        "runs": [run["rows"] for run in case["runs"]],
        "outcomes": [outcome["ok"] for outcome in case["outcomes"]],
    }


def check(file, case):
    literal_ids = case["row_ids"] != "random"
    dataset.check_equal(dataset.canonical(file, literal_ids), dataset.of_vector(case["after"]))


@pytest.mark.parametrize("name", CASES)
def test_weir_leaves_the_tables_of_the_vector(name, tmp_path):
    file = loads.weir_all(tmp_path, load_of(CASES[name]), emit="page")

    check(file, CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_dlt_leaves_the_tables_of_the_vector(name, tmp_path, dlt):
    file = loads.dlt_all(dlt, tmp_path, load_of(CASES[name]))

    check(file, CASES[name])
