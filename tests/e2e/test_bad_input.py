"""What the world can do to a run: each time a message with a hint, the right exit status, and nothing half-written."""

import os
import subprocess
import sys

import pytest

from harness import csource, dataset, loads, weir

FAILED, CONFIGURATION = 1, 3

LOAD = {
    "pipeline": "test",
    "dataset": "data",
    "resources": [{"name": "items"}],
    "runs": [{"items": [{"id": 1}, {"id": 2}]}],
}

WAITING = """#include <fcntl.h>
#include <unistd.h>
#include <weir.h>

static weir_status items(weir_ctx *cx, weir_rows *rows)
{
    char byte;
    const int fd = open("gate", O_RDONLY);
    if (fd < 0 || read(fd, &byte, 1) != 1)
        return weir_fail(cx, WEIR_IO, "the gate is broken");
    close(fd);
    return weir_emit(rows, weir_kv("id", 1));
}

weir_status weir_main(weir_ctx *cx)
{
    return weir_pipeline_run(cx, &(weir_pipeline){ .name = "test", .destination = "duckdb", .dataset = "data" },
                             .resources = WEIR_RESOURCES({ "items", items }));
}
"""

LARGE_ROWS = 20000
LARGE = """#include <weir.h>

static weir_status items(weir_ctx *cx, weir_rows *rows)
{
    (void)cx;
    uint64_t random = 88172645463325252U;
    char text[1000];
    for (int64_t id = 0; id < %d; id++) {
        for (size_t i = 0; i < sizeof(text); i++) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            text[i] = (char)('!' + random %% 90);
        }
        const weir_str value = { text, sizeof(text) };
        WEIR_TRY(weir_emit(rows, weir_kv("id", id), weir_kv("text", value)));
    }
    return WEIR_OK;
}

weir_status weir_main(weir_ctx *cx)
{
    return weir_pipeline_run(cx, &(weir_pipeline){ .name = "test", .destination = "duckdb", .dataset = "data" },
                             .resources = WEIR_RESOURCES({ "items", items }));
}
""" % LARGE_ROWS

# Runs on a small disk until it is full, keeps what is there then, and runs again on a larger one.
FULL_DISK = """
mount -t tmpfs -o size=6m none "$FULL" || exit 99
cd "$WORK"
"$WEIR" run "$OUT/load.c" >"$OUT/first.out" 2>"$OUT/first.err"
echo $? >"$OUT/first.status"
mkdir "$OUT/between"
cp test.duckdb* "$OUT/between/" 2>/dev/null
mount -o remount,size=500m "$FULL"
"$WEIR" run "$OUT/load.c" && cp test.duckdb "$OUT/after.duckdb"
"""


def check_refused(result, status, *words):
    """One error with a hint, that says each of `words`."""
    assert result.status == status, result
    assert result.err.count("weir: error: ") == 1, result
    assert "hint: " in result.err, result
    for word in words:
        assert word in result.err, result


def check_nothing_written(folder):
    assert list(folder.glob("*.duckdb*")) == []
    assert list(folder.glob(".weir/pipelines/*/packages/*")) == []


def test_an_unknown_destination_is_refused_with_those_that_are_known(tmp_path):
    result = loads.weir_run(tmp_path, {**LOAD, "destination": "dukdb"}, expect=None)

    check_refused(result, CONFIGURATION, "'dukdb'", "duckdb")
    check_nothing_written(tmp_path)


def test_an_unknown_destination_of_the_environment_is_refused(tmp_path):
    result = loads.weir_run(tmp_path, LOAD, expect=None, DESTINATION__NAME="dukdb")

    check_refused(result, CONFIGURATION, "'dukdb'")
    check_nothing_written(tmp_path)


@pytest.mark.parametrize("name", ["", "x" * 300, "a/b", ".."], ids=["empty", "300_characters", "slash", "dots"])
def test_a_pipeline_name_that_cannot_be_a_folder_is_refused(name, tmp_path):
    (tmp_path / "load.c").write_text(csource.pipeline({**LOAD, "pipeline": name}, 0))

    result = weir.run(tmp_path, "run", "load.c", expect=None)

    check_refused(result, FAILED, "name")
    check_nothing_written(tmp_path)


def test_a_data_folder_below_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")

    result = loads.weir_run(tmp_path, LOAD, expect=None, WEIR_DATA_DIR=str(tmp_path / "file" / "weir"))

    check_refused(result, FAILED, f"{tmp_path}/file/weir", "Not a directory")
    check_nothing_written(tmp_path)


def run_in_a_folder_that_cannot_be_written(folder, **env):
    """As run(), with modes that count for root, too."""
    folder.mkdir()
    (folder / "test.c").write_text(csource.pipeline(LOAD, 0))
    folder.chmod(0o555)
    powers = "-dac_override,-dac_read_search"
    unprivileged = ["setpriv", f"--bounding-set={powers}", f"--inh-caps={powers}"] if os.geteuid() == 0 else []

    result = weir.run(folder, "run", "test.c", prefix=unprivileged, expect=None, **env)

    assert [path.name for path in folder.iterdir()] == ["test.c"]
    return result


def test_a_working_folder_that_cannot_be_written_is_refused(tmp_path):
    result = run_in_a_folder_that_cannot_be_written(tmp_path / "locked")

    check_refused(result, FAILED, f"{tmp_path}/locked/.weir", "Permission denied")


def test_a_database_that_cannot_be_written_is_refused(tmp_path):
    data = tmp_path / "data"

    result = run_in_a_folder_that_cannot_be_written(tmp_path / "locked", WEIR_DATA_DIR=str(data))

    check_refused(result, FAILED, f"{tmp_path}/locked/test.duckdb")
    assert list(data.glob("pipelines/*/packages/*")) == []


def test_a_database_that_another_process_has_locked_is_left_alone(tmp_path):
    file = tmp_path / "test.duckdb"
    holding = f"import duckdb; c = duckdb.connect({str(file)!r}); print('held', flush=True); input()"
    holder = subprocess.Popen([sys.executable, "-c", holding], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        result = loads.weir_run(tmp_path, LOAD, expect=None, DESTINATION__DUCKDB__LOCK_WAIT_S="0.1")
    finally:
        holder.communicate("\n")

    check_refused(result, FAILED, str(file), "lock")
    assert dataset.canonical(file) == {}
    loads.weir_run(tmp_path, LOAD)
    assert dataset.query(file, "SELECT id FROM data.items ORDER BY 1") == [(1,), (2,)]


def test_a_second_run_of_the_same_pipeline_is_told_who_holds_it(tmp_path):
    (tmp_path / "load.c").write_text(WAITING)
    os.mkfifo(tmp_path / "gate")
    first = weir.start(tmp_path, "run", "load.c")
    with open(tmp_path / "gate", "w") as gate:  # waits until the resource of the first run has opened it, too
        second = weir.run(tmp_path, "run", "load.c", expect=None)
        gate.write("!")
    out, err = first.communicate(timeout=weir.TIMEOUT_S)

    check_refused(second, FAILED, str(first.pid))
    assert first.returncode == 0, out + err
    assert dataset.query(tmp_path / "test.duckdb", "SELECT id FROM data.items") == [(1,)]


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    file = tmp_path / "test.duckdb"
    content = b"id,name\n1,Ada\n" * 1000
    file.write_bytes(content)

    result = loads.weir_run(tmp_path, LOAD, expect=None)

    check_refused(result, FAILED, str(file))
    assert file.read_bytes() == content
    assert list(tmp_path.glob("*.wal")) == []
    assert list(tmp_path.glob(".weir/pipelines/*/packages/*")) == []


@pytest.mark.parametrize(("full", "loaded"), [("log", 1), ("database", 2)])
def test_a_full_disk_ends_the_run_and_the_next_one_loads_everything(full, loaded, tmp_path):
    """Full while the log is written: the run counts for nothing. While the database is: its package waits."""
    (tmp_path / "load.c").write_text(LARGE)
    small, other = tmp_path / "small", tmp_path / "other"
    small.mkdir()
    other.mkdir()
    places = {"log": {"WORK": other, "WEIR_DATA_DIR": small}, "database": {"WORK": small, "WEIR_DATA_DIR": other}}[full]
    paths = {name: str(path) for name, path in {**places, "FULL": small, "OUT": tmp_path, "WEIR": weir.release()}.items()}
    namespace = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--user", "--map-root-user"]

    done = subprocess.run(
        [*namespace, "sh", "-c", FULL_DISK],
        env=weir.environment(tmp_path, **paths),
        capture_output=True,
        text=True,
        timeout=weir.TIMEOUT_S,
    )
    if "unshare" in done.stderr or done.returncode == 99:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")

    first = weir.Result(int((tmp_path / "first.status").read_text()), "", (tmp_path / "first.err").read_text())
    check_refused(first, FAILED, "No space left on device")
    between = tmp_path / "between" / "test.duckdb"
    assert not between.exists() or dataset.canonical(between) == {}
    assert done.returncode == 0, done.stderr
    after = tmp_path / "after.duckdb"
    assert dataset.query(after, "SELECT count(*) FROM data.items") == [(loaded * LARGE_ROWS,)]
    assert dataset.query(after, "SELECT count(*) FROM data._dlt_loads") == [(loaded,)]


FILES = {
    "missing": (None, FAILED, "'load.c'"),
    "not_c": ("this is not C\n", FAILED, "'load.c'"),
    "nothing_to_run": ("int x;\n", FAILED, "weir_main"),
    "two_pipelines": (
        "#include <weir.h>\n"
        'static const weir_pipeline one = { .name = "one" };\nWEIR_REGISTER(one);\n'
        'static const weir_pipeline two = { .name = "two" };\nWEIR_REGISTER(two);\n',
        FAILED,
        "'one', 'two'",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_run_is_refused(case, tmp_path):
    text, status, word = FILES[case]
    if text is not None:
        (tmp_path / "load.c").write_text(text)

    check_refused(weir.run(tmp_path, "run", "load.c", expect=None), status, word)
    check_nothing_written(tmp_path)


@pytest.mark.parametrize("env", [{"PATH": "/nowhere"}, {"CC": "/nowhere/cc"}], ids=["none", "named"])
def test_without_a_compiler_the_message_says_what_to_install_or_correct(env, tmp_path):
    check_refused(loads.weir_run(tmp_path, LOAD, expect=None, **env), CONFIGURATION, "compiler")
    check_nothing_written(tmp_path)


WRONG_CELLS = {
    "text": ('weir_text((weir_str){ "a\\xff", 2 })', "its text is not valid UTF-8"),
    "decimal": ('weir_decimal("12,50")', "it is no decimal number"),
    "timestamp": ("weir_timestamp(INT64_MAX)", "its time lies outside of years 1 to 9999"),
    "json": ('weir_json_text(weir_str_of("{\\"a\\": }"))', "cell 'v'"),
}


@pytest.mark.parametrize("kind", WRONG_CELLS)
def test_a_cell_that_is_no_value_is_refused_where_it_is_emitted(kind, tmp_path):
    value, words = WRONG_CELLS[kind]
    (tmp_path / "cells.c").write_text(
        f"""#include <weir.h>
static weir_status cells(weir_ctx *cx, weir_rows *rows)
{{
    WEIR_TRY(weir_emit(rows, weir_kv("v", "fine")));
    return weir_emit(rows, weir_kv("v", {value}));
}}
static const weir_pipeline test = {{ .name = "test", .destination = "duckdb",
    .resources = (const weir_resource[]){{ {{ "cells", cells }}, {{ 0 }} }} }};
WEIR_REGISTER(test);
"""
    )

    result = weir.run(tmp_path, "run", "cells.c", expect=FAILED)

    assert result.status == FAILED
    assert words in result.err and "resource 'cells'" in result.err
    assert not list(tmp_path.glob(".weir/pipelines/test/packages/*"))
