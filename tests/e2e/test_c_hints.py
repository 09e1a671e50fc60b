"""Resources in C with dlt's hints: columns, cursors over typed values, tables that rows name, contracts of a source."""

import duckdb
import pytest

from harness import weir

HEAD = "#include <weir.h>\n"

EVENTS = """
static weir_status events(weir_ctx *cx, weir_rows *rows)
{
    (void)cx;
    for (int64_t id = 1; id <= 4; id++)
        WEIR_TRY(weir_emit(rows, weir_kv("id", id), weir_kv("kind", id % 2 ? "odd" : "even"),
                           weir_kv("at", weir_timestamp(id * 1000000))));
    return weir_emit_json(rows, weir_str_of("[{\\"id\\": 9, \\"kind\\": \\"odd\\", \\"at\\": \\"1970-01-01\\"}]"));
}
"""


def main(resource, arguments="", source=""):
    return f"""{HEAD}{EVENTS}
static const weir_resource resources[] = {{ {{ "events", events, {resource} }}, {{ 0 }} }};
{source}
weir_status weir_main(weir_ctx *cx)
{{
    (void)resources;
    return weir_pipeline_run(cx, &(weir_pipeline){{ .name = "test", .destination = "duckdb", .dataset = "data" }},
                             {arguments or ".resources = resources"});
}}
"""


def run(folder, text, expect=0):
    (folder / "load.c").write_text(text)
    return weir.run(folder, "run", "load.c", expect=expect)


def query(folder, sql):
    with duckdb.connect(str(folder / "test.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def c_text(json):
    return '"' + json.replace('"', '\\"') + '"'


def test_hints_declare_columns(tmp_path):
    hints = c_text('{"columns": {"id": {"data_type": "decimal", "precision": 10, "scale": 2}, "later": {"data_type": "date"}}}')

    run(tmp_path, main(f".hints = {hints}"))

    assert query(tmp_path, "SELECT typeof(id), typeof(later) FROM data.events LIMIT 1") == [("DECIMAL(10,2)", "DATE")]


def test_each_row_goes_to_the_table_that_it_names(tmp_path):
    run(tmp_path, main('.table_field = "kind", .primary_key = "id"'))

    assert query(tmp_path, "SELECT id FROM data.odd ORDER BY 1") == [(1,), (3,), (9,)]
    assert query(tmp_path, "SELECT id FROM data.even ORDER BY 1") == [(2,), (4,)]


def test_a_cursor_over_typed_values_goes_on_where_it_stopped(tmp_path):
    hints = c_text('{"incremental": {"cursor_path": "id", "initial_value": 2}}')
    text = main(f".hints = {hints}")

    run(tmp_path, text)
    run(tmp_path, text)

    assert query(tmp_path, "SELECT id FROM data.events ORDER BY 1") == [(2,), (3,), (4,), (9,)]


def test_values_without_an_order_are_told_with_their_row(tmp_path):
    hints = c_text('{"incremental": {"cursor_path": "at"}}')

    told = run(tmp_path, main(f".hints = {hints}"), expect=1).err

    assert "cannot be compared with the last value" in told and "resource 'events'" in told, told


def test_the_contract_of_a_source_holds_for_all_tables(tmp_path):
    source = f"""static const weir_source shop = {{ .name = "shop", .resources = resources,
                                                .schema_contract = {c_text('{"tables": "freeze"}')} }};"""

    told = run(tmp_path, main(".write = WEIR_APPEND", ".source = &shop", source), expect=1).err

    assert "Can't add table `events` because `tables` are frozen." in told, told


@pytest.mark.parametrize(
    ("hints", "said"),
    [
        ('{"colums": {}}', "it has the unknown key 'colums'\n  hint: did you mean 'columns'?"),
        ('{"columns": {"a": {"data_typ": "text"}}}', "has the unknown property 'data_typ'"),
        ("[]", "hints are a JSON object"),
        ("{", "resource 'events'"),
        ('{"incremental": {}}', "an incremental has no 'cursor_path'"),
    ],
)
def test_wrong_hints_are_told_before_anything_runs(hints, said, tmp_path):
    told = run(tmp_path, main(f".hints = {c_text(hints)}"), expect=None)

    assert told.status in (1, 3) and said in told.err and "resource 'events'" in told.err, told
    assert not (tmp_path / "test.duckdb").exists()
