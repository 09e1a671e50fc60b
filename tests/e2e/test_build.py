"""weir build: what it compiles, what it checks, and that everything wrong is told at once."""

import json

import pytest

from harness import weir
from harness.cli import CONFIGURATION, FAILED, check_said

SOURCE = """#include <weir.h>

static weir_status rows_of(weir_ctx *cx, weir_rows *rows)
{
    return weir_emit(rows, weir_kv("id", 1));
}

static const weir_source source = { .name = "NAME", .resources = WEIR_RESOURCES({ "items", rows_of }) };

WEIR_REGISTER(source);
"""

PIPELINE = """#include <weir.h>

static const weir_pipeline pipeline = { .name = "NAME", .destination = "duckdb", .source = "shop" };

WEIR_REGISTER(pipeline);
"""

TOML = '[pipeline]\ndestination = "duckdb"\n\n[source]\nname = "shop"\n'


def source(name="shop"):
    return SOURCE.replace("NAME", name)


def pipeline(name="shop", source="shop", destination="duckdb"):
    return PIPELINE.replace("NAME", name).replace('"shop" }', f'"{source}" }}').replace("duckdb", destination)


def project(folder, files):
    (folder / "weir.toml").touch()
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def problems(folder, **env):
    told = weir.run(folder, "build", "--json", expect=FAILED, **env)
    found = json.loads(told.out)["problems"]
    assert f"{len(found)} error(s) in the project" in told.err
    return [problem["message"] for problem in found]


def test_a_new_project_is_built_and_its_pipelines_are_listed(tmp_path):
    weir.run(tmp_path, "init")

    first = weir.run(tmp_path, "build")
    second = weir.run(tmp_path, "build")

    table = """
pipeline        file                           source               destination
--------------  -----------------------------  -------------------  -----------
currencies      pipelines/currencies.c         open_exchange_rates  duckdb
exchange_rates  pipelines/exchange_rates.toml  exchange_rates       duckdb
products        pipelines/products.toml        products             duckdb
"""
    assert first.out == "C files: 4, compiled: 4\n" + table and first.err == ""
    assert second.out == "C files: 4, compiled: 0\n" + table


def test_what_was_built_is_run_without_a_compiler(tmp_path):
    weir.run(tmp_path, "init")
    weir.run(tmp_path, "build")

    weir.run(tmp_path, "run", "currencies", PATH="/nowhere")


def test_a_project_without_c_needs_no_compiler(tmp_path):
    text = TOML.replace('[source]\nname = "shop"', "[source.filesystem]\nbucket_url = 'x'\nresources = [{ name = 'a' }]")
    project(tmp_path, {"pipelines/a.toml": text})

    said = weir.run(tmp_path, "build", PATH="/nowhere").out

    assert said.startswith("no C files\n\npipeline  file              source      destination\n")


def test_an_empty_project_is_fine(tmp_path):
    assert weir.run(tmp_path, "build").out == "no C files\n"


def test_it_says_the_same_as_json(tmp_path):
    project(tmp_path, {"sources/shop/source.c": source(), "pipelines/shop.c": pipeline()})

    assert json.loads(weir.run(tmp_path, "build", "--json").out) == {
        "files": 2,
        "compiled": 2,
        "pipelines": [{"pipeline": "shop", "file": "pipelines/shop.c", "source": "shop", "destination": "duckdb"}],
        "problems": [],
    }


def test_everything_that_is_wrong_is_told_at_once(tmp_path):
    project(tmp_path, {
        "sources/shop/source.c": source(),
        "pipelines/a.c": pipeline("a", source="shpo"),
        "pipelines/b.c": pipeline("b", destination="dukdb"),
        "pipelines/c.toml": TOML.replace("shop", "unheard_of"),
        "pipelines/d.toml": TOML.replace("duckdb", "nowhere"),
        "pipelines/e.toml": TOML.replace("destination", "destinaton"),
    })

    assert [message.replace(str(tmp_path), "…") for message in problems(tmp_path)] == [
        "pipeline 'a' wants the source 'shpo', which is not there",
        "pipeline 'b': there is no destination 'dukdb'",
        "pipeline 'c' wants the source 'unheard_of', which is not there",
        "pipeline 'd': there is no destination 'nowhere'",
        "…/pipelines/e.toml:2:1: 'pipeline' has no key 'destinaton'",
    ]


def test_problems_are_printed_with_their_hints(tmp_path):
    project(tmp_path, {"sources/shop/source.c": source(), "pipelines/a.c": pipeline("a", source="shpo")})

    told = weir.run(tmp_path, "build", expect=FAILED)

    assert "\nerror: pipeline 'a' wants the source 'shpo', which is not there\n  hint: did you mean: shop\n" in told.out
    check_said(told, FAILED, "1 error(s) in the project")


TWICE = {
    "pipelines in C": (
        {"pipelines/a.c": pipeline("a"), "pipelines/b.c": pipeline("a")},
        "the pipeline 'a' is registered twice: pipelines/a.c:5 and pipelines/b.c:5",
    ),
    "sources in C": (
        {"sources/a/source.c": source("shop"), "pipelines/a.c": pipeline("a")},
        "the source 'shop' is registered twice: sources/a/source.c:10 and sources/shop/source.c:10",
    ),
    "pipelines in C and TOML": (
        {"pipelines/b.c": pipeline("a"), "pipelines/a.toml": TOML},
        "the pipeline 'a' is written twice: 'pipelines/b.c' and 'pipelines/a.toml'",
    ),
    "pipelines in TOML": (
        {"pipelines/a.toml": TOML, "pipelines/b.toml": TOML.replace("[pipeline]", '[pipeline]\npipeline_name = "a"')},
        "the pipeline 'a' is written twice: 'pipelines/a.toml' and 'pipelines/b.toml'",
    ),
    "a pipeline without a name": (
        {"pipelines/a.c": pipeline("a").replace('.name = "a", ', "")},
        "pipelines/a.c:5: a pipeline has no name",
    ),
}


@pytest.mark.parametrize("case", TWICE)
def test_names_that_are_given_twice_or_not_at_all_are_told(case, tmp_path):
    files, message = TWICE[case]
    project(tmp_path, {"sources/shop/source.c": source(), **files})

    assert problems(tmp_path) == [message]


def test_the_destination_that_is_written_down_is_checked_whatever_the_environment_says(tmp_path):
    project(tmp_path, {"sources/shop/source.c": source(), "pipelines/a.c": pipeline("a", destination="dukdb")})

    assert problems(tmp_path, DESTINATION__NAME="duckdb") == ["pipeline 'a': there is no destination 'dukdb'"]


def test_a_destination_with_a_name_of_its_own_is_known(tmp_path):
    project(tmp_path, {
        "sources/shop/source.c": source(),
        "pipelines/a.c": pipeline("a", destination="dw"),
        ".dlt/config.toml": '[destination.dw]\ndestination_type = "duckdb"\n',
    })

    weir.run(tmp_path, "build")


def test_what_does_not_compile_is_a_failure(tmp_path):
    project(tmp_path, {"sources/shop/source.c": "nonsense\n"})

    check_said(
        weir.run(tmp_path, "build", expect=FAILED), FAILED,
        "'sources/shop/source.c' was not compiled: 'cc' ended with status 1", "messages are above",
    )


def test_settings_that_cannot_be_read_are_a_failure_of_the_configuration(tmp_path):
    project(tmp_path, {".dlt/config.toml": "nonsense\n"})

    assert "config.toml:1:" in weir.run(tmp_path, "build", expect=CONFIGURATION).err


def test_a_crash_while_it_is_loaded_names_the_command(tmp_path):
    project(tmp_path, {"utils/a.c": "__attribute__((constructor)) static void early(void) { __builtin_trap(); }\n"})

    told = weir.run(tmp_path, "build", expect=None)

    assert told.status < 0
    assert "weir: error: 'weir build' crashed: an instruction" in told.err
    assert "gdb -ex run --args weir build\n" in told.err
