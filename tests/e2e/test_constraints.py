"""Keys, nulls and precisions: what becomes of hints in a table, and how rows are refused. The page of the guide is run."""

import json
import re

import pytest

from harness import dataset, weir

PAGE = (weir.ROOT / "docs" / "guide" / "constraints.md").read_text()
PIPELINE = """
[pipeline]
destination = "duckdb"
dataset_name = "raw"

[source.filesystem]
bucket_url = "."
file_glob = "*.jsonl"
"""


def run(folder, resource, *rows, expect=0, **env):
    (folder / "orders.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "shop.toml").write_text(f'{PIPELINE}resources = [{{ name = "orders", {resource} }}]\n')
    return weir.run(folder, "run", "./shop.toml", expect=expect, **env).err


def column(folder, name):
    """Type and nullability, as the database has them."""
    [found] = dataset.query(
        folder / "shop.duckdb",
        "SELECT data_type, is_nullable FROM duckdb_columns() WHERE schema_name = 'raw' AND table_name = 'orders' "
        f"AND column_name = '{name}'",
    )
    return found


def test_the_page_shows_what_is_refused(tmp_path):
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    [resources] = [text for language, text in blocks if language == "toml"]
    large, keyless = [json.loads(text) for language, text in blocks if language == "json"]
    resource = re.search(r'name = "orders", (.*) }]', resources).group(1)

    shown = [run(tmp_path, resource, large, expect=1), run(tmp_path, resource, {"id": 1}, keyless, expect=1)]

    assert [text for language, text in blocks if not language] == shown


@pytest.mark.parametrize(
    ("precision", "numbers", "type"),
    [(7, (-128, 127), "TINYINT"), (12, (-32768, 32767), "SMALLINT"), (20, (-(2**31), 2**31 - 1), "INTEGER")],
)
def test_a_column_holds_all_numbers_of_its_type_and_no_other(precision, numbers, type, tmp_path):
    hints = f'columns = {{ n = {{ data_type = "bigint", precision = {precision} }} }}'

    run(tmp_path, hints, *({"n": number} for number in numbers))

    assert column(tmp_path, "n") == (type, True)
    for number in (numbers[0] - 1, numbers[1] + 1):
        error = run(tmp_path, hints, {"n": 0}, {"n": number}, expect=1)
        assert "orders.jsonl:2: line at byte 9: column 'n' of table 'orders'" in error
        assert f"cannot hold the number {number}: it is not within {numbers[0]} and {numbers[1]}" in error


@pytest.mark.parametrize("write", ['write_disposition = "merge", ', ""])
def test_rows_without_a_value_that_they_must_have_are_refused_by_line(write, tmp_path):
    declared = write + 'columns = { n = { data_type = "bigint", nullable = false } }'

    late = run(tmp_path, write + 'primary_key = "id"', {"x": 1}, {"id": 2}, expect=1)
    error = run(tmp_path, declared, {"n": 1}, {"x": 2}, expect=1)

    assert "orders.jsonl:2: line at byte 9: table 'orders': earlier rows have no value for 'id', a primary key" in late
    assert "orders.jsonl:2: line at byte 9: table 'orders': a row has no value for 'n', which must not be null" in error
    assert "or the column be declared with nullable = true" in error


def test_a_column_added_to_a_table_may_be_null(tmp_path):
    run(tmp_path, "", {"id": 1})

    warned = run(tmp_path, 'columns = { n = { data_type = "bigint", nullable = false } }', {"id": 2, "n": 2})

    assert warned == (
        "weir: warning: column 'n' is added to \"raw\".\"orders\" as one that may be null: "
        "the rows that are there have no value for it\n"
    )
    assert column(tmp_path, "n") == ("BIGINT", True)


def test_a_table_keeps_its_type_until_it_is_made_anew(tmp_path):
    wide = 'columns = { n = { data_type = "bigint", precision = 32 } }'
    run(tmp_path, wide.replace("32", "8"), {"n": 1})

    error = run(tmp_path, wide, {"n": 1000}, expect=1)
    weir.run(tmp_path, "run", "./shop.toml", "--refresh", "drop_resources")

    assert "loading table 'orders': Conversion Error" in error
    assert "hint: a table keeps the types, keys and columns without nulls that it was made with" in error
    assert column(tmp_path, "n") == ("INTEGER", True)


def test_unique_columns_are_constrained_with_indexes_only(tmp_path):
    hints = 'columns = { n = { data_type = "bigint", unique = true } }'
    twice = ({"n": 1}, {"n": 1})

    error = run(tmp_path, hints, *twice, expect=1, DESTINATION__DUCKDB__CREATE_INDEXES="true")
    run(tmp_path, hints, *twice)

    assert "loading table 'orders': Constraint Error" in error and "hint: a table keeps" in error
    assert dataset.query(tmp_path / "shop.duckdb", "SELECT count(*) FROM raw.orders") == [(2,)]
