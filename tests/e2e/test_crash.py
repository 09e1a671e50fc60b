"""User code that crashes: the last words say what ran, in which function, and why; the process ends as one that crashed."""

import signal
import subprocess

import pytest

from harness import weir
from harness.cli import main_function

PROJECT_SOURCE = """#include <weir.h>

static int64_t length_of(const char *name)
{
    return (int64_t)strlen(name);
}

static weir_status items(weir_ctx *cx, weir_rows *rows)
{
    const char *volatile name = NULL;
    WEIR_TRY(weir_emit(rows, weir_kv("id", 1)));
    return weir_emit(rows, weir_kv("length", length_of(name)));
}

static const weir_source shop = {
    .name = "shop",
    .resources = WEIR_RESOURCES({ "items", items }),
};

WEIR_REGISTER(shop);
"""

PROJECT_PIPELINE = '[pipeline]\ndestination = "duckdb"\n\n[source]\nname = "shop"\n'

SEGMENTATION = "memory that is not there was used (segmentation fault)"

# What crashes, in which function, what is said of it, and how the process ends.
CRASHES = {
    "a null pointer": (
        main_function("    volatile int *nowhere = NULL;\n    return (weir_status)*nowhere;"),
        "weir_main", SEGMENTATION, signal.SIGSEGV,
    ),
    "in a static function": (
        main_function(
            "    return (weir_status)inner(NULL);",
            "__attribute__((noinline)) static int inner(volatile int *at) { return *at + 1; }",
        ),
        "inner", SEGMENTATION, signal.SIGSEGV,
    ),
    "in the c library": (
        main_function("    const char *volatile none = NULL;\n    return (weir_status)strlen(none);"),
        "weir_main", SEGMENTATION, signal.SIGSEGV,
    ),
    "a stack that ran over": (
        main_function(
            "    return (weir_status)deep(0);",
            "static int deep(volatile int n) { char big[4096]; big[0] = (char)n; return deep(n + 1) + big[n & 1]; }",
        ),
        "deep", SEGMENTATION, signal.SIGSEGV,
    ),
    "a division by zero": (
        main_function("    volatile int zero = 0;\n    return (weir_status)(7 / zero);"),
        "weir_main", "an integer was divided by zero, or overflowed", signal.SIGFPE,
    ),
    "abort": (
        main_function("    abort();", "#include <stdlib.h>"), "weir_main", "it was aborted", signal.SIGABRT,
    ),
}


def crash(folder, *words):
    return subprocess.run(
        [weir.release(), *words], cwd=folder, env=weir.environment(folder), capture_output=True, text=True
    )


@pytest.mark.parametrize("case", CRASHES)
def test_a_crash_names_the_function_and_ends_as_a_crash(case, tmp_path):
    text, function, reason, number = CRASHES[case]
    (tmp_path / "file.c").write_text(text)

    done = crash(tmp_path, "run", "file.c")

    assert f"weir: error: 'file.c' crashed in function '{function}': {reason}\n" in done.stderr
    assert "  hint: find the line with: gdb -ex run --args weir run 'file.c'\n" in done.stderr
    assert done.returncode == -number or "Sanitizer" in done.stderr


def test_a_crash_in_a_resource_of_a_project_names_its_function(tmp_path):
    for path, text in {"sources/shop/source.c": PROJECT_SOURCE, "pipelines/shop.toml": PROJECT_PIPELINE}.items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)

    done = crash(tmp_path, "run", "shop")

    assert f"weir: error: 'shop' crashed in function 'items': {SEGMENTATION}\n" in done.stderr
    assert done.stdout == ""


def test_nothing_of_a_run_that_crashed_is_loaded_and_the_next_one_loads_it(tmp_path):
    for path, text in {"sources/shop/source.c": PROJECT_SOURCE, "pipelines/shop.toml": PROJECT_PIPELINE}.items():
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    crash(tmp_path, "run", "shop")
    (tmp_path / "sources/shop/source.c").write_text(PROJECT_SOURCE.replace("= NULL", '= "lamp"'))

    weir.run(tmp_path, "run", "shop")

    assert weir.run(tmp_path, "sql", "shop", "--json", "select id, length from items").out == (
        '{"id":1,"length":null}\n{"id":null,"length":4}\n'
    )


def test_what_crashes_as_the_module_is_loaded_is_told_without_a_function(tmp_path):
    before = "__attribute__((constructor)) static void early(void) { __builtin_trap(); }"
    (tmp_path / "file.c").write_text(main_function("    return WEIR_OK;", before))

    assert "weir: error: 'file.c' crashed: an instruction that" in crash(tmp_path, "run", "file.c").stderr
