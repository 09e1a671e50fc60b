"""The C files of a project are one module: what they share, how they are named, what is told when they do not fit."""

import re

import pytest

from harness import dataset, weir
from harness.cli import CONFIGURATION, FAILED, HELLO, check_said, main_function

HEADER = "#include <weir.h>\n\nconst char *greeting(void);\n"

HELPER = '#include "utils/greeting.h"\n\nconst char *greeting(void)\n{\n    return "hello";\n}\n'

SOURCE = """#include "utils/greeting.h"

static weir_status words(weir_ctx *cx, weir_rows *rows)
{
    return weir_emit(rows, weir_kv("id", 1), weir_kv("word", greeting()));
}

static const weir_source greetings = {
    .name = "greetings",
    .resources = WEIR_RESOURCES({ "words", words }),
};

WEIR_REGISTER(greetings);
"""

PIPELINE = """#include <weir.h>

static const weir_pipeline NAME = {
    .name = "NAME",
    .destination = "duckdb",
    .dataset = "raw",
    .source = "greetings",
};

WEIR_REGISTER(NAME);
"""

TOML_PIPELINE = '[pipeline]\ndestination = "duckdb"\ndataset_name = "raw"\n\n[source]\nname = "greetings"\n'

TOML_SOURCE = '[source.filesystem]\nbucket_url = "data"\nresources = [{ name = "words", file_glob = "*.jsonl" }]\n'


def write(folder, **files):
    """`sources__a__source_c="…"` is the file sources/a/source.c."""
    for name, text in files.items():
        path = folder / re.sub(r"_(c|h|toml|jsonl)$", r".\1", name.replace("__", "/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def project(folder, **files):
    (folder / "weir.toml").touch()
    write(folder, utils__greeting_h=HEADER, utils__greeting_c=HELPER, sources__greetings__source_c=SOURCE, **files)


def pipeline(name):
    return PIPELINE.replace("NAME", name)


def loaded(folder, name):
    return dataset.query(folder / f"{name}.duckdb", "SELECT id, word FROM raw.words")


def test_a_pipeline_finds_a_source_of_another_file_and_its_helpers(tmp_path):
    project(tmp_path, pipelines__words_c=pipeline("words"))

    weir.run(tmp_path, "run", "words")

    assert loaded(tmp_path, "words") == [(1, "hello")]


def schema_names(folder):
    return dataset.query(folder / "words.duckdb", "SELECT DISTINCT schema_name FROM raw._dlt_version")


def test_a_source_that_is_found_by_its_name_names_the_schema(tmp_path):
    project(tmp_path, pipelines__words_c=pipeline("words"))

    weir.run(tmp_path, "run", "words")

    assert schema_names(tmp_path) == [("greetings",)]


def test_so_does_one_in_toml(tmp_path):
    write(
        tmp_path,
        weir_toml="",
        pipelines__words_toml=TOML_PIPELINE,
        sources__greetings__source_toml=TOML_SOURCE,
        data__a_jsonl='{"id": 1}\n',
    )

    weir.run(tmp_path, "run", "words")

    assert schema_names(tmp_path) == [("greetings",)]


def test_a_source_that_stands_in_the_pipeline_leaves_the_name_to_it(tmp_path):
    write(
        tmp_path,
        weir_toml="",
        pipelines__words_toml=TOML_PIPELINE.split("[source]")[0] + TOML_SOURCE,
        data__a_jsonl='{"id": 1}\n',
    )

    weir.run(tmp_path, "run", "words")

    assert schema_names(tmp_path) == [("words",)]


def test_it_runs_by_its_path_too_and_from_a_folder_of_the_project(tmp_path):
    project(tmp_path, pipelines__words_c=pipeline("words"))

    for folder, word in [("pipelines", "words.c"), ("sources", "../pipelines/words.c"), ("utils", "words")]:
        weir.run(tmp_path / folder, "run", word)
        assert loaded(tmp_path / folder, "words") == [(1, "hello")]


def test_a_pipeline_is_known_by_the_name_that_it_registers(tmp_path):
    project(tmp_path, pipelines__all_c=pipeline("words") + pipeline("more").removeprefix("#include <weir.h>\n"))

    weir.run(tmp_path, "run", "more")

    assert loaded(tmp_path, "more") == [(1, "hello")]
    told = weir.run(tmp_path, "run", "wrods", expect=None)
    check_said(told, FAILED, "there is no pipeline 'wrods'", "did you mean: weir run words")


def test_a_pipeline_in_toml_names_a_source_in_c(tmp_path):
    project(tmp_path, pipelines__words_toml=TOML_PIPELINE)

    weir.run(tmp_path, "run", "words")

    assert loaded(tmp_path, "words") == [(1, "hello")]


@pytest.mark.parametrize("name", ["words_c", "words_toml"])
def test_a_pipeline_names_a_source_in_toml(name, tmp_path):
    write(tmp_path, weir_toml="", sources__greetings__source_toml=TOML_SOURCE, data__a_jsonl='{"id": 2, "word": "hi"}\n')
    write(tmp_path, **{f"pipelines__{name}": TOML_PIPELINE if name == "words_toml" else pipeline("words")})

    weir.run(tmp_path, "run", "words")

    assert loaded(tmp_path, "words") == [(2, "hi")]


def test_a_pipeline_in_toml_needs_no_compiler_where_nothing_is_in_c(tmp_path):
    write(tmp_path, weir_toml="", pipelines__words_toml=TOML_PIPELINE, sources__greetings__source_toml=TOML_SOURCE)
    write(tmp_path, data__a_jsonl='{"id": 2, "word": "hi"}\n')

    weir.run(tmp_path, "run", "words", PATH="/nowhere")

    assert loaded(tmp_path, "words") == [(2, "hi")]


def test_only_what_has_changed_is_compiled_again(tmp_path):
    project(tmp_path, pipelines__words_c=pipeline("words"))
    script = tmp_path / "cc"
    script.write_text(f'#!/bin/sh\necho "$@" >>"{tmp_path}/calls"\nexec cc "$@"\n')
    script.chmod(0o755)

    def compiled():
        (tmp_path / "calls").write_text("")
        weir.run(tmp_path, "run", "words", CC=str(script))
        calls = (tmp_path / "calls").read_text().splitlines()
        return [line.rsplit(" ", 1)[1] for line in calls if " -c " in line]

    assert compiled() == ["pipelines/words.c", "sources/greetings/source.c", "utils/greeting.c"]
    assert compiled() == []
    write(tmp_path, utils__greeting_c=HELPER.replace("hello", "good day"))
    assert compiled() == ["utils/greeting.c"]
    write(tmp_path, utils__greeting_h=HEADER + "\n")
    assert compiled() == ["sources/greetings/source.c", "utils/greeting.c"]
    assert loaded(tmp_path, "words") == [(1, "hello"), (1, "hello"), (1, "good day"), (1, "good day")]


def test_each_file_may_have_a_weir_main(tmp_path):
    write(tmp_path, weir_toml="", pipelines__a_c=HELLO, pipelines__b_c=HELLO.replace("hello", "good day"))

    assert weir.run(tmp_path, "run", "a").out == "hello\n"
    assert weir.run(tmp_path, "run", "b").out == "good day\n"


def test_a_function_of_the_project_may_be_called_as_one_of_the_c_library(tmp_path):
    helper = "int daemon(int n);\nint daemon(int n)\n{\n    return n + 1;\n}\n"
    main = main_function('    printf("%d\\n", daemon(1));\n    return WEIR_OK;', "int daemon(int n);")
    write(tmp_path, weir_toml="", pipelines__a_c=main, utils__daemon_c=helper)

    assert weir.run(tmp_path, "run", "a").out == "2\n"


def test_files_outside_of_the_folders_are_modules_by_themselves(tmp_path):
    project(tmp_path, utils__broken_c="nonsense\n", test_c=HELLO)

    assert weir.run(tmp_path, "run", "test.c").out == "hello\n"


def test_they_find_sources_of_the_project_by_name(tmp_path):
    project(tmp_path, words_c=pipeline("words"))

    weir.run(tmp_path, "run", "words.c")

    assert loaded(tmp_path, "words") == [(1, "hello")]


def test_messages_of_the_compiler_name_files_from_the_project_on(tmp_path):
    project(tmp_path, pipelines__words_c=pipeline("words"), utils__broken_c="nonsense\n")

    result = weir.run(tmp_path / "pipelines", "run", "words", expect=None)

    check_said(result, FAILED, "'utils/broken.c' was not compiled: 'cc' ended with status 1", "messages are above")
    assert re.search(r"^utils/broken\.c:1:\d+: error: ", result.err, re.M), result


def test_a_function_that_two_files_define_is_told(tmp_path):
    project(tmp_path, pipelines__words_c=pipeline("words"), utils__again_c=HELPER)

    result = weir.run(tmp_path, "run", "words", expect=None)

    check_said(result, FAILED, f"'{tmp_path}' was not linked: 'cc' ended with status 1", "make it static")
    assert "multiple definition of `greeting'" in result.err


WRONG = {
    "no such source": (
        dict(pipelines__words_c=pipeline("words").replace("greetings", "greetngs")),
        "pipeline 'words' wants the source 'greetngs', which is not there",
        "did you mean: greetings",
    ),
    "nothing like it": (
        dict(pipelines__words_toml=TOML_PIPELINE.replace("greetings", "unheard_of")),
        "pipeline 'words' wants the source 'unheard_of', which is not there",
        "sources/unheard_of/source.toml",
    ),
    "a source in both": (
        dict(pipelines__words_c=pipeline("words"), sources__greetings__source_toml=TOML_SOURCE),
        "the source 'greetings' is written twice: in C, and '{folder}/sources/greetings/source.toml'",
        "remove one of them",
    ),
    "named and described": (
        dict(pipelines__words_toml=TOML_PIPELINE + "[source.filesystem]\n"),
        "{folder}/pipelines/words.toml:5:2: 'source' names the source 'greetings' and describes one, too",
        "keep the name",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_source_that_is_not_one_is_told(case, tmp_path):
    files, message, hint = WRONG[case]
    project(tmp_path, **files)

    result = weir.run(tmp_path, "run", "words", expect=None)

    check_said(result, result.status, message.format(folder=tmp_path), hint)
    assert result.status in (FAILED, CONFIGURATION)


def test_a_plan_leaves_no_module(tmp_path):
    project(tmp_path, pipelines__words_c=pipeline("words"))
    temporary = tmp_path / "tmp"
    temporary.mkdir()

    weir.run(tmp_path, "plan", "words", expect=4, TMPDIR=str(temporary))

    assert list(temporary.iterdir()) == []
    assert not (tmp_path / ".weir").exists()


def test_the_configuration_of_all_pipelines_is_checked_with_one_module(tmp_path):
    source = SOURCE.replace(".name =", '.config = WEIR_OPTIONS({ "api_key", .secret = true, .required = true }),\n    .name =')
    project(tmp_path, pipelines__words_c=pipeline("words"), pipelines__more_toml=TOML_PIPELINE)
    write(tmp_path, sources__greetings__source_c=source)

    told = weir.run(tmp_path, "config", "check", expect=CONFIGURATION)

    assert "MORE__SOURCES__GREETINGS__API_KEY" in told.out and "WORDS__SOURCES__GREETINGS__API_KEY" in told.out
    assert "2 error(s)" in told.err
