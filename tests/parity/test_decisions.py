"""
Where weir decides otherwise than dlt 1.31, on purpose: what it does. In most of these dlt accepts the document and then
cannot load it. test_generated.py keeps away from them.
"""

import math

import pytest
from harness import dataset, weir

MARKED = "\uf0261.5"  # how dlt writes the decimal 1.5 between its steps


def copied(folder, *lines, options=()):
    """Lines as the table raw.events; gives a function for queries."""
    (folder / "events.jsonl").write_text("".join(line + "\n" for line in lines))
    weir.run(folder, "copy", "events.jsonl", "duckdb:///x.duckdb", "--dataset", "raw", *options)
    return lambda sql: dataset.query(folder / "x.duckdb", sql)


def refused(folder, *lines):
    (folder / "events.jsonl").write_text("".join(line + "\n" for line in lines))
    return weir.run(folder, "copy", "events.jsonl", "duckdb:///x.duckdb", "--dataset", "raw", expect=1).err


def columns(query, table="events"):
    """Names and types of the data's columns."""
    found = query(
        f"SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = '{table}' ORDER BY column_index"
    )
    return {name: kind for name, kind in found if not name.startswith("_dlt")}


@pytest.mark.parametrize("number", [2**63, 2**64 - 1, -(2**63) - 1])
def test_an_integer_beyond_64_bits_makes_a_decimal_column(number, tmp_path):
    query = copied(tmp_path, f'{{"v": {number}}}')

    assert columns(query) == {"v": "DECIMAL(38,9)"}
    assert query("SELECT v::VARCHAR FROM raw.events") == [(f"{number}.000000000",)]


def test_an_integer_beyond_64_bits_is_a_variant_of_a_bigint_column(tmp_path):
    query = copied(tmp_path, '{"v": 1}', '{"v": 18446744073709551615}')

    assert columns(query) == {"v": "BIGINT", "v__v_decimal": "DECIMAL(38,9)"}
    assert query("SELECT v, v__v_decimal::VARCHAR FROM raw.events ORDER BY v") == [
        (1, None),
        (None, "18446744073709551615.000000000"),
    ]


def test_a_whole_double_beyond_64_bits_is_a_variant_of_a_bigint_column(tmp_path):
    query = copied(tmp_path, '{"v": 1}', '{"v": 1e19}', '{"v": 3.0}')

    assert query("SELECT v, v__v_double FROM raw.events ORDER BY v") == [(1, None), (3, None), (None, 1e19)]


def test_digits_beyond_64_bits_are_a_variant_of_a_bigint_column(tmp_path):
    query = copied(tmp_path, '{"v": 1}', '{"v": "99999999999999999999"}')

    assert query("SELECT v, v__v_text FROM raw.events ORDER BY v") == [(1, None), (None, "99999999999999999999")]


def test_words_for_infinity_and_no_number_go_into_a_double_column(tmp_path):
    query = copied(tmp_path, '{"v": 1.5}', '{"v": "inf"}', '{"v": "-Infinity"}', '{"v": "NaN"}')

    values = [v for (v,) in query("SELECT v FROM raw.events ORDER BY v")]
    assert values[:3] == [-math.inf, 1.5, math.inf] and math.isnan(values[3])


def test_a_zero_keeps_its_sign(tmp_path):
    query = copied(tmp_path, '{"v": -0.0}')

    assert query("SELECT v::VARCHAR FROM raw.events") == [("-0.0",)]


def test_a_variant_has_the_type_of_its_name_also_for_a_time_stamp(tmp_path):
    query = copied(tmp_path, '{"v": 1}', '{"v": "2024-01-02T03:04:05Z"}', '{"v": "later"}')

    assert columns(query) == {"v": "BIGINT", "v__v_text": "VARCHAR"}
    assert query("SELECT v__v_text FROM raw.events ORDER BY 1") == [("2024-01-02T03:04:05Z",), ("later",), (None,)]


def test_a_number_that_no_year_has_is_a_variant_of_a_time_stamp(tmp_path):
    query = copied(tmp_path, '{"v": "2024-01-02T03:04:05Z"}', '{"v": 1000000000000000000}', '{"v": 1e18}')

    assert list(columns(query)) == ["v", "v__v_bigint", "v__v_double"]
    assert query("SELECT count(v), max(v__v_bigint), max(v__v_double) FROM raw.events") == [(1, 10**18, 1e18)]


@pytest.mark.parametrize("key", ["__", "____"])
def test_a_key_of_separators_is_named_as_an_empty_one(key, tmp_path):
    query = copied(tmp_path, f'{{"{key}": 1, "id": 2}}', f'{{"{key}": [7], "id": 3}}')

    assert query("SELECT _empty, id FROM raw.events ORDER BY id") == [(1, 2), (None, 3)]
    assert query("SELECT value FROM raw.events___empty") == [(7,)]


@pytest.mark.parametrize("key", ["", " ", "\u00a0"])
def test_a_list_of_a_blank_name_is_a_table_of_its_own(key, tmp_path):
    query = copied(tmp_path, f'{{"{key}": [7], "id": 3}}')

    assert query("SELECT value FROM raw.events___empty") == [(7,)]


def test_a_list_of_a_very_long_name_is_a_table(tmp_path):
    query = copied(tmp_path, f'{{"{"long_name_" * 30}": [7]}}')

    assert query(f"SELECT value FROM raw.events__{('long_name_' * 30)[:-1]}x") == [(7,)]


def test_a_text_that_looks_like_dlts_own_notation_stays_a_text(tmp_path):
    query = copied(tmp_path, f'{{"v": "{MARKED}"}}')

    assert query("SELECT v FROM raw.events") == [(MARKED,)]


def test_lists_of_two_levels_that_get_one_name_feed_one_table(tmp_path):
    query = copied(tmp_path, '{"a": {"b": ["x"]}, "a__b": ["y"]}')

    assert query("SELECT value FROM raw.events__a__b ORDER BY 1") == [("x",), ("y",)]


HUGE = ["1e400", "-1e400", str(10**29), str(-(10**40))]


@pytest.mark.parametrize("number", HUGE)
@pytest.mark.parametrize("before", ["null", "1"])
def test_a_number_that_no_decimal_holds_is_refused_with_its_place(number, before, tmp_path):
    err = refused(tmp_path, f'{{"v": {before}}}', f'{{"v": {number}}}')

    column = "v" if before == "null" else "v__v_decimal"
    assert "events.jsonl:2: " in err
    assert f"column '{column}' of table 'events' is a decimal and cannot hold the number" in err
    assert "hint: declare the column as text, or as a decimal" in err


def test_the_largest_numbers_that_a_decimal_holds_are_kept(tmp_path):
    query = copied(tmp_path, f'{{"v": {10**29 - 1}}}', f'{{"v": {1 - 10**29}}}', '{"v": "1E+28"}')

    assert query("SELECT v::VARCHAR FROM raw.events ORDER BY v") == [
        ("-" + "9" * 29 + ".000000000",),
        ("1" + "0" * 28 + ".000000000",),
        ("9" * 29 + ".000000000",),
    ]


def test_what_a_decimal_column_cannot_hold_is_a_variant_of_its_own_type(tmp_path):
    query = copied(tmp_path, f'{{"v": {2**64}}}', '{"v": "1e400"}', '{"v": "nan"}', '{"v": 1e300}')

    assert columns(query) == {"v": "DECIMAL(38,9)", "v__v_text": "VARCHAR", "v__v_double": "DOUBLE"}
    assert query("SELECT v__v_text, v__v_double FROM raw.events ORDER BY 1, 2") == [
        ("1e400", None),
        ("nan", None),
        (None, 1e300),
        (None, None),
    ]


def test_a_finite_number_is_never_infinite_in_a_double_column(tmp_path):
    query = copied(tmp_path, '{"v": 1.5}', '{"v": "1e400"}', '{"v": "-1e999"}', f'{{"v": {10**40}}}')

    assert query("SELECT v, v__v_text FROM raw.events ORDER BY 1, 2") == [
        (1.5, None),
        (1e40, None),
        (None, "-1e999"),
        (None, "1e400"),
    ]
    assert "cannot hold the number 1E+400" in refused(tmp_path, '{"v": 1.5}', '{"v": 1e400}')


def test_long_numbers_keep_their_digits_in_texts_and_in_json(tmp_path):
    query = copied(tmp_path, f'{{"t": "a", "j": {{"n": {10**40}}}}}', f'{{"t": {10**40}}}', options=["--max-nesting", "0"])

    assert query("SELECT t, j FROM raw.events ORDER BY t") == [(str(10**40), None), ("a", f'{{"n":{10**40}}}')]


def test_a_very_long_number_is_cut_off_in_the_message(tmp_path):
    err = refused(tmp_path, f'{{"v": {"7" * 5000}}}')

    assert f"cannot hold the number {'7' * 50}…: it is not within 38 digits" in err


LINKED = '{"l": [{"x": 1}]}'
BRINGS = '{"l": [{"_dlt_id": "b"}]}'


@pytest.mark.parametrize(
    ("lines", "line", "reason"),
    [
        (['{"l": [{"_dlt_id": "b"}, {"x": 1}]}'], 1, "earlier rows brought their own ids and have no '_dlt_parent_id'"),
        (['{"l": [{"x": 1}, {"_dlt_id": "b"}]}'], 1, "a row brings its own id and gets no '_dlt_parent_id'"),
        ([LINKED, BRINGS], 2, "a row brings its own id"),
        ([BRINGS, LINKED], 2, "earlier rows brought their own ids"),
        (['{"l": [{"_dlt_id": "b", "_dlt_parent_id": "p"}, {"x": 1}]}'], 1, "have no '_dlt_list_idx'"),
    ],
)
def test_nested_rows_of_which_some_have_ids_of_their_own_are_refused_with_their_place(lines, line, reason, tmp_path):
    err = refused(tmp_path, *lines)

    assert f"events.jsonl:{line}: " in err and "table 'events__l': " in err
    assert reason in err and "hint: give '_dlt_id' to all rows of a list, or to none" in err


@pytest.mark.parametrize(("first", "second"), [(LINKED, BRINGS), (BRINGS, LINKED)])
def test_nested_rows_with_and_without_ids_of_their_own_are_refused_across_loads(first, second, tmp_path):
    copied(tmp_path, first)

    assert "events.jsonl:1: " in (err := refused(tmp_path, second)) and "_dlt_parent_id" in err
    assert dataset.query(tmp_path / "x.duckdb", "SELECT count(*) FROM raw.events__l") == [(1,)]


def test_nested_rows_may_bring_their_links_with_their_ids(tmp_path):
    links = '"_dlt_parent_id": "p", "_dlt_list_idx": 7'
    query = copied(tmp_path, f'{{"l": [{{"_dlt_id": "b", {links}}}, {{"x": 1}}]}}')

    assert query("SELECT _dlt_id = 'b', _dlt_list_idx FROM raw.events__l ORDER BY 2") == [(False, 1), (True, 7)]


EMITS = """#include <math.h>
#include <weir.h>

static weir_status rows_of(weir_ctx *cx, weir_rows *rows)
{
    (void)cx;
    WEIR_TRY(weir_emit(rows, weir_kv("id", 1), weir_kv("v", 1.5)));
    return weir_emit(rows, weir_kv("id", 2), weir_kv("v", %s));
}

static const weir_pipeline p = {
    .name = "p",
    .destination = "duckdb",
    .dataset = "raw",
    .resources = (const weir_resource[]){ { "events", rows_of }, { 0 } },
};

WEIR_REGISTER(p);
"""


def emitted(folder, value, expect=0):
    """A C resource that emits 1.5, and then this."""
    (folder / "p.c").write_text(EMITS % value)
    err = weir.run(folder, "run", "p.c", expect=expect).err
    return err or dataset.query(folder / "p.duckdb", "SELECT * EXCLUDE (_dlt_id, _dlt_load_id) FROM raw.events ORDER BY id")


@pytest.mark.parametrize("value", ["NAN", "INFINITY", "-INFINITY"])
def test_a_resource_emits_null_for_a_double_that_json_has_not(value, tmp_path):
    assert emitted(tmp_path, value) == [(1, 1.5), (2, None)]


def test_a_resource_may_emit_the_word_for_infinity(tmp_path):
    assert emitted(tmp_path, '"-inf"') == [(1, 1.5), (2, -math.inf)]


def test_a_decimal_that_a_resource_emits_is_the_nearest_double_in_a_double_column(tmp_path):
    assert emitted(tmp_path, 'weir_decimal("1E+40")') == [(1, 1.5), (2, 1e40)]


def test_a_decimal_beyond_doubles_that_a_resource_emits_is_refused(tmp_path):
    err = emitted(tmp_path, 'weir_decimal("1e400")', expect=1)

    assert "row 1 of resource 'events'" in err and "cannot hold the number 1E+400" in err


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("weir_timestamp(253402300800000000)", "its time lies outside of years 1 to 9999"),
        ("weir_timestamp(-62135596800000001)", "its time lies outside of years 1 to 9999"),
        ("weir_date(2932897)", "its date lies outside of years 1 to 9999"),
        ('weir_decimal("ten")', "it is no decimal number"),
    ],
)
def test_a_resource_cannot_emit_what_no_column_holds(value, reason, tmp_path):
    assert f"row 1: cell 'v' cannot be emitted: {reason}" in emitted(tmp_path, value, expect=1)


def test_versions_of_a_schema_count_what_was_stored(tmp_path):
    for line in ('{"a": 1}', '{"a": 2}', '{"a": 3, "b": 4}'):
        query = copied(tmp_path, line, options=["--max-nesting", "1"])

    assert query("SELECT version FROM raw._dlt_version ORDER BY 1") == [(2,), (4,)]


def run_pipeline(folder, settings, *lines):
    """A pipeline in TOML over one file; gives a function for queries."""
    (folder / "data").mkdir(exist_ok=True)
    (folder / "data" / "a.jsonl").write_text("".join(line + "\n" for line in lines))
    head = '[pipeline]\ndestination = "duckdb"\ndataset_name = "raw"\n[source.filesystem]\nbucket_url = "data"\n'
    (folder / "p.toml").write_text(head + settings)
    weir.run(folder, "run", "./p.toml")
    return lambda sql: dataset.query(folder / "p.duckdb", sql)


def test_a_run_that_loads_nothing_changes_no_schema(tmp_path):
    """In dlt the contract of the second run is in a schema that is not stored, and the third counts its version."""
    discards = 'schema_contract = { tables = "discard_row" }\n'
    run_pipeline(tmp_path, 'resources = [{ name = "events" }]\n', '{"v": 1}')
    run_pipeline(tmp_path, f'{discards}resources = [{{ name = "others" }}]\n', '{"v": 1}')
    query = run_pipeline(tmp_path, 'resources = [{ name = "events" }]\n', '{"v": 1, "w": 2}')

    assert query("SELECT version FROM raw._dlt_version ORDER BY 1") == [(2,), (3,)]


def test_a_limit_to_nesting_holds_beside_a_contract(tmp_path):
    """dlt forgets the limit of a new table in the load that makes it, when its contract restricts columns."""
    hints = 'max_table_nesting = 0, schema_contract = { columns = "freeze" }'
    query = run_pipeline(tmp_path, f'resources = [{{ name = "events", {hints} }}]\n', '{"l": [1]}')

    assert query("SELECT l FROM raw.events") == [("[1]",)]


def test_columns_of_nested_hints_need_not_repeat_their_names(tmp_path):
    """dlt raises a KeyError."""
    hints = 'nested_hints = { l = { columns = { n = { data_type = "text" } } } }'
    query = run_pipeline(tmp_path, f'resources = [{{ name = "events", {hints} }}]\n', '{"l": [{"n": 1}]}')

    assert columns(query, "events__l") == {"n": "VARCHAR"}


def test_files_are_read_in_the_order_of_their_names(tmp_path):
    """dlt reads them as the system lists them, so that columns come in another order elsewhere."""
    (tmp_path / "data").mkdir()
    for name in "cab":
        (tmp_path / "data" / f"{name}.jsonl").write_text(f'{{"{name}": 1}}\n')
    weir.run(tmp_path, "copy", "data/*.jsonl", "duckdb:///x.duckdb", "--dataset", "raw", "--table", "events")

    assert list(columns(lambda sql: dataset.query(tmp_path / "x.duckdb", sql))) == ["a", "b", "c"]


def test_a_text_in_a_json_column_is_read_as_json(tmp_path):
    query = copied(tmp_path, '{"v": {"a": 1}}', """{"v": "\\"quoted\\""}""", options=["--max-nesting", "0"])

    assert query("SELECT v FROM raw.events ORDER BY 1") == [('"quoted"',), ('{"a":1}',)]


def test_replacing_by_nothing_empties_all_tables_also_with_a_limit_to_nesting(tmp_path):
    copied(tmp_path, '{"tags": ["a"]}', options=["--max-nesting", "1"])
    query = copied(tmp_path, options=["--max-nesting", "1", "--write", "replace"])

    assert query("SELECT (SELECT count(*) FROM raw.events), (SELECT count(*) FROM raw.events__tags)") == [(0, 0)]


def test_a_file_that_begins_with_a_list_is_one_list(tmp_path):
    (tmp_path / "events.jsonl").write_text('[{"v": 1}, {"v": 2}]\n')
    weir.run(tmp_path, "copy", "events.jsonl", "duckdb:///x.duckdb", "--dataset", "raw")

    assert dataset.query(tmp_path / "x.duckdb", "SELECT v FROM raw.events ORDER BY v") == [(1,), (2,)]
    assert "expected the end of the file" in refused(tmp_path, "[1]", "[2]")
