"""A plan says what the load then does, and leaves nothing behind."""

import json
import os
import re
import shlex
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import cli, planning, weir
from harness.planning import CHANGE, NO_CHANGE, REFUSED, plan

sys.path.append(str(weir.ROOT / "tests" / "parity"))
import generate  # noqa: E402

PAGE = (weir.ROOT / "docs" / "guide" / "plan.md").read_text()
FIRST_CHECK = (weir.ROOT / "data-pipelines" / "test_weir.c").read_text()
PER_FEATURE = 6
LOG = "sql=debug"


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def pipeline(folder, source="", resource='name = "events"', **contents):
    (folder / "pipelines").mkdir(exist_ok=True)
    (folder / "data").mkdir(exist_ok=True)
    (folder / "pipelines" / "events.toml").write_text(
        '[pipeline]\ndestination = "duckdb"\ndataset_name = "raw"\n\n'
        f'[source.filesystem]\nbucket_url = "data"\n{source}\nresources = [{{ {resource} }}]\n'
    )
    for name, text in contents.items():
        (folder / "data" / f"{name}.jsonl").write_text(text)


# ---- the plan equals the load ----


def words_of(case, run):
    words = ["rows.jsonl", "cases.duckdb", "--table", case.table, "--dataset", case.dataset, "--write", run.write]
    return words + (["--max-nesting", str(case.nesting)] if case.nesting is not None else [])


def check_rows(document, before, after):
    """The rows of the plan are those by which tables have grown, or that they were replaced with."""
    for name, table in planning.tables(document).items():
        complete = {column["column"] for column in table["columns"] if column["type"] != "(none yet)"}
        if name not in after:
            assert table["rows"] == 0 and not complete, table
            continue
        rows, columns = after[name]
        kept = 0 if table["write"] == "replace" else before.get(name, (0,))[0]
        assert rows == kept + table["rows"], name
        assert complete <= columns, name


def check_run(folder, case, run):
    [rows] = run.files
    (folder / "rows.jsonl").write_bytes(rows.content())
    file = folder / "cases.duckdb"
    document = plan(folder, *words_of(case, run))
    known = document["runs"][0]["dataset"]
    before = planning.stored(file, known)

    loaded = weir.run(folder, "copy", *words_of(case, run), expect=None, WEIR_LOG=LOG)

    after = planning.stored(file, known)
    if loaded.status != 0:
        assert document["status"] == REFUSED and document["result"] == "refused", document
        assert document["error"]["message"] in loaded.err
        assert after == before
        return
    assert planning.planned(document) == planning.executed(loaded.err)
    assert document["status"] in (CHANGE, NO_CHANGE), document
    if not document["runs"][0]["loads"]:
        assert after == before and document["status"] == NO_CHANGE
        return
    check_rows(document, before, after)
    assert document["status"] == CHANGE or {n: t[1] for n, t in before.items()} == {n: t[1] for n, t in after.items()}


def check_case(folder, case):
    folder.mkdir()
    for run in case.runs:
        check_run(folder, case, run)
    return len(case.runs)


def test_plans_of_generated_files_are_what_the_loads_then_do(tmp_path, capsys):
    cases = [generate.case(feature, number, "plan") for feature in generate.MAKERS for number in range(PER_FEATURE)]

    with ThreadPoolExecutor(2) as threads:
        runs = list(threads.map(lambda case: check_case(tmp_path / case.name, case), cases))

    with capsys.disabled():
        print(f"\n{len(cases)} cases, {sum(runs)} plans", end="")
    assert len(cases) >= 100


@pytest.mark.parametrize("strategy", ["delete-insert", "upsert", "insert-only", "scd2", "cdc"])
def test_the_plan_of_a_merge_is_what_the_load_then_does(strategy, tmp_path):
    words = ["rows.jsonl", "m.duckdb", "--write", "merge", "--primary-key", "id", "--strategy", strategy]
    for rows in ([{"id": 1, "t": [{"x": 1}]}, {"id": 2}], [{"id": 2, "new": "y", "t": [{"x": 2}]}, {"id": 3}]):
        (tmp_path / "rows.jsonl").write_text(lines(*rows))

        document = plan(tmp_path, *words, expect=CHANGE)
        loaded = weir.run(tmp_path, "copy", *words, WEIR_LOG=LOG).err

        warned = [line for line in loaded.splitlines() if " warning: " not in line]
        assert planning.planned(document) == planning.executed("\n".join(warned))
        assert any("_staging" in text for text in document["runs"][0]["loads"][0]["sql"])


def test_a_file_with_the_name_of_its_dataset_is_planned_as_it_is_loaded(tmp_path):
    (tmp_path / "rows.jsonl").write_text(lines({"id": 1}))
    for name in ("shop.duckdb", "main.db", "a.b.duckdb"):
        words = ["rows.jsonl", name, "--dataset", name.split(".")[0]]

        document = plan(tmp_path, *words, expect=CHANGE)

        assert planning.planned(document) == planning.executed(weir.run(tmp_path, "copy", *words, WEIR_LOG=LOG).err)
        assert plan(tmp_path, *words, expect=NO_CHANGE)["result"] == "no change"


# ---- pipelines ----


def test_a_pipeline_in_c_is_planned_and_then_run(tmp_path):
    (tmp_path / "test_weir.c").write_text(FIRST_CHECK)

    document = plan(tmp_path, "test_weir.c", expect=CHANGE)
    loaded = weir.run(tmp_path, "run", "test_weir.c", WEIR_LOG=LOG)

    assert planning.planned(document) == planning.executed(loaded.err)
    assert planning.tables(document)["test_data"]["rows"] == 2
    assert planning.tables(document)["test_data"]["sample"][1] == {"id": 2, "name": "another test"}
    assert "weir is working!" in document["said"]
    assert plan(tmp_path, "test_weir.c", expect=NO_CHANGE)["runs"][0]["loads"][0]["ddl"] == []


def test_a_plan_moves_no_cursor(tmp_path):
    incremental = 'name = "events", file_glob = "*.jsonl", incremental = { cursor_path = "id" }'
    pipeline(tmp_path, resource=incremental, a=lines({"id": 1}, {"id": 2}))
    weir.run(tmp_path, "run", "events")
    (tmp_path / "data" / "b.jsonl").write_text(lines({"id": 2}, {"id": 3}))

    for _ in range(2):
        assert planning.tables(plan(tmp_path, "events", expect=NO_CHANGE))["events"]["rows"] == 1
    weir.run(tmp_path, "run", "events")

    assert planning.stored(tmp_path / "events.duckdb", "raw")["events"][0] == 3
    assert plan(tmp_path, "events", expect=NO_CHANGE)["runs"][0]["loads"] == []


def test_what_an_earlier_run_has_sealed_is_planned_first(tmp_path):
    (tmp_path / "orders.c").write_text(cli.PIPELINE)
    weir.run(tmp_path, "run", "orders.c", binary=weir.faults(), expect=-9, WEIR_FAULT="package.sealed@1=kill")

    document = plan(tmp_path, "orders.c", expect=CHANGE)
    loaded = weir.run(tmp_path, "run", "orders.c", WEIR_LOG=LOG)

    assert [load["waiting"] for load in document["runs"][0]["loads"]] == [True, False]
    assert planning.planned(document) == planning.executed(loaded.err)
    assert planning.stored(tmp_path / "orders.duckdb", "shop")["items"][0] == 4


def test_a_schema_file_to_begin_with_is_not_left(tmp_path):
    pipeline(tmp_path, a=lines({"id": 1}))
    config = {"SCHEMA__IMPORT_SCHEMA_PATH": "schemas", "SCHEMA__EXPORT_SCHEMA_PATH": "out"}

    plan(tmp_path, "events", expect=CHANGE, **config)


@pytest.mark.parametrize("mode", ["drop_sources", "drop_resources", "drop_data"])
def test_the_plan_of_a_refresh_is_what_the_run_then_does(mode, tmp_path):
    (tmp_path / "orders.c").write_text(cli.PIPELINE)
    weir.run(tmp_path, "run", "orders.c")

    document = plan(tmp_path, "orders.c", "--refresh", mode)
    loaded = weir.run(tmp_path, "run", "orders.c", "--refresh", mode, WEIR_LOG=LOG)

    assert planning.planned(document) == planning.executed(loaded.err)
    assert document["status"] == (NO_CHANGE if mode == "drop_data" else CHANGE)
    assert planning.stored(tmp_path / "orders.duckdb", "shop")["items"][0] == 2


# ---- what is left ----


def test_a_killed_plan_leaves_nothing(tmp_path):
    (tmp_path / "endless.c").write_text(cli.ENDLESS)
    before = planning.files(tmp_path)

    started = weir.start(tmp_path, "plan", "endless.c")
    while "ready" not in started.stderr.readline():
        assert started.poll() is None
    time.sleep(0.1)  # in the middle of the extraction
    started.send_signal(signal.SIGKILL)
    started.communicate()

    assert planning.files(tmp_path) == before


def test_a_plan_that_is_asked_to_end_does(tmp_path):
    (tmp_path / "endless.c").write_text(cli.ENDLESS)
    before = planning.files(tmp_path)

    started = weir.start(tmp_path, "plan", "endless.c")
    while "ready" not in started.stderr.readline():
        assert started.poll() is None
    started.send_signal(signal.SIGTERM)
    started.communicate(timeout=weir.TIMEOUT_S)

    assert started.returncode == 128 + signal.SIGTERM
    assert planning.files(tmp_path) == before


def test_bad_rows_are_counted_and_kept_nowhere(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"id": 1}\n{"id"\n')

    document = plan(tmp_path, "rows.jsonl", "x.duckdb", "--on-bad-row", "quarantine", expect=CHANGE)

    assert document["runs"][0]["loads"][0]["bad_rows"] == 1


# ---- verdicts ----


def test_what_a_contract_freezes_is_refused(tmp_path):
    pipeline(tmp_path, 'schema_contract = { columns = "freeze" }', a=lines({"id": 1}))
    weir.run(tmp_path, "run", "events")
    (tmp_path / "data" / "a.jsonl").write_text(lines({"id": 1, "new": 1}))

    document = plan(tmp_path, "events", expect=REFUSED)

    assert "Can't add table column `new` to table `events`" in document["error"]["message"]
    assert weir.run(tmp_path, "plan", "events", expect=REFUSED).out.endswith("result: refused\n")


def test_what_a_contract_drops_is_counted(tmp_path):
    pipeline(tmp_path, 'schema_contract = { columns = "discard_row" }', a=lines({"id": 1}))
    weir.run(tmp_path, "run", "events")
    (tmp_path / "data" / "a.jsonl").write_text(lines({"id": 1, "new": 1}, {"id": 2}))

    document = plan(tmp_path, "events", expect=NO_CHANGE)

    table = planning.tables(document)["events"]
    assert (table["rows"], table["dropped_rows"], table["contract"]["columns"]) == (1, 1, "discard_row")
    assert "columns discard_row" in weir.run(tmp_path, "plan", "events").out


def test_a_change_of_the_schema_without_statements_is_a_change(tmp_path):
    pipeline(tmp_path, a=lines({"id": 1}))
    weir.run(tmp_path, "run", "events")
    pipeline(tmp_path, resource='name = "events", columns = { id = { description = "the number" } }')

    document = plan(tmp_path, "events", expect=CHANGE)

    load = document["runs"][0]["loads"][0]
    assert load["ddl"] == [] and [change["property"] for change in load["changes"]] == ["description"]
    assert '~ events.id description: (none) -> "the number"' in weir.run(tmp_path, "plan", "events", expect=CHANGE).out


SECRET = """#include <weir.h>

static weir_status rates(weir_ctx *cx, weir_rows *rows)
{
    return weir_emit(rows, weir_kv("base", weir_config(cx, "base")));
}

static const weir_source bank = {
    .name = "bank",
    .config = WEIR_OPTIONS({ "api_key", .secret = true, .required = true }, { "base", .required = true }),
    .resources = WEIR_RESOURCES({ "rates", rates }),
};
WEIR_REGISTER(bank);

static const weir_pipeline money = { .name = "money", .destination = "duckdb", .source = "bank" };
WEIR_REGISTER(money);
"""


def test_settings_are_told_and_secrets_are_not(tmp_path):
    (tmp_path / "money.c").write_text(SECRET)
    env = {"SOURCES__BANK__API_KEY": "very-secret-key", "SOURCES__BANK__BASE": "EUR"}

    result = weir.run(tmp_path, "plan", "money.c", "--json", expect=CHANGE, **env)

    settings = {setting["key"]: setting for setting in json.loads(result.out)["runs"][0]["settings"]}
    assert settings["sources.bank.api_key"]["value"] == "****"
    assert settings["sources.bank.base"]["value"] == "EUR"
    assert "SOURCES__BANK__BASE" in settings["sources.bank.base"]["from"]
    assert "very-secret-key" not in result.out + result.err


def test_what_is_missing_is_told_and_is_no_verdict(tmp_path):
    (tmp_path / "money.c").write_text(SECRET)

    document = plan(tmp_path, "money.c", expect=cli.CONFIGURATION, SOURCES__BANK__BASE="EUR")

    states = {setting["key"]: setting["state"] for setting in document["runs"][0]["settings"]}
    assert states == {"sources.bank.api_key": "missing", "sources.bank.base": "given"}
    assert document["result"] == "failed" and "SOURCES__BANK__API_KEY" in document["error"]["message"]


def test_a_folder_that_is_not_there_is_told(tmp_path):
    (tmp_path / "rows.jsonl").write_text(lines({"id": 1}))

    result = weir.run(tmp_path, "plan", "rows.jsonl", "none/x.duckdb", expect=cli.FAILED)

    assert "cannot make" in result.err and "does the folder exist" in result.err


# Root may write everywhere.
NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.geteuid() == 0 else ()


@pytest.mark.parametrize("words", [["x.duckdb"], ["file:///{folder}/lake"]], ids=["duckdb", "files"])
def test_rights_that_are_missing_are_told_and_those_that_are_there(words, tmp_path):
    (tmp_path / "rows.jsonl").write_text(lines({"id": 1}))
    words = ["rows.jsonl", *[word.format(folder=tmp_path) for word in words]]
    for folder in tmp_path.parents[:2]:
        folder.chmod(0o755)
    tmp_path.chmod(0o555)

    refused = weir.run(tmp_path, "plan", *words, prefix=NOBODY, expect=cli.FAILED)
    tmp_path.chmod(0o777)
    allowed = weir.run(tmp_path, "plan", *words, prefix=NOBODY, expect=CHANGE)

    assert "Permission denied" in refused.err and "rights " not in refused.out
    assert "rights       read and write\n" in allowed.out


def test_a_sample_is_short(tmp_path):
    (tmp_path / "rows.jsonl").write_text(lines(*({"id": n, "text": "ä" * 5000, "n": None} for n in range(9))))

    [rows] = [table["sample"] for table in planning.tables(plan(tmp_path, "rows.jsonl", "x.duckdb")).values()]
    none = planning.tables(plan(tmp_path, "rows.jsonl", "x.duckdb", "--sample", "0"))["rows"]["sample"]

    assert rows == [{"id": n, "text": "ä" * 200 + "…"} for n in range(3)]
    assert none == []


USAGES = [
    (["events", "--table", "t"], "--table goes with two words: FROM TO"),
    (["a.jsonl", "x.duckdb", "--destination", "duckdb"], "--destination goes with the name of a pipeline"),
    (["a.jsonl", "x.duckdb", "--sample", "many"], "--sample 'many' is no number from 0 to 1000"),
    (["a.jsonl", "x.duckdb", "--write", "merge"], "--write merge needs to know when two rows are the same"),
    ([], "'weir plan' needs 'NAME|FILE|FROM'"),
]


@pytest.mark.parametrize(("words", "message"), USAGES)
def test_a_wrong_call_is_wrong_usage(words, message, tmp_path):
    result = weir.run(tmp_path, "plan", *words, expect=cli.USAGE)

    assert message in result.err and result.out == ""


# ---- the guide ----


def test_the_session_of_the_page_says_what_it_shows(tmp_path):
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    [rows] = [text for name, text in blocks if name == "json"]
    (tmp_path / "events.jsonl").write_text(rows)
    session = "".join(text for name, text in blocks if name == "")

    for step in session.removeprefix("$ ").split("\n$ "):
        command, _, expected = step.partition("\n")
        words = shlex.split(command.split(";")[0])
        result = weir.run(tmp_path, *words[1:], expect=None)
        said = re.sub(r"////\S+/", "////home/u/", result.out) + (f"{result.status}\n" if ";" in command else "")
        said, expected = (re.sub(r"\d\.\d\d seconds", "… seconds", text) for text in (said, expected))
        assert said.rstrip() == expected.rstrip(), command
