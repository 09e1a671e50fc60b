"""weir schema: the stored schema of a pipeline, and what changed between its versions."""

import json

import duckdb
import pytest
from dlt.common.schema import Schema

from harness import dataset, weir

FIRST = '{"id": 1, "tags": ["a"]}'
SECOND = '{"id": "x", "price": 2.5, "tags": [{"name": "b", "marks": [1]}]}'


def copy(folder, *lines):
    (folder / "events.jsonl").write_text("".join(line + "\n" for line in lines))
    weir.run(folder, "copy", "events.jsonl", "duckdb:///shop.duckdb", "--dataset", "raw")


def schema(folder, *words, **options):
    return weir.run(folder, "schema", *words, **options)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A folder with a pipeline "shop", and two versions of its schema."""
    folder = tmp_path_factory.mktemp("schema")
    copy(folder, FIRST)
    copy(folder, SECOND)
    return folder


def stored(folder):
    """Versions and hashes, oldest first."""
    return dataset.query(folder / "shop.duckdb", "SELECT version, version_hash FROM raw._dlt_version ORDER BY inserted_at")


# ---- show ----


def test_show_lists_tables_with_their_columns(loaded):
    lines = schema(loaded, "show").out.splitlines()

    version, version_hash = stored(loaded)[-1]
    assert lines[:6] == [
        "pipeline     shop",
        "schema       shop",
        f"version      {version}",
        f"hash         {version_hash}",
        "dataset      raw",
        f"stored in    duckdb:///{loaded}/shop.duckdb",
    ]
    at = lines.index("events (append)")
    assert [line.split() for line in lines[at + 2 : at + 9]] == [
        ["column", "type", "null", "hints"],
        ["------------", "------", "----", "---------------"],
        ["id", "bigint", "yes"],
        ["_dlt_load_id", "text", "no"],
        ["_dlt_id", "text", "no", "unique,", "row_key"],
        ["id__v_text", "text", "yes", "variant"],
        ["price", "double", "yes"],
    ]
    assert [line for line in lines if "nested in" in line] == [
        "events__tags (nested in events, append)",
        "events__tags__marks (nested in events__tags, append)",
    ]
    assert not any(line.startswith("_dlt_version") for line in lines)


def test_show_lists_dlts_tables_behind_the_others_when_asked_to(loaded):
    lines = schema(loaded, "show", "shop", "--all").out.splitlines()

    tables = [line.split()[0] for line in lines if line.endswith(")") and not line.startswith(" ")]
    assert tables[:3] == ["events", "events__tags", "events__tags__marks"]
    assert sorted(tables[3:]) == ["_dlt_loads", "_dlt_pipeline_state", "_dlt_version"]


def test_show_of_one_table_leaves_the_others_out(loaded):
    out = schema(loaded, "show", "shop", "--table", "events__tags").out

    assert "events__tags (nested in events, append)" in out and "marks" not in out


def test_show_names_the_table_that_was_meant(loaded):
    assert "hint: did you mean: events__tags" in schema(loaded, "show", "--table", "event__tags", expect=1).err


def test_show_gives_the_stored_document_as_json(loaded):
    [(document,)] = dataset.query(
        loaded / "shop.duckdb", "SELECT schema FROM raw._dlt_version ORDER BY inserted_at DESC LIMIT 1"
    )

    assert schema(loaded, "show", "--json").out == document + "\n"
    table = json.loads(schema(loaded, "show", "--json", "--table", "events__tags").out)
    assert table == json.loads(document)["tables"]["events__tags"]


def test_show_falls_back_to_the_local_copy_and_says_so(tmp_path):
    copy(tmp_path, FIRST)
    told = schema(tmp_path, "show", "--json").out
    (tmp_path / "shop.duckdb").unlink()

    result = schema(tmp_path, "show")

    assert "stored in    the local copy\n" in result.out and "events (append)" in result.out
    assert "warning: this is the local copy of the schema: " in result.err and "shop.duckdb" in result.err
    assert json.loads(schema(tmp_path, "show", "--json").out) == json.loads(told)


def test_show_of_an_unknown_pipeline_names_those_that_there_are(loaded):
    assert "did you mean: shop" in schema(loaded, "show", "shops", expect=1).err


# ---- diff ----


def test_diff_compares_the_last_two_versions(loaded):
    lines = schema(loaded, "diff").out.splitlines()

    (old, old_hash), (new, new_hash) = stored(loaded)
    assert lines[:2] == ["pipeline     shop", "schema       shop"]
    assert lines[2].startswith(f"from         version {old}  {old_hash}  20")
    assert lines[3].startswith(f"to           version {new}  {new_hash}  20")
    assert [line.split(maxsplit=3) for line in lines[7:12]] == [
        ["+", "events", "id__v_text", "text, variant"],
        ["+", "events", "price", "double"],
        ["+", "events__tags", "name", "text"],
        ["+", "events__tags__marks", "nested", "in events__tags, append"],
        ["+", "events__tags__marks", "value", "bigint"],
    ]
    assert all(line.startswith("+  ") for line in lines[7:])


def test_diff_takes_versions_by_number_hash_and_beginning_of_a_hash(loaded):
    (old, old_hash), (new, new_hash) = stored(loaded)
    expected = schema(loaded, "diff").out

    assert schema(loaded, "diff", "shop", old).out == expected
    assert schema(loaded, "diff", "shop", old_hash, new_hash).out == expected
    assert schema(loaded, "diff", "shop", old_hash[:8], new).out == expected


def test_diff_the_other_way_round_removes(loaded):
    (old, _), (new, _) = stored(loaded)

    lines = schema(loaded, "diff", "shop", new, old).out.splitlines()[7:]

    assert lines and all(line.startswith("-  ") for line in lines)


def test_diff_shows_what_became_of_a_property(loaded, tmp_path):
    copy(tmp_path, FIRST)
    with duckdb.connect(tmp_path / "shop.duckdb") as db:
        write_version(db, "events", "id", nullable=False, description="a key")

    lines = schema(tmp_path, "diff").out.splitlines()

    assert [line.split(maxsplit=3) for line in lines[7:]] == [
        ["~", "events", "id", "nullable: true -> false"],
        ["~", "events", "id", 'description: (none) -> "a key"'],
    ]


def write_version(db, table, column, **properties):
    """A version of the schema as dlt would store it, with other properties of one column."""
    [(document,)] = db.execute("SELECT schema FROM raw._dlt_version").fetchall()
    version = Schema.from_stored_schema(json.loads(document))
    version.tables[table]["columns"][column].update(properties)
    changed = version.to_dict()
    db.execute(
        "INSERT INTO raw._dlt_version SELECT ?, engine_version, inserted_at + INTERVAL 1 SECOND, schema_name, ?, ? "
        "FROM raw._dlt_version",
        [changed["version"], changed["version_hash"], json.dumps(changed)],
    )


def test_diff_of_equal_versions_says_that_nothing_changed(loaded):
    (old, _), _ = stored(loaded)

    assert schema(loaded, "diff", "shop", old, old, "--check").out.endswith("\nno changes\n")


def test_diff_with_check_fails_when_there_are_changes(loaded):
    result = schema(loaded, "diff", "--check", expect=1)

    assert result.out == schema(loaded, "diff").out
    assert "schema 'shop' has changed: 8 changes" in result.err


def test_diff_of_a_first_version_adds_all(tmp_path):
    copy(tmp_path, FIRST)

    out = schema(tmp_path, "diff").out

    assert "from         nothing: it is the first version\n" in out
    assert "\n+  _dlt_version" in out and "\n+  events__tags" in out


def test_diff_tells_the_same_as_json(loaded):
    told = json.loads(schema(loaded, "diff", "--json").out)

    (old, old_hash), (new, new_hash) = stored(loaded)
    assert (told["pipeline"], told["schema"]) == ("shop", "shop")
    assert [(told[side]["version"], told[side]["hash"]) for side in ("from", "to")] == [(old, old_hash), (new, new_hash)]
    assert told["changes"][1] == {
        "change": "added",
        "table": "events",
        "column": "price",
        "property": None,
        "before": None,
        "after": {"name": "price", "data_type": "double", "nullable": True},
    }
    assert told["changes"][3] == {
        "change": "added",
        "table": "events__tags__marks",
        "column": None,
        "property": None,
        "before": None,
        "after": {"name": "events__tags__marks", "parent": "events__tags", "x-normalizer": {"seen-data": True}},
    }


@pytest.mark.parametrize("version", ["99", "nohash", ""])
def test_diff_of_an_unknown_version_names_the_newest(loaded, version):
    err = schema(loaded, "diff", "shop", version, expect=1).err

    assert f"schema 'shop' has no version '{version}'" in err
    assert f"hint: the newest is {stored(loaded)[-1][0]}, with hash" in err


# ---- what resources declare ----

ORDERS = """#include <weir.h>

static weir_status orders(weir_ctx *cx, weir_rows *rows)
{
    (void)cx;
    return weir_emit(rows, weir_kv("id", 1), weir_kv("price", weir_decimal("9.90")),
                     weir_kv("lines", weir_json_text(weir_str_of("[1]"))));
}

static const weir_pipeline shop = {
    .name = "orders",
    .destination = "duckdb",
    .dataset = "raw",
    .resources = (const weir_resource[]){ { "orders", orders, .primary_key = "id", .write = WEIR_REPLACE,
        .hints = "{\\"schema_contract\\": {\\"data_type\\": \\"freeze\\"},"
                 " \\"columns\\": {\\"price\\": {\\"data_type\\": \\"decimal\\", \\"precision\\": 18, \\"scale\\": 4}}}" },
        { 0 } },
};

WEIR_REGISTER(shop);
"""


def test_show_tells_what_a_resource_declares(tmp_path):
    (tmp_path / "orders.c").write_text(ORDERS)
    weir.run(tmp_path, "run", "orders.c")

    lines = schema(tmp_path, "show", "orders").out.splitlines()

    assert "orders (replace, contract: data_type freeze)" in lines
    assert "orders__lines (nested in orders, replace, contract: data_type freeze)" in lines
    words = [line.split() for line in lines]
    assert ["price", "decimal(18,4)", "yes"] in words
    assert ["id", "bigint", "no", "primary_key"] in words
