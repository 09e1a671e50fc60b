"""Beginning anew, as a user meets it: the page of the guide, and the three places of the mode."""

import json
import re

import pytest
from harness import dataset, weir

PAGE = (weir.ROOT / "docs" / "guide" / "refresh.md").read_text()
[TOML] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def shop(tmp_path):
    """The page's pipeline, run once."""
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "weir.toml").touch()
    (tmp_path / "pipelines" / "shop.toml").write_text(TOML)
    (tmp_path / "data").mkdir()
    write(tmp_path, "orders", {"id": 1, "lines": [{"n": 1}]}, {"id": 2, "old": True})
    write(tmp_path, "customers", {"id": 1})
    weir.run(tmp_path, "run", "shop")
    return tmp_path


def write(folder, name, *rows):
    (folder / "data" / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def count(folder, table):
    return dataset.query(folder / "shop.duckdb", f"SELECT count(*) FROM shop_dataset.{table}")[0][0]


def columns(folder, table):
    found = dataset.query(
        folder / "shop.duckdb",
        f"SELECT column_name FROM duckdb_columns() WHERE schema_name = 'shop_dataset' AND table_name = '{table}'",
    )
    return [name for (name,) in found if not name.startswith("_dlt")]


@pytest.mark.parametrize("mode", ["drop_sources", "drop_resources"])
def test_dropped_tables_come_back_with_the_columns_of_this_run(shop, mode):
    write(shop, "orders", {"id": 3})

    weir.run(shop, "run", "shop", "--refresh", mode)

    assert columns(shop, "orders") == ["id"]
    assert count(shop, "orders") == 1
    assert count(shop, "_dlt_loads") == 2
    assert count(shop, "_dlt_version") == 1


def test_emptied_tables_keep_their_columns(shop):
    write(shop, "orders", {"id": 3})

    weir.run(shop, "run", "shop", "--refresh", "drop_data")

    assert columns(shop, "orders") == ["id", "old"]
    assert count(shop, "orders") == 1
    assert count(shop, "orders__lines") == 0


def test_without_a_mode_rows_are_added(shop):
    weir.run(shop, "run", "shop")

    assert count(shop, "orders") == 4


def test_a_pipeline_names_its_mode(shop):
    file = shop / "pipelines" / "shop.toml"
    file.write_text(TOML.replace("[pipeline]\n", '[pipeline]\nrefresh = "drop_data"\n'))

    weir.run(shop, "run", "shop")

    assert count(shop, "orders") == 2


def test_the_environment_names_the_mode_as_with_dlt(shop):
    weir.run(shop, "run", "shop", PIPELINES__SHOP__REFRESH="drop_resources")

    assert count(shop, "orders") == 2


def test_a_mode_that_is_not_there_is_refused_before_anything_is_done(shop):
    done = weir.run(shop, "run", "shop", "--refresh", "drop_everything", expect=3)

    assert "there is no refresh mode 'drop_everything'" in done.err
    assert "hint: one of: drop_sources, drop_resources, drop_data" in done.err
    assert count(shop, "orders") == 2


def test_a_run_that_fails_takes_nothing_away(shop):
    (shop / "data" / "orders.jsonl").write_text('{"id": 3}\n{"id": \n')

    weir.run(shop, "run", "shop", "--refresh", "drop_sources", expect=1)

    assert count(shop, "orders") == 2
    assert count(shop, "orders__lines") == 1
