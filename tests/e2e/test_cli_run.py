"""weir run: which files it takes, when they are compiled, how they are run and end."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess

import pytest

from harness import weir
from harness.cli import (
    CONFIGURATION,
    DONE,
    ENDLESS,
    FAILED,
    HELLO,
    PIPELINE,
    check_said,
    main_function,
    run_text,
    write,
)


def modules(folder):
    return sorted(path.name for path in (folder / ".weir" / "modules").glob("*"))


# ---- the file ----

MISSING = [
    ("nix.c", "no file 'nix.c'", "path"),
    ("test_wier.c", "no file 'test_wier.c'", "did you mean: weir run test_weir.c"),
    ("test_weir", "there is no pipeline 'test_weir'", "did you mean: weir run test_weir.c"),
    ("prodcuts", "there is no pipeline 'prodcuts'", "did you mean: weir run products"),
    ("currencies", "there is no pipeline 'currencies'", "pipelines are files: "),
    ("pipelines/prodcuts.c", "no file 'pipelines/prodcuts.c'", "did you mean: weir run pipelines/products.c"),
    ("", "there is no pipeline ''", "weir run FILE"),
    ("./pipelines", "'./pipelines' is a folder", "weir run ./pipelines/FILE.c"),
    ("load.py", "'load.py' cannot be run: its name ends neither in '.c' nor in '.toml'", "pipelines in TOML"),
    ("x" * 300 + ".c", f"the file '{'x' * 300}.c' cannot be read: File name too long", None),
]


@pytest.mark.parametrize(("name", "message", "hint"), MISSING, ids=[name[:40] or "empty" for name, _, _ in MISSING])
def test_a_file_that_cannot_be_run_is_told_with_what_was_meant(name, message, hint, tmp_path):
    (tmp_path / "pipelines").mkdir()
    write(tmp_path, HELLO, "test_weir.c")
    write(tmp_path, HELLO, "pipelines/products.c")
    write(tmp_path, "print()", "load.py")

    check_said(weir.run(tmp_path, "run", name, expect=None), FAILED, message, hint)
    assert not (tmp_path / ".weir" / "pipelines").exists()


def test_a_name_means_the_pipeline_of_the_project_also_from_a_folder_in_it(tmp_path):
    (tmp_path / ".dlt").mkdir()
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "sources").mkdir()
    write(tmp_path, HELLO, "pipelines/products.c")

    assert weir.run(tmp_path / "sources", "run", "products").out == "hello\n"


def test_a_pipeline_that_is_written_twice_is_refused(tmp_path):
    (tmp_path / "pipelines").mkdir()
    write(tmp_path, HELLO, "pipelines/products.c")
    write(tmp_path, "", "pipelines/products.toml")

    told = weir.run(tmp_path, "run", "products", expect=1).err

    assert "the pipeline 'products' is written twice" in told and "hint: remove one of them" in told


def test_a_file_whose_name_looks_like_an_option_is_run_behind_two_dashes(tmp_path):
    write(tmp_path, HELLO, "-x.c")

    assert weir.run(tmp_path, "run", "--", "-x.c").out == "hello\n"


NOT_RUN = {
    "nothing to run": (
        "#include <weir.h>\n",
        "nothing to run in 'file.c': it has no weir_main and registers no pipeline",
        "WEIR_REGISTER",
    ),
    "only a source": (
        '#include <weir.h>\nstatic const weir_source s = { .name = "s" };\nWEIR_REGISTER(s);\n',
        "nothing to run in 'file.c': it has no weir_main and registers no pipeline",
        "weir_status weir_main(weir_ctx *cx)",
    ),
    "two pipelines": (
        '#include <weir.h>\nstatic const weir_pipeline a = { .name = "one" };\nWEIR_REGISTER(a);\n'
        'static const weir_pipeline b = { .name = "two" };\nWEIR_REGISTER(b);\n',
        "'file.c' has no weir_main and registers more than one pipeline: 'one', 'two'",
        "weir_main",
    ),
    "another interface": (
        "#include <weir.h>\n#undef WEIR_INTERFACE\n#define WEIR_INTERFACE 99\n"
        'static const weir_pipeline a = { .name = "one" };\nWEIR_REGISTER(a);\n',
        "'file.c' was compiled for interface 99 of weir, and this is interface 1",
        "install weir as a whole",
    ),
    "another size": (
        '#include <weir.h>\nstatic const weir_registration r = { .interface_number = WEIR_INTERFACE,\n'
        '    .part = WEIR_PART_PIPELINE, .size = 3, .what = "", .line = 7 };\n'
        "__attribute__((constructor)) static void add(void) { weir_register(&r); }\n",
        None,
        "install weir as a whole",
    ),
    "undefined symbol": (
        main_function("    return nowhere();", "weir_status nowhere(void);"),
        "'file.c' cannot be loaded: undefined symbol: nowhere",
        "LDLIBS=-lNAME",
    ),
    "undefined symbol of weir": (
        main_function("    return weir_nowhere();", "weir_status weir_nowhere(void);"),
        "'file.c' cannot be loaded: undefined symbol: weir_nowhere",
        "spelling",
    ),
    "failure without a message": (
        main_function("    return WEIR_INVALID;"),
        "weir_main of 'file.c' returned 'invalid' without a message",
        "weir_fail",
    ),
    "no status": (
        main_function("    return (weir_status)4711;"),
        "weir_main of 'file.c' returned 4711, which is no weir_status",
        "WEIR_OK",
    ),
    "failure with hint": (
        main_function('    return weir_fail(cx, WEIR_REJECTED, "no more\\nhint: come back later");'),
        "no more",
        "come back later",
    ),
}


@pytest.mark.parametrize("case", NOT_RUN)
def test_what_is_wrong_in_a_file_is_told(case, tmp_path):
    text, message, hint = NOT_RUN[case]

    result = run_text(tmp_path, text, expect=None)

    if message is None:
        message = re.search(r"weir: error: ('file\.c' registers a part of 3 bytes in line 7.*)", result.err)[1]
    check_said(result, FAILED, message, hint)


def test_a_failure_of_the_configuration_has_its_own_exit_status(tmp_path):
    result = run_text(tmp_path, main_function('    return weir_fail(cx, WEIR_CONFIG, "no key");'), expect=None)

    check_said(result, CONFIGURATION, "no key")


def test_the_destination_option_beats_the_pipeline_and_must_be_known(tmp_path):
    result = weir.run(tmp_path, "run", write(tmp_path, PIPELINE), "--destination", "dukdb", expect=None)

    check_said(result, CONFIGURATION, "pipeline 'orders': there is no destination 'dukdb'", "duckdb")


# ---- compiling ----


def counting_compiler(folder):
    """A compiler that notes each of its calls in the file "calls"."""
    script = folder / "cc"
    script.write_text(f'#!/bin/sh\necho "$@" >>"{folder}/calls"\nexec cc "$@"\n')
    script.chmod(0o755)
    return str(script)


def calls(folder):
    """How often it compiled; linking is not counted."""
    return sum(" -c " in line for line in (folder / "calls").read_text().splitlines())


def test_a_file_is_compiled_once_for_each_content(tmp_path):
    write(tmp_path, '#define WORD "hello"\n', "word.h")
    text = main_function("    puts(WORD);\n    return WEIR_OK;", '#include "word.h"')
    compiler = counting_compiler(tmp_path)

    def run():
        return run_text(tmp_path, text, CC=compiler).out, calls(tmp_path)

    assert run() == ("hello\n", 1)
    assert run() == ("hello\n", 1)
    write(tmp_path, '#define WORD "bye"\n', "word.h")
    assert run() == ("bye\n", 2)
    text = text.replace("puts(WORD)", 'puts("<" WORD ">")')
    assert run() == ("<bye>\n", 3)
    assert run() == ("<bye>\n", 3)


def test_paths_with_blanks_and_signs_of_make_are_kept_in_mind_as_well(tmp_path):
    folder = tmp_path / "a b#c$d"
    folder.mkdir()
    write(folder, '#define WORD "hello"\n', "the word.h")
    text = main_function("    puts(WORD);\n    return WEIR_OK;", '#include "the word.h"')
    compiler = counting_compiler(tmp_path)

    def run():
        return weir.run(folder, "run", write(folder, text, "the file.c"), CC=compiler).out, calls(tmp_path)

    assert run() == ("hello\n", 1)
    assert run() == ("hello\n", 1)
    write(folder, '#define WORD "bye"\n', "the word.h")
    assert run() == ("bye\n", 2)


def test_other_flags_of_the_compiler_make_another_module(tmp_path):
    text = main_function("    puts(WORD);\n    return WEIR_OK;")

    assert run_text(tmp_path, text, CC='cc -DWORD="1"').out == "1\n"
    assert run_text(tmp_path, text, CC='cc -DWORD="2"').out == "2\n"


def test_a_module_that_is_kept_needs_no_compiler(tmp_path):
    run_text(tmp_path, HELLO)

    assert run_text(tmp_path, HELLO, PATH="/nowhere").out == "hello\n"


def test_a_module_that_was_damaged_is_made_again_once_it_is_removed(tmp_path):
    run_text(tmp_path, HELLO)
    for path in (tmp_path / ".weir" / "modules").glob("*.so"):
        path.write_text("no module")

    result = run_text(tmp_path, HELLO, expect=None)

    assert result.status == FAILED and "hint: remove the folder .weir/modules" in result.err, result
    shutil.rmtree(tmp_path / ".weir")
    assert run_text(tmp_path, HELLO).out == "hello\n"


def test_headers_of_the_project_are_found_from_its_root(tmp_path):
    (tmp_path / ".dlt").mkdir()
    (tmp_path / "utils").mkdir()
    (tmp_path / "pipelines").mkdir()
    write(tmp_path, "#define WORD \"of the project\"\n", "utils/word.h")
    write(tmp_path, main_function("    puts(WORD);\n    return WEIR_OK;", '#include "utils/word.h"'), "pipelines/a.c")

    assert weir.run(tmp_path / "pipelines", "run", "a.c").out == "of the project\n"
    assert [path.name for path in tmp_path.glob("**/.weir")] == [".weir"]
    assert (tmp_path / ".weir").exists()


def test_libraries_are_linked_as_ldlibs_names_them(tmp_path):
    text = main_function('    printf("%s\\n", zlibVersion()[0] ? "zlib" : "");\n    return WEIR_OK;',
                         "extern const char *zlibVersion(void);")

    assert run_text(tmp_path, text, LDLIBS="-l:libz.so.1").out == "zlib\n"


def test_the_words_of_the_compiler_are_shown_as_they_are(tmp_path):
    result = run_text(tmp_path, main_function("    return nonsense;"), expect=None)

    check_said(result, FAILED, "'file.c' was not compiled: 'cc' ended with status 1", "messages are above")
    assert re.search(r"^file\.c:\d+:\d+: .*error: .*nonsense", result.err, re.M), result
    assert result.out == ""
    assert modules(tmp_path) == []


def test_a_function_that_is_not_declared_is_an_error_of_the_compiler(tmp_path):
    result = run_text(tmp_path, main_function("    return weir_nonsense(cx);"), expect=None)

    check_said(result, FAILED, "'file.c' was not compiled: 'cc' ended with status 1")
    assert "weir_nonsense" in result.err


def test_warnings_are_shown_and_the_file_is_run(tmp_path):
    result = run_text(tmp_path, main_function("    int unused;\n    return WEIR_OK;"))

    assert "unused" in result.err and "weir: error" not in result.err, result


def test_without_a_compiler_the_hint_says_how_to_get_one(tmp_path):
    result = run_text(tmp_path, HELLO, PATH="/nowhere", expect=None)

    check_said(result, CONFIGURATION, "no C compiler was found: neither cc nor gcc nor clang", "gcc")


def test_a_compiler_that_cc_names_wrongly_is_told(tmp_path):
    result = run_text(tmp_path, HELLO, CC="/nowhere/cc -O2", expect=None)

    check_said(result, CONFIGURATION, "the compiler that CC names was not found: '/nowhere/cc -O2'", "unset it")


def test_a_compiler_that_is_no_program_is_told(tmp_path):
    result = run_text(tmp_path, HELLO, CC=str(tmp_path / "file.c"), expect=None)

    check_said(result, FAILED, f"the compiler '{tmp_path}/file.c' could not be started: Permission denied")


def test_missing_headers_of_weir_are_told(tmp_path):
    (tmp_path / "bin").mkdir()
    shutil.copy(weir.release(), tmp_path / "bin" / "weir")
    (tmp_path / "lib").symlink_to(weir.release().resolve().parents[1] / "lib")

    result = weir.run(tmp_path, "run", write(tmp_path, HELLO), binary=tmp_path / "bin" / "weir", expect=None)

    message = f"the headers of weir were not found: no file '{tmp_path}/bin/../include/weir.h'"
    check_said(result, CONFIGURATION, message, "make install")


def test_many_runs_at_once_compile_and_run_the_same_file(tmp_path):
    name = write(tmp_path, HELLO)
    running = [weir.start(tmp_path, "run", name) for _ in range(8)]

    for process in running:
        out, err = process.communicate(timeout=weir.TIMEOUT_S)
        assert (process.returncode, out, err) == (DONE, "hello\n", "")
    assert sorted(name.rsplit(".", 1)[1] for name in modules(tmp_path)) == ["deps", "o", "so"]


# ---- running ----


def test_a_registered_pipeline_is_run_and_printed(tmp_path):
    lines = run_text(tmp_path, PIPELINE).out.splitlines()

    assert re.fullmatch(r"Pipeline orders completed in \d+\.\d\d seconds", lines[0])
    assert lines[1] == "1 load package(s) were loaded to destination duckdb and target schema shop"
    assert lines[2] == f"The duckdb destination used duckdb:///{tmp_path}/orders.duckdb location to store data"
    assert re.fullmatch(r"Load package \d+\.\d{6} is LOADED and contains no failed jobs", lines[3])
    assert len(lines) == 4


def test_a_registered_pipeline_is_told_as_json(tmp_path):
    result = weir.run(tmp_path, "run", write(tmp_path, PIPELINE), "--json")

    told = json.loads(result.out)
    assert told.pop("seconds") >= 0
    assert 0 < told.pop("memory_peak") < 64 << 20
    [load] = told.pop("loads")
    assert re.fullmatch(r"\d+\.\d{6}", load.pop("load_id"))
    assert load == {"rows": 2, "tables": 1, "bad_rows": 0}
    assert told == {
        "pipeline": "orders",
        "destination": "duckdb",
        "dataset": "shop",
        "location": f"duckdb:///{tmp_path}/orders.duckdb",
    }


def test_weir_main_goes_before_a_registered_pipeline(tmp_path):
    text = PIPELINE + main_function('    puts("main");\n    return WEIR_OK;')

    assert run_text(tmp_path, text).out == "main\n"


def test_output_of_the_file_and_of_weir_stands_in_order(tmp_path):
    body = """    weir_load_info info = { .pipeline = "p", .destination = "d", .dataset = "s", .location = "l" };
    printf("before, ");
    weir_print(&info);
    printf("after\\n");
    return weir_fail(cx, WEIR_INVALID, "at the end");"""
    name = write(tmp_path, main_function(body))
    done = subprocess.run(
        [weir.release(), "run", name],
        cwd=tmp_path,
        env=weir.environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    lines = done.stdout.splitlines()
    assert lines[0].startswith("before, Pipeline p completed in ")
    assert lines[-2:] == ["after", "weir: error: at the end"]


def test_what_a_file_printed_before_it_crashed_is_not_lost(tmp_path):
    name = write(tmp_path, main_function('    printf("last words\\n");\n    return *(volatile weir_status *)NULL;'))

    done = subprocess.run(
        [weir.release(), "run", name], cwd=tmp_path, env=weir.environment(tmp_path), capture_output=True, text=True
    )

    assert done.stdout == "last words\n"
    assert "weir: error: 'file.c' crashed" in done.stderr


def test_results_that_cannot_be_written_are_a_failure(tmp_path):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [weir.release(), "version"], env=weir.environment(tmp_path), stdout=full, stderr=subprocess.PIPE, text=True
        )

    assert done.returncode == FAILED
    assert "weir: error: the results could not be written to the standard output: No space left" in done.stderr


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"])
def test_a_signal_ends_the_run_with_its_own_exit_status(number, status, tmp_path):
    process = weir.start(tmp_path, "run", write(tmp_path, ENDLESS))
    assert process.stdout.readline() == "ready\n"

    process.send_signal(number)
    out, err = process.communicate(timeout=weir.TIMEOUT_S)

    assert process.returncode == status, err
    assert err.count("weir: error: ") == 1, err
    (tmp_path / "go").touch()
    weir.run(tmp_path, "run", "file.c")


def read_terminal(command, folder):
    """What a program writes on a terminal."""
    leader, follower = pty.openpty()
    env = weir.environment(folder, TERM="xterm")
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=follower, stderr=follower)
    os.close(follower)
    written = b""
    try:
        while part := os.read(leader, 65536):
            written += part
    except OSError:  # the end, as Linux tells it
        pass
    os.close(leader)
    return process.wait(weir.TIMEOUT_S), written.decode()


SLOW = PIPELINE.replace("#include <weir.h>", "#include <unistd.h>\n#include <weir.h>").replace(
    "    WEIR_TRY(",
    "    static char text[65536];\n    memset(text, 'x', sizeof(text) - 1);\n"
    "    for (int i = 0; i < 80; i++) {\n        usleep(10000);\n"
    "        WEIR_TRY(weir_emit(rows, weir_kv(\"text\", text)));\n    }\n    WEIR_TRY(",
    1,
)


def test_progress_is_shown_on_a_terminal_and_taken_away(tmp_path):
    status, written = read_terminal([weir.release(), "run", write(tmp_path, SLOW)], tmp_path)

    assert status == DONE, written
    assert re.search(r"\r\x1b\[Kextract: \d+ rows, \d+\.\d MB, \d+\.\d MB/s, \d+ s\r", written), repr(written)
    assert "\r\x1b[KPipeline orders completed in " in written, repr(written)


def test_short_work_and_work_without_a_terminal_show_no_progress(tmp_path):
    _, written = read_terminal([weir.release(), "run", write(tmp_path, PIPELINE)], tmp_path)

    assert "\x1b" not in written
    assert run_text(tmp_path, SLOW).err == ""
