"""Configuration, as a user meets it: files, environment, providers, and the commands that tell about them."""

import json
import re

import pytest
from harness import dataset, weir
from harness.cli import check_said

CONFIG = 3  # exit status

RATES = r"""
#include <weir.h>

static weir_status rates(weir_ctx *cx, weir_rows *rows)
{
    return weir_emit(rows, weir_kv("base", weir_config(cx, "base")),
                     weir_kv("key_length", (int64_t)strlen(weir_config(cx, "api_key"))));
}

static const weir_source open_exchange_rates = {
    .name = "open_exchange_rates",
    .config = WEIR_OPTIONS({ "api_key", .secret = true, .required = true, .help = "the key of the account" },
                           { "base", .standard = "USD" }, { "pages", WEIR_OPTION_INT, .required = true }),
    .resources = WEIR_RESOURCES({ "rates", rates }),
};

static const weir_pipeline currencies = { .name = "currencies", .destination = "duckdb", .source = "open_exchange_rates" };

WEIR_REGISTER(open_exchange_rates);
WEIR_REGISTER(currencies);
"""

VAULT = r"""
#include <weir.h>

static weir_status rows(weir_ctx *cx, weir_rows *rows)
{
    return weir_emit(rows, weir_kv("pin", weir_config(cx, "pin")));
}

static weir_status get(weir_ctx *cx, const void *self, const weir_key *key, weir_value *ret)
{
    if (strcmp(key->section, "sources.safe") == 0 && strcmp(key->name, "pin") == 0)
        *ret = weir_cstr("pin of the vault");
    return WEIR_OK;
}

static const weir_provider vault = { .name = "vault", .get = get };

static weir_status setup(weir_ctx *cx)
{
    return weir_provider_add(cx, &vault);
}

static const weir_source safe = {
    .name = "safe",
    .config = WEIR_OPTIONS({ "pin", .secret = true, .required = true }),
    .resources = WEIR_RESOURCES({ "rows", rows }),
};
static const weir_pipeline p = { .name = "p", .destination = "duckdb", .source = "safe", .setup = setup };

WEIR_REGISTER(safe);
WEIR_REGISTER(p);
"""

NESTED = {
    "id": 1,
    "obj": {"a": 1, "b": {"c": 2}},
    "kids": [{"x": 1, "sub": {"z": 1}, "grand": [{"y": 1, "gg": [1]}]}],
    "tags": ["a", "b"],
    "lol": [[1, 2], [3]],
}


def settings(folder, secrets=None, config=None):
    (folder / ".dlt").mkdir(exist_ok=True)
    for name, text in (("secrets", secrets), ("config", config)):
        if text is not None:
            (folder / ".dlt" / f"{name}.toml").write_text(text)


def columns(folder, database):
    """Columns of the user's tables, without those of dlt."""
    rows = dataset.query(folder / database, "select table_name, column_name from duckdb_columns() where not internal")
    tables = {}
    for table, column in rows:
        if not table.startswith("_dlt"):
            tables.setdefault(table, set()).update(set() if column.startswith("_dlt") else {column})
    return tables


# ---- running ----


def test_a_source_gets_its_options_from_the_files_and_the_environment(tmp_path):
    (tmp_path / "rates.c").write_text(RATES)
    settings(tmp_path, '[sources.open_exchange_rates]\napi_key = "s3cret-12"\n', "[sources]\npages = 3\n")

    weir.run(tmp_path, "run", "rates.c", SOURCES__OPEN_EXCHANGE_RATES__BASE="EUR")

    query = "select base, key_length from currencies_dataset.rates"
    assert dataset.query(tmp_path / "currencies.duckdb", query) == [("EUR", 9)]


def test_all_options_that_are_missing_are_reported_before_anything_is_done(tmp_path):
    (tmp_path / "rates.c").write_text(RATES)
    settings(tmp_path, config="[runtime]\nlog_level = 'WARNING'\n")

    said = weir.run(tmp_path, "run", "rates.c", expect=CONFIG).err

    assert "missing 2 field(s) in configuration `sources.open_exchange_rates`: `api_key`, `pages`" in said
    assert "(Environment Variables, CURRENCIES__SOURCES__OPEN_EXCHANGE_RATES__API_KEY)" in said
    assert "(config.toml, sources.open_exchange_rates.pages)" in said
    assert "(config.toml, sources.open_exchange_rates.api_key)" not in said
    assert not (tmp_path / "currencies.duckdb").exists()


def test_a_secret_is_written_nowhere(tmp_path):
    (tmp_path / "rates.c").write_text(RATES)
    settings(tmp_path, '[sources.open_exchange_rates]\napi_key = "s3cret-12"\n', "[sources]\npages = 3\n")

    said = weir.run(tmp_path, "run", "rates.c", WEIR_LOG="debug")
    said.err += str(weir.run(tmp_path, "config", "explain", "sources.open_exchange_rates.api_key", "rates.c"))

    assert "s3cret" not in said.out + said.err
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "secrets.toml":
            assert b"s3cret" not in path.read_bytes(), path


def test_a_program_that_embeds_the_library_has_the_same_chain(tmp_path):
    main = """weir_status weir_main(weir_ctx *cx)
    {
        weir_ctx *own = weir_open();
        const weir_status status = weir_pipeline_run(own, &currencies);
        const weir_status told = status == WEIR_OK ? status : weir_fail(cx, status, "%s", weir_error_message(own));
        weir_close(own);
        return told;
    }
    """
    (tmp_path / "rates.c").write_text(RATES.replace("WEIR_REGISTER(currencies);", main))
    settings(tmp_path, '[sources.open_exchange_rates]\napi_key = "s3cret-12"\n', "[sources]\npages = 3\n")

    weir.run(tmp_path, "run", "rates.c")

    query = "select base, key_length from currencies_dataset.rates"
    assert dataset.query(tmp_path / "currencies.duckdb", query) == [("USD", 9)]


def test_a_provider_of_the_project_answers_last(tmp_path):
    (tmp_path / "p.c").write_text(VAULT)
    weir.run(tmp_path, "run", "p.c")
    weir.run(tmp_path, "run", "p.c", SOURCES__SAFE__PIN="of the environment")

    assert dataset.query(tmp_path / "p.duckdb", "select pin from p_dataset.rows order by 1") == [
        ("of the environment",),
        ("pin of the vault",),
    ]


def test_a_provider_that_comes_too_late_is_refused(tmp_path):
    emit = '    return weir_emit(rows, weir_kv("pin"'
    late = "static weir_status get(weir_ctx *cx, const void *self, const weir_key *key, weir_value *ret);\n"
    late += 'static const weir_provider late = { .name = "late", .get = get };\n\nstatic weir_status rows'
    source = VAULT.replace(emit, "    WEIR_TRY(weir_provider_add(cx, &late));\n" + emit)
    (tmp_path / "p.c").write_text(source.replace("static weir_status rows", late, 1))

    said = weir.run(tmp_path, "run", "p.c", expect=1)

    check_said(
        said,
        1,
        "pipeline 'p': resource 'rows': provider 'late' comes too late: the chain is frozen while a run lasts",
        "add it in the pipeline's .setup, or before the run",
    )


def test_a_broken_file_is_told_with_its_place_and_a_secret_in_it_is_not_shown(tmp_path):
    settings(tmp_path, "[x]\npassword = hunter2\n")
    (tmp_path / "x.jsonl").write_text('{"id": 1}\n')

    said = weir.run(tmp_path, "copy", "x.jsonl", "duckdb:///x.duckdb", expect=CONFIG).err

    assert re.search(r"reading the settings: /\S+/\.dlt/secrets\.toml:2:12: expected .*, found '\*\*\*\*'", said)
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("levels", "tables"),
    [
        (0, {"t": {"id", "obj", "kids", "tags", "lol"}}),
        (
            1,
            {
                "t": {"id", "obj__a", "obj__b"},
                "t__kids": {"x", "sub", "grand"},
                "t__tags": {"value"},
                "t__lol": {"list"},
            },
        ),
        (
            2,
            {
                "t": {"id", "obj__a", "obj__b__c"},
                "t__kids": {"x", "sub__z"},
                "t__kids__grand": {"y", "gg"},
                "t__tags": {"value"},
                "t__lol": {"list"},
            },
        ),
    ],
)
def test_max_table_nesting_of_the_settings_has_its_effect(levels, tables, tmp_path):
    settings(tmp_path, config=f"[normalize]\nmax_table_nesting = {levels}\n")
    (tmp_path / "t.jsonl").write_text(json.dumps(NESTED) + "\n")

    weir.run(tmp_path, "copy", "t.jsonl", "duckdb:///x.duckdb")

    assert columns(tmp_path, "x.duckdb") == tables


def test_what_a_resource_says_of_nesting_wins_over_the_settings(tmp_path):
    settings(tmp_path, config="[normalize]\nmax_table_nesting = 0\n")
    (tmp_path / "t.jsonl").write_text(json.dumps(NESTED) + "\n")

    weir.run(tmp_path, "copy", "t.jsonl", "duckdb:///x.duckdb", "--max-nesting", "1")

    assert "t__kids" in columns(tmp_path, "x.duckdb")


# ---- which destination ----

NAMELESS = r"""
#include <weir.h>

static weir_status rows(weir_ctx *cx, weir_rows *rows)
{
    return weir_emit(rows, weir_kv("id", 1));
}

static const weir_pipeline sw = { .name = "sw", DESTINATION .resources = WEIR_RESOURCES({ "rows", rows }) };
WEIR_REGISTER(sw);
"""


def run_sw(folder, written, *words, **more):
    destination = f'.destination = "{written}",' if written else ""
    (folder / "sw.c").write_text(NAMELESS.replace("DESTINATION", destination))
    return weir.run(folder, "run", "sw.c", *words, **more)


@pytest.mark.parametrize(
    ("written", "env", "database"),
    [
        (None, {"DESTINATION__NAME": "duckdb"}, "sw.duckdb"),  # DST-2, as weir decides
        ("snowflake", {"DESTINATION__NAME": "duckdb"}, "sw.duckdb"),  # DST-3, as weir decides
        (None, {"DESTINATION_NAME": "duckdb"}, "sw.duckdb"),  # DST-4
        (None, {"DESTINATION_TYPE": "duckdb"}, "sw.duckdb"),  # DST-5
        (None, {"PIPELINES__SW__DESTINATION_TYPE": "duckdb"}, "sw.duckdb"),
        (None, {"DESTINATION_TYPE": "duckdb", "DESTINATION_NAME": "my_pg"}, "my_pg.duckdb"),  # DST-6
        ("duckdb", {"DESTINATION_NAME": "other"}, "other.duckdb"),  # DST-8
        ("duckdb", {"DESTINATION_TYPE": "nonsense"}, "sw.duckdb"),  # DST-9
        ("my_dw", {"DESTINATION__MY_DW__DESTINATION_TYPE": "duckdb"}, "my_dw.duckdb"),  # DST-10
        ("snowflake", {"DESTINATION__SNOWFLAKE__DESTINATION_TYPE": "duckdb"}, "snowflake.duckdb"),  # DST-11
    ],
)
def test_a_destination_is_chosen_by_the_settings(written, env, database, tmp_path):
    run_sw(tmp_path, written, **env)

    assert [path.name for path in tmp_path.glob("*.duckdb")] == [database]


@pytest.mark.parametrize(
    ("written", "env", "wanted"),
    [
        (None, {}, "pipeline 'sw' has no destination"),  # DST-1
        (None, {"DESTINATION_NAME": "my_pg"}, "there is no destination 'my_pg'"),  # DST-7
        ("my_dw", {"DESTINATION__MY_DW__DESTINATION_TYPE": "nonsense"}, "there is no destination 'nonsense'"),  # DST-12
        (None, {"NAME": "duckdb"}, "pipeline 'sw' has no destination"),  # a variable of everybody
    ],
)
def test_a_destination_that_is_not_there_is_refused(written, env, wanted, tmp_path):
    assert wanted in run_sw(tmp_path, written, expect=CONFIG, **env).err


def test_the_command_line_wins_over_the_environment_over_the_file(tmp_path):
    settings(tmp_path, config='[destination]\nname = "third"\n[destination.first]\ndestination_type = "duckdb"\n')

    assert "there is no destination 'third'" in run_sw(tmp_path, "duckdb", expect=CONFIG).err
    said = run_sw(tmp_path, "duckdb", expect=CONFIG, DESTINATION__NAME="second").err
    assert "there is no destination 'second'" in said
    run_sw(tmp_path, "duckdb", "--destination", "first", DESTINATION__NAME="second")
    assert (tmp_path / "first.duckdb").exists()


def test_the_options_of_a_named_destination_stand_under_its_name(tmp_path):
    settings(
        tmp_path,
        '[destination.dw.credentials]\ndatabase = "there.duckdb"\n',
        '[destination.dw]\ndestination_type = "duckdb"\n[pipelines.sw]\ndataset_name = "raw"\n',
    )

    run_sw(tmp_path, "dw")

    assert dataset.query(tmp_path / "there.duckdb", "select id from raw.rows") == [(1,)]


# ---- weir config explain ----


def test_explain_shows_each_place_in_order_and_who_answers(tmp_path):
    settings(tmp_path, "[sources]\napi_key = 's3cret-12'\n", "x = 1\n")
    (tmp_path / "rates.c").write_text(RATES)

    said = weir.run(tmp_path, "config", "explain", "sources.open_exchange_rates.api_key", "rates.c").out

    lines = [line.split() for line in said.splitlines()]
    assert said.startswith("sources.open_exchange_rates.api_key = ****\n  from key in secrets.toml sources.api_key, ")
    assert "  the key of the account" in said
    first = ["Environment", "Variables", "CURRENCIES__SOURCES__OPEN_EXCHANGE_RATES__API_KEY", "nothing"]
    assert lines.index(first) < lines.index(["secrets.toml", "currencies.api_key", "nothing"])
    assert ["secrets.toml", "sources.api_key", "answers"] in lines
    assert ["secrets.toml", "api_key", "not", "asked"] in lines
    assert "s3cret" not in said


def test_explain_tells_the_value_and_its_place_to_programs(tmp_path):
    settings(tmp_path, config="[load]\nkeep_packages = '0x10'\n")

    answer = json.loads(weir.run(tmp_path, "config", "explain", "load.keep_packages", "--json").out)

    assert {key: answer[key] for key in ("declared", "given", "value", "provider", "place")} == {
        "declared": True,
        "given": True,
        "value": "16",
        "provider": "config.toml",
        "place": "load.keep_packages",
    }
    assert answer["places"][-2:] == [
        {"provider": "config.toml", "key": "load.keep_packages", "state": "answers"},
        {"provider": "config.toml", "key": "keep_packages", "state": "not asked"},
    ]


def test_explain_shows_what_no_table_declares_only_from_where_no_secret_may_be(tmp_path):
    settings(tmp_path, "[sources.hub]\ntoken = 's3cret'\n", "[sources.hub]\npages = 7\n")

    assert "= 7\n" in weir.run(tmp_path, "config", "explain", "sources.hub.pages").out
    said = weir.run(tmp_path, "config", "explain", "sources.hub.token").out
    assert "= ****\n" in said and "no table of this weir declares it" in said
    assert "s3cret" not in said


# ---- weir config check ----


def test_check_reports_all_that_is_missing_and_what_nothing_reads(tmp_path):
    settings(tmp_path, config="[sorces]\npages = 1\n[normalize]\nwrokers = 3\n[load]\nworkers = 4\nkeep_packages = 'x'\n")
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "rates.c").write_text(RATES)
    (tmp_path / "pipelines" / "p.c").write_text(VAULT.replace('"sources.safe"', '"nowhere"'))

    result = weir.run(tmp_path, "config", "check", expect=CONFIG)

    assert "missing 1 field(s) in configuration `sources.safe`: `pin`" in result.out
    assert "missing 2 field(s) in configuration `sources.open_exchange_rates`: `api_key`, `pages`" in result.out
    assert "field `keep_packages` cannot be coerced into an integer: 'x'" in result.out
    assert ".dlt/config.toml:4: nothing reads the key 'normalize.wrokers'" in result.out
    assert "did you mean 'normalize.workers'?" in result.out
    assert "nothing reads the key 'sorces.pages'" in result.out
    assert "load.workers" not in result.out  # dlt's own
    assert "error(s) in the configuration" in result.err


def test_check_of_a_complete_configuration_is_content(tmp_path):
    settings(tmp_path, "[sources.open_exchange_rates]\napi_key = 'k'\n", "[sources]\npages = 1\n")
    (tmp_path / "rates.c").write_text(RATES)

    assert weir.run(tmp_path, "config", "check", "rates.c").out == "the configuration is complete\n"


def test_pipelines_in_toml_are_checked_and_explained_like_others(tmp_path):
    source = '[source.filesystem]\nbucket_url = "."\nresources = [{ name = "x", file_glob = "*.jsonl" }]\n'
    settings(tmp_path, config="[files.load]\nkeep_packages = 3\n[destination.duckdb]\nthreads = 'many'\n")
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "files.toml").write_text('[pipeline]\ndestination = "duckdb"\n' + source)
    (tmp_path / "pipelines" / "nowhere.toml").write_text('[pipeline]\ndestination = "duckbd"\n' + source)
    (tmp_path / "pipelines" / "broken.toml").write_text("[pipeline\n")

    problems = json.loads(weir.run(tmp_path, "config", "check", "--json", expect=CONFIG).out)["problems"]

    said = [problem["message"] for problem in problems]
    assert len(said) == 3, said
    assert "broken.toml:1:10: expected" in said[0]
    assert "field `threads` cannot be coerced into an integer: 'many'" in said[1]
    assert said[2] == "there is no destination 'duckbd'"
    answer = json.loads(weir.run(tmp_path, "config", "explain", "load.keep_packages", "files", "--json").out)
    assert answer["place"] == "files.load.keep_packages"


def test_a_key_of_a_pipeline_that_ran_is_read(tmp_path):
    settings(tmp_path, config="[sw.load]\nkeep_packages = 3\n[wz.load]\nkeep_packages = 3\n")
    run_sw(tmp_path, "duckdb")

    answer = json.loads(weir.run(tmp_path, "config", "check", "--json").out)

    [problem] = answer["problems"]
    assert problem["kind"] == "unread"
    assert "nothing reads the key 'wz.load.keep_packages'" in problem["message"]


def test_the_options_of_kinds_of_sources_are_known(tmp_path):
    settings(tmp_path, config="[sources.filesystem]\nbucket_url = 'x'\nfile_glbo = '*'\n")

    [problem] = json.loads(weir.run(tmp_path, "config", "check", "--json").out)["problems"]
    assert "nothing reads the key 'sources.filesystem.file_glbo'" in problem["message"]
    assert problem["hint"] == "did you mean 'sources.filesystem.file_glob'?"
    answer = json.loads(weir.run(tmp_path, "config", "explain", "sources.filesystem.bucket_url", "--json").out)
    assert answer["declared"] and answer["value"] == "x"
    weir.run(tmp_path, "config", "example")
    assert "[sources.filesystem]\n# folder of the files" in (tmp_path / ".dlt" / "config.toml.example").read_text()


@pytest.mark.parametrize(
    "value, said",
    [
        ('{ module = "simple" }', "there is no JSON normaliser 'simple' (key in config.toml schema.json_normalizer, "),
        ("{ config = { max_nesting = -1 } }", "'max_nesting' is -1, not from 0 to 1000 (key in config.toml "),
        ("5", "cannot be coerced into a table: '5'"),
    ],
)
def test_settings_of_the_normaliser_that_cannot_be_are_refused(tmp_path, value, said):
    settings(tmp_path, config=f"schema.json_normalizer = {value}\n")
    (tmp_path / "rates.c").write_text(RATES)
    environment = {"SOURCES__OPEN_EXCHANGE_RATES__API_KEY": "k", "SOURCES__OPEN_EXCHANGE_RATES__PAGES": "1"}

    run = weir.run(tmp_path, "run", "rates.c", expect=CONFIG, **environment)

    assert said in run.err


def test_the_destination_of_a_pipeline_is_told(tmp_path):
    settings(tmp_path)
    (tmp_path / "rates.c").write_text(RATES)
    words = ("config", "explain", "destination.name", "rates.c", "--json")

    own = json.loads(weir.run(tmp_path, *words).out)
    switched = json.loads(weir.run(tmp_path, *words, DESTINATION__DW__DESTINATION_TYPE="duckdb", DESTINATION__NAME="dw").out)

    assert not own["given"] and own["destination"] == "duckdb"
    assert switched["given"] and switched["destination"] == "dw"


def test_the_options_of_a_named_destination_are_known(tmp_path):
    settings(
        tmp_path,
        "[destination.dw.credentials]\ndatabase = 'x.duckdb'\n",
        "[destination.dw]\ndestination_type = 'duckdb'\nthreads = 2\ntreads = 2\n",
    )

    [problem] = json.loads(weir.run(tmp_path, "config", "check", "--json").out)["problems"]
    assert "nothing reads the key 'destination.dw.treads'" in problem["message"]
    assert problem["hint"] == "did you mean 'destination.dw.threads'?"
    answer = json.loads(weir.run(tmp_path, "config", "explain", "destination.dw.threads", "--json").out)
    assert answer["declared"] and answer["value"] == "2"


# ---- weir config example ----


def test_the_examples_hold_every_option_and_are_valid_when_they_are_taken(tmp_path):
    (tmp_path / "rates.c").write_text(RATES)

    weir.run(tmp_path, "config", "example", "rates.c")

    config = (tmp_path / ".dlt" / "config.toml.example").read_text()
    secrets = (tmp_path / ".dlt" / "secrets.toml.example").read_text()
    assert "[sources.open_exchange_rates]\n" in config and '# base = "USD"\n' in config
    assert '[sources.open_exchange_rates]\n# the key of the account\n# api_key = "<configure me>"\n' in secrets
    assert "api_key" not in config
    taken = re.sub(r"^# (\w+ = \S.*)$", r"\1", config, flags=re.M)
    settings(tmp_path, secrets, taken)
    weir.run(tmp_path, "config", "check")


def test_an_example_is_not_written_over(tmp_path):
    weir.run(tmp_path, "config", "example")

    said = weir.run(tmp_path, "config", "example", expect=1)
    check_said(said, 1, "'.dlt/config.toml.example' is already there", "--force writes it anew")
    weir.run(tmp_path, "config", "example", "--force")
