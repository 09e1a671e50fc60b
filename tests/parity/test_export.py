"""Schema files of weir and of dlt 1.31: what is exported, and what is left to import, are the same bytes."""

import pytest

from harness import dataset, loads, weir

IMPORT, EXPORT = "import", "export"


def load(*runs, resources=({"name": "items"},), name="px", **more):
    return {
        "pipeline": name,
        "dataset": "data",
        "resources": list(resources),
        "runs": [run if isinstance(run, dict) else {resources[0]["name"]: run} for run in runs],
        "import_schema_path": IMPORT,
        "export_schema_path": EXPORT,
        **more,
    }


def replace(old, new):
    def edit(text):
        assert old in text
        return text.replace(old, new)

    return edit


def comment(text):
    return "# mine\n" + text


DECLARED = {"name": "items", "primary_key": "id", "write_disposition": "append"}
AMOUNT = replace("      id:\n", "      amount:\n        data_type: decimal\n        nullable: true\n      id:\n")
DATES = replace("  - iso_timestamp\n", "  - iso_timestamp\n  - iso_date\n  - timestamp\n")
CASES = {
    "fresh": (load([{"id": 1, "name": "a", "l": [{"x": 1.5}], "at": "2024-01-02T03:04:05Z"}], resources=(DECLARED,)), {}),
    "two_runs": (load([{"id": 1}], [{"id": 2, "new": "n", "l": [1]}]), {}),
    "variants": (load([{"v": 1}, {"v": "x"}, {"v": None, "none": None}]), {}),
    "names_that_yaml_would_misread": (
        load([{"on": 1, "no": 2, "y": 3, "null": 4, "123": 5, "1e5": 6, "true": {"off": 1}, "grüße": 7, "a": "b" * 100}]),
        {},
    ),
    "long_names": (load([{"x" * 70: {"y" * 60: 1}}], [{"x" * 130: 2}]), {}),
    "only_export": (load([{"id": 1}], import_schema_path=None), {}),
    "one_folder_for_both": (load([{"id": 1, "l": [1]}], [{"id": 2, "new": 1}], import_schema_path="both", export_schema_path="both"), {}),
    "a_column_is_added_by_hand": (
        load([{"id": 1, "amount": 1}], [{"id": 2, "amount": 2}], resources=(DECLARED,)),
        {1: AMOUNT},
    ),
    "a_type_is_given_by_hand": (
        load([{"id": 1, "v": 1}], [{"id": 2, "v": 3}], [{"id": 3, "v": 4}], resources=(DECLARED,)),
        {1: replace("        primary_key: true\n", "        primary_key: true\n        data_type: text\n")},
    ),
    "a_column_without_rows_is_added_by_hand": (
        load([{"id": 1}], [{"id": 2}], [{"id": 3}], resources=(DECLARED,)),
        {1: AMOUNT},
    ),
    "a_table_is_added_by_hand": (
        load([{"id": 1}], [{"id": 2, "l": [1]}], resources=(DECLARED,)),
        {1: replace("settings:\n", "  other:\n    columns:\n      a:\n        data_type: text\nsettings:\n")},
    ),
    "a_contract_by_hand": (
        load([{"id": 1}], [{"id": 2, "x": 1}], resources=(DECLARED,)),
        {1: replace("    resource: items\n", "    resource: items\n    schema_contract:\n      columns: discard_value\n")},
    ),
    "comments_change_nothing": (load([{"id": 1}], [{"id": 2}], resources=(DECLARED,)), {1: comment}),
    "settings_by_hand": (
        load([{"id": 1}], [{"id": 2, "day": "2024-01-02", "at": 1704164645}], resources=(DECLARED,)),
        {1: DATES},
    ),
    "all_is_forgotten_that_was_imported": (
        load([{"id": 1}], [{"id": 2}], [{"id": 3, "day": "2024-01-02"}], [{"id": 4}], refresh=[None, None, "drop_sources", None]),
        {1: DATES},
    ),
    "all_is_forgotten_behind_an_edit": (
        load([{"id": 1}], [{"id": 2, "day": "2024-01-02"}], [{"id": 3}], refresh=[None, "drop_sources", None]),
        {1: DATES},
    ),
    "a_resource_is_forgotten_that_was_imported": (
        load([{"id": 1}], [{"id": 2}], [{"id": 3}], resources=(DECLARED,), refresh=[None, None, "drop_resources"]),
        {1: AMOUNT},
    ),
}


def schema_files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.glob("*/px.schema.yaml"))
        if path.parent.name in (IMPORT, EXPORT, "both")
    }


def run_all(folder, case, run):
    """All runs, and the files after each."""
    what, edits = case
    folder.mkdir()
    seen = []
    for number in range(len(what["runs"])):
        if number in edits:
            file = folder / IMPORT / "px.schema.yaml"
            file.write_text(edits[number](file.read_text()))
        run(number)
        seen.append(schema_files(folder))
    return seen


def without_history(file):
    """A whole database, but for the hashes of earlier versions in stored schemas."""
    data = dataset.canonical(file)
    for row in data["data"]["_dlt_version"]["rows"]:
        [schema] = [cell for cell in row if isinstance(cell, dict)]
        del schema["previous_hashes"]
    return data


def check_data(name, ours, theirs):
    if name == "one_folder_for_both":  # exporting without hints, dlt lists a stored schema's own hash among earlier ones
        dataset.check_equal(without_history(ours), without_history(theirs))
    else:
        dataset.check_same(ours, theirs)


@pytest.mark.parametrize("name", CASES)
def test_schema_files_are_those_of_dlt(name, tmp_path, dlt):
    what, edits = CASES[name]
    what = {key: value for key, value in what.items() if value is not None}
    ours, theirs = tmp_path / "weir", tmp_path / "dlt"

    expected = run_all(theirs, (what, edits), lambda n: dlt.run(what, n, theirs, theirs / "data"))
    actual = run_all(ours, (what, edits), lambda n: loads.weir_run(ours, what, n))

    assert [sorted(files) for files in actual] == [sorted(files) for files in expected]
    for files, wanted in zip(actual, expected):
        for path in files:
            assert files[path].decode() == wanted[path].decode(), path
    check_data(name, ours / "px.duckdb", theirs / "px.duckdb")


def test_the_command_exports_the_stored_schema_as_dlt_does(tmp_path, dlt):
    what, _ = CASES["fresh"]
    what = {**what, "import_schema_path": IMPORT, "export_schema_path": EXPORT}
    ours, theirs = tmp_path / "weir", tmp_path / "dlt"
    run_all(theirs, (what, {}), lambda n: dlt.run(what, n, theirs, theirs / "data"))
    run_all(ours, (what, {}), lambda n: loads.weir_run(ours, what, n))

    yaml = weir.run(ours, "schema", "export", "px", "--remove-defaults").out
    json = weir.run(ours, "schema", "export", "--format", "json").out

    assert yaml == (theirs / EXPORT / "px.schema.yaml").read_text()
    assert json == (theirs / "data" / "pipelines" / "px" / "schemas" / "px.schema.json").read_text() + "\n"
