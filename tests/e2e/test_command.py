"""Programs as sources: what they print, how they end, what they keep, and that nothing of them is left."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from harness import dataset, weir

PAGE = (weir.ROOT / "docs" / "guide" / "commands.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
HEAD = '[pipeline]\ndestination = "duckdb"\ndataset_name = "raw"\n\n[source.command]\n'


def block(language, marker=""):
    [text] = [text for name, text in BLOCKS if name == language and marker in text]
    return text


def project(folder, source, name="p", **programs):
    """A project with one pipeline, and programs beside it."""
    (folder / "pipelines").mkdir(exist_ok=True)
    (folder / "pipelines" / f"{name}.toml").write_text(source if "[pipeline]" in source else HEAD + source)
    for program, text in programs.items():
        file = folder / program.replace("_", "-")
        file.write_text(text if text.startswith("#!") else "#!/bin/sh\n" + text)
        file.chmod(0o755)


def one(hints="", format="jsonl"):
    """The source of one resource, `rows`, which is the program `program`."""
    return f'format = "{format}"\nresources = [{{ name = "rows", command = "./program"{hints} }}]\n'


def query(folder, sql, name="p"):
    return dataset.query(folder / f"{name}.duckdb", sql)


def state(folder, name="p"):
    return json.loads((folder / ".weir" / "pipelines" / name / "state.json").read_text())


def loaded(folder, name="p"):
    """Whether anything was ever loaded."""
    file = folder / f"{name}.duckdb"
    return file.exists() and bool(dataset.query(file, "select 1 from information_schema.tables where table_name = 'rows'"))


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came to pass"
        time.sleep(0.01)


def is_gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def pids(folder):
    """The processes whose numbers programs wrote into files."""
    return [int(file.read_text()) for file in folder.glob("*.pid")]


# ---- the page ----


def test_the_programs_of_the_page_load(tmp_path):
    project(tmp_path, block("toml", "inventory"), "disks", inventory=block("sh"))

    for _ in range(2):
        log = weir.run(tmp_path, "run", "disks", WEIR_LOG="command=info").err

    assert "inventory: asking for 2024\n" in log
    assert query(tmp_path, "select host from machine.hosts order by 1", "disks") == [("db1",), ("db2",)]
    assert query(tmp_path, "select name, gb from machine.hosts__disks", "disks") == [("sda", 480)]
    assert query(tmp_path, "select word, count(*) from machine.words group by 1 order by 1", "disks") == [("a", 2), ("b", 2)]


def test_the_failure_of_the_page_is_told_so(tmp_path):
    fails = block("sh") + "echo no route to host >&2\nexit 4\n"
    project(tmp_path, block("toml", "inventory"), "disks", inventory=fails)

    result = weir.run(tmp_path, "run", "disks", expect=1)

    assert result.err == block("", "no route to host")
    assert not (tmp_path / "disks.duckdb").exists() or query(tmp_path, "from duckdb_tables()", "disks") == []


def test_the_tap_of_the_page_loads_and_goes_on(tmp_path):
    project(tmp_path, block("toml", "tap-shop"), "shop", tap_shop=block("python"))

    for _ in range(2):
        weir.run(tmp_path, "run", "shop")

    rows = query(tmp_path, "select id, price::text, day::text from raw.goods order by 1", "shop")
    assert rows == [(1, "0.25", "2024-01-01"), (2, "0.50", "2024-01-01"), (3, "0.75", "2024-01-01"), (4, "1.00", "2024-01-01")]
    assert state(tmp_path, "shop")["sources"]["shop"]["resources"]["shop"] == {"position": {"next": 5}}
    [(definition,)] = query(tmp_path, "select sql from duckdb_tables() where table_name = 'goods' and schema_name = 'raw'", "shop")
    assert "id BIGINT NOT NULL, price DECIMAL(38,2)" in definition


def test_secrets_reach_the_program_and_nothing_else(tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    program = 'echo "the key is $(cat $1)" >&2; echo "and $PGPASSWORD" >&2; stat -c \'{"mode": "%a"}\' $1\n'
    project(tmp_path, 'resources = [{ name = "rows", command = ["./program", "{config}"], config = { base = "EUR" } }]', program=program)
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt" / "secrets.toml").write_text(block("toml", "secrets.toml").replace("…", "s3cr3t-0815"))

    log = weir.run(tmp_path, "run", "p", WEIR_LOG="command=info", XDG_RUNTIME_DIR=str(place)).err

    assert weir.run(tmp_path, "config", "check").out == "the configuration is complete\n"
    assert 'the key is {"base":"EUR","api_key":"****"}' in log
    assert "and ****" in log
    assert query(tmp_path, "select mode from raw.rows") == [("600",)]
    assert list(place.iterdir()) == []
    kept = [file for file in (tmp_path / ".weir").rglob("*") if file.is_file()] + [tmp_path / "p.duckdb"]
    assert not any(b"s3cr3t-0815" in file.read_bytes() for file in kept)


# ---- state ----

COUNT = """
last=$(sed 's/[^0-9]//g' "$WEIR_STATE"); last=${last:-0}
echo '{"type":"SCHEMA","stream":"rows","schema":{},"key_properties":[]}'
for i in 1 2 3; do
    echo "{\\"type\\":\\"RECORD\\",\\"stream\\":\\"rows\\",\\"record\\":{\\"id\\":$((last + i))}}"
done
echo "{\\"type\\":\\"STATE\\",\\"value\\":{\\"last\\":$((last + 3))}}"
"""


def test_a_program_in_shell_goes_on_where_it_was(tmp_path):
    project(tmp_path, one(format="singer"), program=COUNT)

    for _ in range(3):
        weir.run(tmp_path, "run", "p")

    assert query(tmp_path, "select id from raw.rows order by 1") == [(i,) for i in range(1, 10)]


def test_a_run_that_fails_moves_no_state(tmp_path):
    project(tmp_path, one(format="singer"), program=COUNT)
    weir.run(tmp_path, "run", "p")
    project(tmp_path, one(format="singer"), program=COUNT + "exit 1\n")
    weir.run(tmp_path, "run", "p", expect=1)
    project(tmp_path, one(format="singer"), program=COUNT)

    weir.run(tmp_path, "run", "p")

    assert query(tmp_path, "select id from raw.rows order by 1") == [(i,) for i in range(1, 7)]


def test_a_cursor_over_the_rows_of_a_program_is_kept(tmp_path):
    project(tmp_path, one(', incremental = { cursor_path = "id" }'), program='for i in 1 2 3; do echo "{\\"id\\": $i}"; done\n')
    weir.run(tmp_path, "run", "p")
    project(tmp_path, one(', incremental = { cursor_path = "id" }'), program='for i in 2 3 4; do echo "{\\"id\\": $i}"; done\n')

    weir.run(tmp_path, "run", "p")

    assert query(tmp_path, "select id from raw.rows order by 1") == [(1,), (2,), (3,), (4,)]


def test_rows_of_a_program_name_their_tables(tmp_path):
    project(tmp_path, one(', table_name = { field = "kind" }'), program="echo '{\"kind\": \"a\"}'; echo '{\"kind\": \"b\"}'\n")

    weir.run(tmp_path, "run", "p")

    assert query(tmp_path, "select kind from raw.a union all select kind from raw.b order by 1") == [("a",), ("b",)]


def test_replacing_begins_anew(tmp_path):
    project(tmp_path, one(', write_disposition = "replace"', "singer"), program=COUNT)

    for _ in range(2):
        weir.run(tmp_path, "run", "p")

    assert query(tmp_path, "select id from raw.rows order by 1") == [(1,), (2,), (3,)]


def test_bad_lines_among_messages_are_kept_aside(tmp_path):
    noise = COUNT.replace("for i", "echo 'Traceback: (none)'\nfor i", 1)
    project(tmp_path, one(', on_bad_row = "quarantine"', "singer"), program=noise)

    weir.run(tmp_path, "run", "p")

    [file] = (tmp_path / ".weir/pipelines/p/loaded").glob("*.bad.jsonl")
    [bad] = [json.loads(line) for line in file.read_text().splitlines()]
    assert (bad["file"], bad["line"], bad["text"]) == ("program", 2, "Traceback: (none)")
    assert query(tmp_path, "select count(*) from raw.rows") == [(3,)]
    assert query(tmp_path, "select count(*) from information_schema.tables where table_schema = 'raw' and table_name not like '\\_dlt%' escape '\\'") == [(1,)]


# ---- a tap from the Python index ----


@pytest.fixture
def tap_bin():
    folder = Path(os.environ.get("WEIR_TAP_BIN", weir.ROOT / "build" / "venv-tap" / "bin"))
    assert (folder / "tap-jsonl").exists(), f"no tap in '{folder}': tools/setup test makes it; or set WEIR_TAP_BIN"
    return folder


def test_a_tap_of_the_singer_sdk_loads_and_goes_on(tmp_path, tap_bin):
    source = f"""
format = "singer"
command = ["{tap_bin}/tap-jsonl", "--config", "{{config}}", "--state", "{{state}}"]
config = {{ path = "{tmp_path}/data/*.jsonl", stream_name = "orders", primary_keys = ["id"] }}
resources = [{{ name = "orders" }}]
"""
    project(tmp_path, source)
    (tmp_path / "data").mkdir()
    rows = [{"id": i, "paid": i % 2 == 0, "price": i / 4, "day": "2024-02-0" + str(i), "tags": ["a", "b"], "who": {"name": f"n{i}"}} for i in (1, 2, 3)]
    (tmp_path / "data" / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    os.utime(tmp_path / "data" / "a.jsonl", (1700000000, 1700000000))
    weir.run(tmp_path, "run", "p")
    first = state(tmp_path)["sources"]["p"]["resources"]["orders"]["position"]
    more = [{**rows[2], "price": 99.5}, {**rows[2], "id": 4}]
    (tmp_path / "data" / "b.jsonl").write_text("".join(json.dumps(row) + "\n" for row in more))
    os.utime(tmp_path / "data" / "b.jsonl", (1710000000, 1710000000))

    weir.run(tmp_path, "run", "p")

    assert query(tmp_path, "select id, paid, price, day::text, who__name from raw.orders order by id") == [
        (1, False, 0.25, "2024-02-01", "n1"),
        (2, True, 0.5, "2024-02-02", "n2"),
        (3, False, 99.5, "2024-02-03", "n3"),
        (4, False, 0.75, "2024-02-03", "n3"),
    ]
    assert query(tmp_path, "select count(*) from raw.orders__tags") == [(8,)]
    assert len(first["bookmarks"]["orders"]["partitions"]) == 1
    assert len(state(tmp_path)["sources"]["p"]["resources"]["orders"]["position"]["bookmarks"]["orders"]["partitions"]) == 2


def test_a_tap_made_with_the_sdk_is_asked_only_for_what_is_new(tmp_path, tap_bin):
    program = Path(__file__).parents[1] / "harness" / "sdk_tap.py"
    source = f"""
format = "singer"
command = ["{tap_bin}/python", "{program}", "--config", "{{config}}", "--state={{state}}"]
config = {{ path = "events.json" }}
resources = [{{ name = "tap" }}]
"""
    project(tmp_path, source)

    def run(*days):
        rows = [{"id": day, "at": f"2024-01-{day:02}T00:00:00+00:00", "who": {"name": f"n{day}"}} for day in days]
        (tmp_path / "events.json").write_text(json.dumps(rows))
        weir.run(tmp_path, "run", "p")
        return query(tmp_path, "select _dlt_load_id, count(*) from raw.events group by 1 order by 1")

    run(1, 2, 3)
    [(_, old), (_, new)] = run(1, 2, 3, 4, 5)

    assert (old, new) == (2, 3)  # the bookmark's own row is asked for again, and takes its own place
    rows = query(tmp_path, 'select id, "at"::date::text, who__name from raw.events order by id')
    assert rows == [(day, f"2024-01-0{day}", f"n{day}") for day in (1, 2, 3, 4, 5)]
    position = state(tmp_path)["sources"]["p"]["resources"]["tap"]["position"]
    assert position["bookmarks"]["events"]["replication_key_value"] == "2024-01-05T00:00:00+00:00"


# ---- how programs end ----


def test_half_a_line_is_no_row(tmp_path):
    project(tmp_path, one(), program="echo '{\"id\": 1}'; printf '{\"id\": 2'; echo oh no >&2; kill -SEGV $$\n")

    result = weir.run(tmp_path, "run", "p", expect=1)

    assert "the program 'program' ended with signal 11, Segmentation fault, and said at last:\n  oh no\n" in result.err
    assert not loaded(tmp_path)


def test_half_a_line_of_a_program_that_ended_well_is_told_with_its_place(tmp_path):
    project(tmp_path, one(), program="echo '{\"id\": 1}'; printf '{\"id\": 2'\n")

    result = weir.run(tmp_path, "run", "p", expect=1)

    assert "program:2: line at byte 10: invalid JSON" in result.err
    assert not loaded(tmp_path)


def test_a_program_that_prints_nothing_loads_nothing(tmp_path):
    project(tmp_path, one(), program="true\n")

    weir.run(tmp_path, "run", "p")

    assert not loaded(tmp_path)


def test_a_program_that_is_killed_in_the_middle_is_run_again(tmp_path):
    middle = 'i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo "{\\"id\\": $i}"; [ -e again ] || [ $i -lt 1500 ] || kill -KILL $$; done\n'
    project(tmp_path, one(), program=middle)
    result = weir.run(tmp_path, "run", "p", expect=1)
    assert "signal 9, Killed, and said nothing" in result.err
    assert not loaded(tmp_path)
    (tmp_path / "again").touch()

    weir.run(tmp_path, "run", "p")

    assert query(tmp_path, "select count(*), count(distinct id), max(id) from raw.rows") == [(2000, 2000, 2000)]


def test_what_a_program_says_does_not_stop_it(tmp_path):
    project(tmp_path, one(), program="yes 'much ado' | head -c 20000000 >&2; echo '{\"id\": 1}'\n")

    weir.run(tmp_path, "run", "p")

    assert query(tmp_path, "select id from raw.rows") == [(1,)]


def test_memory_does_not_grow_with_what_is_printed(tmp_path):
    # All but one row of 300 MB are left out by the cursor: this is about reading.
    program = f"yes '{{\"id\": 1, \"text\": \"{'x' * 180}\"}}' | head -c 300000000 | sed '$d'; echo '{{\"id\": 9}}'\n"
    project(tmp_path, one(', incremental = { cursor_path = "id", initial_value = 5 }'), program=program)

    weir.run(tmp_path, "run", "p")

    [trace] = (tmp_path / ".weir/pipelines/p/loaded").glob("*.json")
    assert json.loads(trace.read_text())["memory_peak"] < 16 << 20
    assert query(tmp_path, "select id from raw.rows") == [(9,)]


def test_memory_does_not_grow_with_the_rows_of_a_tap(tmp_path):
    messages = [{"type": "RECORD", "stream": stream, "record": {"id": 1, "text": "x" * 180}} for stream in ("rows", "others", "rows")]
    schemas = [{"type": "SCHEMA", "stream": stream, "schema": {}} for stream in ("rows", "others")]
    say = "".join(f"echo '{json.dumps(schema)}'\n" for schema in schemas)
    program = say + "yes '" + "\n".join(map(json.dumps, messages)) + "' | head -n 600000\n"
    project(tmp_path, one(format="singer"), program=program)

    weir.run(tmp_path, "run", "p", DESTINATION__DUCKDB__MEMORY_LIMIT="256MB")

    [trace] = (tmp_path / ".weir/pipelines/p/loaded").glob("*.json")
    assert json.loads(trace.read_text())["memory_peak"] < 80 << 20
    assert query(tmp_path, "select count(*) from raw.rows union all select count(*) from raw.others") == [(400000,), (200000,)]


# ---- stopping ----

HANGS = "trap '{trap}' TERM\nsleep 1000 &\necho $! > child.pid\necho $$ > own.pid\necho '{{\"id\": 1}}'\nwhile :; do sleep 0.05; done\n"


def start_hanging(folder, trap="exit 9", **env):
    project(folder, one(), program=HANGS.format(trap=trap))
    process = weir.start(folder, "run", "p", **env)
    wait_until(lambda: len([file for file in folder.glob("*.pid") if file.read_text().endswith("\n")]) == 2)
    return process


def expect_nobody(folder):
    for pid in pids(folder):
        wait_until(lambda pid=pid: is_gone(pid))


def test_a_run_that_is_stopped_asks_its_program_to_end(tmp_path):
    process = start_hanging(tmp_path)

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=60) == 143
    expect_nobody(tmp_path)
    assert not loaded(tmp_path)


def test_a_program_that_will_not_end_is_killed_after_its_grace(tmp_path):
    process = start_hanging(tmp_path, trap="")
    begun = time.monotonic()

    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=60) == 130
    assert time.monotonic() - begun >= 5
    expect_nobody(tmp_path)


def test_the_second_signal_kills_it_at_once(tmp_path):
    process = start_hanging(tmp_path, trap="")
    begun = time.monotonic()

    process.send_signal(signal.SIGINT)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=60) == 130
    assert time.monotonic() - begun < 4
    expect_nobody(tmp_path)


def test_nothing_is_left_of_a_run_that_is_killed(tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    process = start_hanging(tmp_path, trap="", SOURCES__COMMAND__PROGRAM__CONFIG='{"key": "s3cr3t"}', XDG_RUNTIME_DIR=str(place))
    assert len(list(place.rglob("config"))) == 1

    process.kill()
    process.wait()

    expect_nobody(tmp_path)
    wait_until(lambda: list(place.iterdir()) == [])


def test_what_a_program_leaves_in_the_background_ends_with_it(tmp_path):
    project(tmp_path, one(), program="sleep 1000 >&- 2>&- &\necho $! > child.pid\necho '{\"id\": 1}'\n")

    weir.run(tmp_path, "run", "p")

    expect_nobody(tmp_path)
    assert loaded(tmp_path)


# ---- what is wrong is told ----


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('resources = [{ name = "rows" }]', "p.toml:6:14: the resource has no 'command'"),
        ('resources = [{ name = "rows", command = "a \'b" }]', "p.toml:6:41: 'command': it is no command: a quote is not closed"),
        ('resources = [{ name = "rows", command = 1 }]', "p.toml:6:41: 'command' is an integer, expected a text, or a list of texts"),
        ('resources = [{ name = "rows", command = ["a"], sh = "a" }]', "p.toml:6:53: there is 'command' and 'sh'"),
        ('resources = [{ name = "rows", command = [] }]', "p.toml:6:41: 'command' names no program"),
        ('resources = [{ name = "rows", command = ["a"], format = "xml" }]', "the format 'xml' cannot be read"),
        ('resources = [{ name = "rows", comand = ["a"] }]', "did you mean 'command'?"),
        ('resources = [{ name = "rows", command = ["no-such-program"] }]', "the program 'no-such-program' could not be started"),
        ('folder = "nowhere"\nresources = [{ name = "rows", command = ["true"] }]', "nowhere' to run a program in"),
        ('resources = [{ name = "rows", command = ["a"], streams = {} }]', "only a Singer tap has 'streams'"),
        (one(', incremental = { cursor_path = "id" }', "singer"), "'incremental' means nothing for a Singer tap"),
        (one(', table_name = "x"', "singer"), "'table_name' means nothing for a Singer tap"),
        (one(", streams = { a = { primry_key = 1 } }", "singer"), "did you mean 'primary_key'?"),
        (one(', catalog = "none.json"', "singer"), "there is no catalog '"),
        (one(', env = { "A=B" = "1" }'), "'A=B' cannot be an environment variable"),
        ('format = "singer"\nresources = [{ name = "rows", command = ["true", "--config={config}"] }]', "'--config={config}' stands for a file, but there is no config"),
    ],
)
def test_what_is_wrong_with_a_command_is_told(tmp_path, source, message):
    project(tmp_path, source, program="true\n")

    result = weir.run(tmp_path, "run", "p", expect=None)

    assert result.status in (1, 3)
    assert message in result.err, result


def test_a_message_that_is_none_is_told_with_its_place(tmp_path):
    project(tmp_path, one(format="singer"), program="echo '{\"type\":\"SCHEMA\",\"stream\":\"s\",\"schema\":{}}'; echo '{\"id\": 1}'\n")

    result = weir.run(tmp_path, "run", "p", expect=1)

    assert "program:2: line at byte 43: it is no Singer message: it has no 'type'\n  hint: " in result.err
    assert not loaded(tmp_path)


def test_secrets_of_programs_are_refused_in_config_toml(tmp_path):
    project(tmp_path, one(), program="true\n")
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt" / "config.toml").write_text('[sources.command.program.env]\nA = "1"\n')

    result = weir.run(tmp_path, "run", "p", expect=3)

    assert "config.toml" in result.err
