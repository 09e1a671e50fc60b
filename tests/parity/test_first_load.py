"""The same rows through weir and through dlt 1.31: the two DuckDB files must hold the same."""

import shutil

import pytest

from harness import dataset, loads, weir

FIRST_CHECK = weir.ROOT / "data-pipelines" / "test_weir.c"


def rows(*runs, name="items", **hints):
    """A load of one resource: one list of rows per run."""
    return {
        "pipeline": "test",
        "dataset": "test_data",
        "resources": [{"name": name, **hints}],
        "runs": [{name: run} for run in runs],
    }


def resources(*definitions, runs):
    """A load of several resources: in each run a list of rows by name."""
    return {"pipeline": "test", "dataset": "test_data", "resources": list(definitions), "runs": list(runs)}


def t(kind, value):
    return {"$t": kind, "v": value}


TWO_ROWS = rows([{"id": 1, "name": "test"}, {"id": 2, "name": "another test"}], name="test_data")

CASES = {
    "two_rows": TWO_ROWS,
    "two_runs": rows([{"id": 1}], [{"id": 2}]),
    "three_runs_without_changes": rows([{"id": 1}], [{"id": 1}], [{"id": 1}]),
    "bool": rows([{"id": 1, "b": True}, {"id": 2, "b": False}, {"id": 3, "b": None}]),
    "double": rows([{"v": 1.5}, {"v": -0.1}, {"v": 1e300}, {"v": 5e-324}, {"v": 1.0}, {"v": 1e16}]),
    "bigint": rows([{"v": 0}, {"v": -1}, {"v": 2**63 - 1}, {"v": -(2**63) + 1}]),
    "text": rows([{"v": ""}, {"v": "grüße, мир, 🦚"}, {"v": "a\tb\nc\\d\"e'f"}, {"v": "x" * 5000}]),
    "timestamp_text": rows(
        [
            {"at": "2024-01-02T03:04:05Z", "day": "2024-01-02", "none": "2024-13-01T00:00:00Z"},
            {"at": "2024-01-02T03:04:05.123456+02:00", "day": "2024-02-29", "none": "x"},
        ]
    ),
    "int_then_double": rows([{"v": 1}, {"v": 2.5}, {"v": 3.0}]),
    "double_then_int": rows([{"v": 2.5}, {"v": 1}]),
    "int_then_text": rows([{"v": 1}, {"v": "2"}, {"v": "two"}], [{"v": True}, {"v": None}]),
    "bool_then_text_then_int": rows([{"v": True}, {"v": "yes"}, {"v": 7}]),
    "timestamp_then_text": rows([{"v": "2024-01-02T03:04:05Z"}, {"v": "later"}, {"v": 1}]),
    "null_only_columns": rows([{"id": 1, "nothing": None}, {"id": 2, "nothing": None}]),
    "null_then_value": rows([{"id": 1, "v": None}], [{"id": 2, "v": "now"}]),
    "only_nulls": rows([{"nothing": None}], [{"id": 1}]),
    "columns_by_row": rows([{"a": 1}, {"b": 2}, {"c": 3, "a": 4}]),
    "second_run_with_new_columns": rows([{"id": 1}], [{"id": 2, "name": "b", "size": 1.5}], [{"id": 3}]),
    "object": rows([{"id": 1, "o": {"a": 1, "b": {"c": "x", "d": None}}}, {"id": 2, "o": {"e": True}}, {"id": 3, "o": {}}]),
    "list_of_scalars": rows([{"id": 1, "l": [1, 2, 3]}, {"id": 2, "l": []}, {"id": 3, "l": ["a", None]}, {"id": 4, "l": None}]),
    "list_of_objects": rows([{"id": 1, "l": [{"a": 1, "m": [{"b": 1}, {"b": 2}]}, {"a": 2}]}], [{"id": 2, "l": [{"c": "new"}]}]),
    "list_of_lists": rows([{"id": 1, "l": [[1, [2, 3]], [4]]}]),
    "list_where_a_number_was": rows([{"id": 1, "v": 1}], [{"id": 2, "v": [1, 2]}, {"id": 3, "v": {"w": 1}}]),
    "unusual_names": rows([{"ID": 1, "firstName": "x", "e-mail": "y", "1st": 1, "select": "s", "a.b": {"C d": 2}}], name="Odd Names!"),
    "names_that_meet": rows([{"a b": 1, "id": 1}, {"a_b": 2, "id": 2}]),
    "primary_key": rows([{"id": 1, "v": "a"}], [{"id": 1, "v": "b"}], primary_key="id"),
    "primary_key_of_two": rows([{"a": 1, "b": 2, "v": "x"}], primary_key=["a", "b"]),
    "table_name": rows([{"id": 1}], name="items", table_name="Other Table"),
    "replace_twice": rows(
        [{"id": 1, "l": [1]}, {"id": 2}], [{"id": 3, "new": "n"}], [{"id": 4}], write_disposition="replace"
    ),
    "replace_by_nothing": rows([{"id": 1, "l": [1]}], [], write_disposition="replace"),
    "empty": rows([]),
    "empty_then_rows": rows([], [{"id": 1}]),
    "rows_then_empty": rows([{"id": 1}], []),
    "several_resources": resources(
        {"name": "orders"},
        {"name": "customers", "write_disposition": "replace"},
        {"name": "audit"},
        runs=[
            {"orders": [{"id": 1, "lines": [{"sku": "A"}]}], "customers": [{"id": 1, "name": "Ann"}]},
            {"orders": [{"id": 2}], "customers": [{"id": 2, "name": "Bo"}], "audit": [{"at": "2024-01-02T03:04:05Z"}]},
        ],
    ),
    "two_resources_of_one_table": resources(
        {"name": "north", "table_name": "sales"},
        {"name": "south", "table_name": "sales"},
        runs=[{"north": [{"id": 1, "n": True}], "south": [{"id": 2, "s": 1.5}]}],
    ),
    "state": resources({"name": "counted", "count": 3}, runs=[{}, {}]),
}

TYPED = {
    "decimals": rows([{"v": t("decimal", "1.50")}, {"v": t("decimal", "-0.000000001")}, {"v": t("decimal", "12345678901234567890")}]),
    "bytes": rows([{"v": t("bytes", "AAH/")}, {"v": t("bytes", "/w==")}]),
    "timestamps": rows([{"v": t("datetime", "2024-01-02T03:04:05.123456+00:00")}, {"v": t("datetime", "1969-12-31T23:59:59+00:00")}]),
    "dates": rows([{"v": t("date", "2024-02-29")}, {"v": t("date", "1969-12-31")}]),
    "times": rows([{"v": t("time", "03:04:05")}, {"v": t("time", "23:59:59.999999")}]),
    "decimal_then_double": rows([{"v": t("decimal", "1.5")}, {"v": 2.5}, {"v": 3}]),
}


@pytest.fixture(scope="module")
def by_dlt(dlt, tmp_path_factory):
    """The DuckDB file that dlt makes of a load, by the name of the case; made once."""
    files = {}

    def file_of(name):
        if name not in files:
            files[name] = loads.dlt_all(dlt, tmp_path_factory.mktemp(name), (CASES | TYPED)[name])
        return files[name]

    return file_of


@pytest.mark.parametrize("name", CASES)
def test_rows_emitted_as_json_land_as_with_dlt(name, tmp_path, by_dlt):
    file = loads.weir_all(tmp_path, CASES[name], emit="json")

    dataset.check_same(file, by_dlt(name))


@pytest.mark.parametrize("name", CASES | TYPED)
def test_rows_emitted_cell_by_cell_land_as_with_dlt(name, tmp_path, by_dlt):
    file = loads.weir_all(tmp_path, (CASES | TYPED)[name], emit="cells")

    dataset.check_same(file, by_dlt(name))


def test_the_first_check_of_an_installation_lands_as_with_dlt(tmp_path, by_dlt):
    shutil.copy(FIRST_CHECK, tmp_path)

    weir.run(tmp_path, "run", "test_weir.c")

    dataset.check_same(tmp_path / "test.duckdb", by_dlt("two_rows"))


def test_one_page_lands_as_its_rows(tmp_path):
    load = CASES["list_of_objects"]
    rows_file = loads.weir_all(tmp_path / "rows", load, emit="json")
    page_file = loads.weir_all(tmp_path / "page", load, emit="page")

    dataset.check_same(page_file, rows_file)
