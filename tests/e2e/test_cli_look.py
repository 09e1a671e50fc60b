"""weir show, sql, package and pipeline: looking at what was loaded, and clearing up what was not."""

import json
import re
import shutil
import signal

import pytest

from harness import weir
from harness.cli import DONE, ENDLESS, FAILED, PIPELINE, check_said, run_text, write

FIRST_CHECK = weir.ROOT / "data-pipelines" / "test_weir.c"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A folder in which the first check was run."""
    folder = tmp_path_factory.mktemp("loaded")
    shutil.copy(FIRST_CHECK, folder)
    weir.run(folder, "run", "test_weir.c")
    return folder


def load_id(folder, pipeline="test"):
    lines = weir.run(folder, "package", "list", pipeline, "--json").out.splitlines()
    return json.loads(lines[-1])["load_id"]


def test_show_prints_tables_and_loads(loaded):
    lines = weir.run(loaded, "show", "test").out.splitlines()

    assert lines[:5] == [
        "pipeline     test",
        "destination  duckdb",
        "dataset      test_data",
        f"location     duckdb:///{loaded}/test.duckdb",
        "",
    ]
    assert lines[5].split() == ["table", "rows", "columns"]
    assert re.fullmatch(r"test_data +2  id BIGINT, name VARCHAR, _dlt_load_id VARCHAR, _dlt_id VARCHAR", lines[7])
    assert [line.split()[0] for line in lines[8:11]] == ["_dlt_loads", "_dlt_pipeline_state", "_dlt_version"]
    assert lines[12].split() == ["load_id", "status", "inserted_at", "schema_name"]
    assert lines[14].split()[:2] == [load_id(loaded), "0"]
    assert all(line == line.rstrip() for line in lines)


def test_show_tells_the_same_as_json(loaded):
    told = json.loads(weir.run(loaded, "show", "test", "--json").out)

    assert {key: told[key] for key in ("pipeline", "destination", "dataset")} == {
        "pipeline": "test",
        "destination": "duckdb",
        "dataset": "test_data",
    }
    first = told["tables"][0]
    assert (first["name"], first["rows"]) == ("test_data", 2)
    assert first["columns"][0] == {"name": "id", "type": "BIGINT"}
    assert [(load["load_id"], load["status"], load["schema_name"]) for load in told["loads"]] == [
        (load_id(loaded), 0, "test")
    ]


def sql(folder, statement, *flags, **options):
    return weir.run(folder, "sql", "test", statement, *flags, **options)


def test_sql_prints_an_aligned_table(loaded):
    result = sql(loaded, "select id, name, null as nothing from test_data.test_data order by id")

    assert result.out == (
        "id  name          nothing\n--  ------------  -------\n 1  test          NULL\n 2  another test  NULL\n"
    )


def test_sql_aligns_by_what_a_terminal_shows_and_escapes_what_would_move_its_cursor(loaded):
    result = sql(
        loaded,
        "select * from (values ('日本', 1), ('é', 2), (concat('a', chr(10), 'b', chr(9), chr(27)), 3)) t(a, b)",
    )

    assert result.out == "a           b\n----------  -\n日本        1\né           2\na\\nb\\t\\x1b  3\n"


def test_sql_prints_the_head_also_without_rows(loaded):
    assert sql(loaded, "select 1 as a where false").out == "a\n-\n"
    assert sql(loaded, "select 1 as a where false", "--json").out == ""


UUID = "00000000-0000-0000-0000-000000000001"
VALUES = [
    ("true", "true", True),
    ("(-128)::tinyint", "-128", -128),
    ("255::utinyint", "255", 255),
    ("(-9223372036854775808)::bigint", "-9223372036854775808", -(2**63)),
    ("18446744073709551615::ubigint", "18446744073709551615", 2**64 - 1),
    ("0.1::float", "0.1", 0.1),
    ("0.1::double", "0.1", 0.1),
    ("1e300::double", "1e+300", 1e300),
    ("'nan'::double", "nan", "nan"),
    ("'-infinity'::double", "-inf", "-inf"),
    ("-1.50::decimal(9,2)", "-1.50", -1.5),
    ("0.05::decimal(9,2)", "0.05", 0.05),
    ("99999999999999999999999999999999999999::decimal(38,0)", "9" * 38, 10**38 - 1),
    ("'text'", "text", "text"),
    ("'a text of more than twelve bytes'", "a text of more than twelve bytes", "a text of more than twelve bytes"),
    ("'\\x00\\xFF'::blob", "\\x00ff", "\\x00ff"),
    ("date '2024-02-29'", "2024-02-29", "2024-02-29"),
    ("date 'infinity'", "infinity", "infinity"),
    ("time '03:04:05.000600'", "03:04:05.000600", "03:04:05.000600"),
    ("timestamp '1969-12-31 23:59:59'", "1969-12-31T23:59:59", "1969-12-31T23:59:59"),
    ("timestamptz '2024-01-02 03:04:05.5+00'", "2024-01-02T03:04:05.500000+00:00", "2024-01-02T03:04:05.500000+00:00"),
    ("[1, null, 3]", "[1,null,3]", "[1,null,3]"),
    ("{'a': 1, 'b': ['x']}", '{"a":1,"b":["x"]}', '{"a":1,"b":["x"]}'),
    ("map {'k': 1.5::double}", '{"k":1.5}', '{"k":1.5}'),
    ("170141183460469231731::hugeint", "170141183460469231731", 170141183460469231731),
    ("interval '1 day'", "1 day", "1 day"),
    (f"uuid '{UUID}'", UUID, UUID),
    ("'x'::enum('y', 'x')", "x", "x"),
    ("'{\"a\": 1}'::json", '{"a": 1}', '{"a": 1}'),
    ("null", "NULL", None),
]


@pytest.mark.parametrize(("expression", "text", "value"), VALUES, ids=[expression for expression, _, _ in VALUES])
def test_sql_shows_values_of_every_type(expression, text, value, loaded):
    statement = f"select {expression} as v"

    assert sql(loaded, statement).out.splitlines()[2].strip() == text
    assert json.loads(sql(loaded, statement, "--json").out) == {"v": value}


def test_sql_streams_results_of_any_size(loaded):
    result = sql(loaded, "select i, i * i as square from range(100000) t(i)")

    lines = result.out.splitlines()
    assert len(lines) == 100002
    assert lines[2].split() == ["0", "0"] and lines[-1].split() == ["99999", str(99999**2)]


def test_sql_that_is_wrong_fails_with_the_words_of_the_database(loaded):
    result = sql(loaded, "select nonsense", expect=FAILED)

    assert result.out == ""
    assert result.err.startswith("weir: error: ") and "nonsense" in result.err, result


@pytest.mark.parametrize("command", [["show"], ["sql"], ["package", "list"], ["package", "drop"], ["pipeline", "show"]])
def test_an_unknown_pipeline_is_told_with_the_nearest_one(command, loaded):
    words = [*command, "tset"] + (["select 1"] if command == ["sql"] else [])

    result = weir.run(loaded, *words, expect=None)

    check_said(result, FAILED, "no pipeline 'tset' was run in this project", "did you mean: test")


def test_a_pipeline_in_a_folder_without_any_is_told_how_to_start(tmp_path):
    check_said(
        weir.run(tmp_path, "show", "test", expect=None),
        FAILED,
        "no pipeline 'test' was run in this project",
        "weir run FILE.c",
    )
    assert list(tmp_path.iterdir()) == []


# ---- packages and pipelines ----


def seal_and_die(folder):
    """A run that is killed when its package is sealed; returns the load id."""
    name = write(folder, PIPELINE)
    weir.run(folder, "run", name, binary=weir.faults(), expect=-signal.SIGKILL, WEIR_FAULT="package.sealed@1=kill")
    return load_id(folder, "orders")


def refuse(folder, load):
    """Make a sealed package one that the destination has refused."""
    manifest = folder / ".weir" / "pipelines" / "orders" / "packages" / load / "package.json"
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**content, "state": "failed", "error": {"message": "column is too narrow"}}))


def states(folder):
    lines = weir.run(folder, "package", "list", "orders", "--json").out.splitlines()
    return [json.loads(line)["state"] for line in lines]


def test_packages_are_listed_with_their_state(loaded):
    lines = weir.run(loaded, "package", "list", "test").out.splitlines()

    assert lines[0].split() == ["load_id", "state", "began", "rows", "error"]
    assert re.fullmatch(r"\d+\.\d{6}  loaded  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 +\d+", lines[2])
    assert len(lines) == 3


def test_a_package_is_shown_with_its_manifest(loaded):
    lines = weir.run(loaded, "package", "show", "test").out.splitlines()
    told = json.loads(weir.run(loaded, "package", "show", "test", load_id(loaded), "--json").out)

    assert lines[:2] == [f"load_id      {load_id(loaded)}", "state        loaded"]
    manifest = json.loads("\n".join(lines[lines.index("") :]))
    assert manifest == told["manifest"]
    assert manifest["destination"] == "duckdb"


def test_a_package_that_is_not_there_is_told(loaded):
    result = weir.run(loaded, "package", "show", "test", "1.5", expect=None)

    check_said(result, FAILED, "the pipeline 'test' has no package '1.5'", "weir package list test")


def test_a_sealed_package_is_loaded_by_the_next_run_or_dropped(tmp_path):
    load = seal_and_die(tmp_path)
    assert states(tmp_path) == ["sealed"]

    assert weir.run(tmp_path, "package", "drop", "orders").out == f"dropped package {load}\n"
    assert states(tmp_path) == []
    result = weir.run(tmp_path, "package", "drop", "orders", expect=None)
    check_said(result, FAILED, "the pipeline 'orders' has no package that waits")

    weir.run(tmp_path, "run", "file.c")
    assert states(tmp_path) == ["loaded"]


def test_a_failed_package_is_loaded_after_a_retry(tmp_path):
    load = seal_and_die(tmp_path)
    refuse(tmp_path, load)
    listed = weir.run(tmp_path, "package", "list", "orders").out
    assert re.search(rf"^{re.escape(load)}  failed .* column is too narrow$", listed, re.M), listed
    assert weir.run(tmp_path, "run", "file.c", expect=None).status == FAILED

    result = weir.run(tmp_path, "package", "retry", "orders")
    assert result.out == f"package {load} will be loaded by the next run of orders\n"
    assert states(tmp_path) == ["sealed"]
    weir.run(tmp_path, "run", "file.c")
    assert states(tmp_path) == ["loaded", "loaded"]


def test_a_loaded_package_is_neither_retried_nor_dropped(loaded):
    load = load_id(loaded)

    retried = weir.run(loaded, "package", "retry", "test", load, expect=None)
    check_said(retried, FAILED, f"the package '{load}' is loaded: only a failed one can be retried")
    dropped = weir.run(loaded, "package", "drop", "test", load, expect=None)
    check_said(dropped, FAILED, f"the package '{load}' is loaded: there is nothing to give up", "at the destination")


def test_pipelines_are_listed_with_their_last_load(loaded):
    lines = weir.run(loaded, "pipeline", "list").out.splitlines()
    told = json.loads(weir.run(loaded, "pipeline", "list", "--json").out)

    assert lines[0].split() == ["pipeline", "destination", "dataset", "last_load", "sealed", "failed"]
    assert lines[2].split() == ["test", "duckdb", "test_data", load_id(loaded), "0", "0"]
    assert (told["pipeline"], told["last_load"]) == ("test", load_id(loaded))


def test_the_only_pipeline_need_not_be_named(loaded):
    lines = weir.run(loaded, "pipeline", "show").out.splitlines()

    assert lines[:2] == ["pipeline     test", f"folder       {loaded}/.weir/pipelines/test"]
    assert f"location     duckdb:///{loaded}/test.duckdb" in lines
    assert lines == weir.run(loaded, "pipeline", "show", "test").out.splitlines()


def test_one_of_several_pipelines_must_be_named(tmp_path):
    run_text(tmp_path, PIPELINE)
    run_text(tmp_path, PIPELINE.replace('"orders"', '"returns"'))

    result = weir.run(tmp_path, "pipeline", "show", expect=None)
    check_said(result, FAILED, "this project has more than one pipeline", "name one of: 'orders', 'returns'")


def test_a_forgotten_pipeline_goes_on_from_the_state_at_the_destination(tmp_path):
    run_text(tmp_path, PIPELINE)

    assert weir.run(tmp_path, "pipeline", "forget").out == "forgot pipeline orders\n"

    assert not (tmp_path / ".weir" / "pipelines" / "orders").exists()
    run_text(tmp_path, PIPELINE)
    counted = weir.run(tmp_path, "sql", "orders", "select count(*) as n from shop.items", "--json")
    assert json.loads(counted.out) == {"n": 4}


def test_a_pipeline_with_packages_that_wait_is_forgotten_by_force_only(tmp_path):
    seal_and_die(tmp_path)

    refused = weir.run(tmp_path, "pipeline", "forget", "orders", expect=None)
    check_said(refused, FAILED, "the pipeline 'orders' has 1 package(s) that are not loaded", "--force")
    assert states(tmp_path) == ["sealed"]
    weir.run(tmp_path, "pipeline", "forget", "orders", "--force")
    assert weir.run(tmp_path, "pipeline", "list", "--json").out == ""


@pytest.mark.parametrize("words", ["pipeline forget endless", "package drop endless", "package retry endless"])
def test_nothing_is_changed_under_a_run(words, tmp_path):
    process = weir.start(tmp_path, "run", write(tmp_path, ENDLESS))
    assert process.stdout.readline() == "ready\n"

    result = weir.run(tmp_path, *words.split(), expect=None)

    (tmp_path / "go").touch()
    _, err = process.communicate(timeout=weir.TIMEOUT_S)
    assert process.returncode == DONE, err
    assert result.status == FAILED and str(process.pid) in result.err, result
