"""Schema files as a user meets them: the command, the folders, and what is wrong in them."""

import re

import pytest

from harness import loads, weir

PAGE = (weir.ROOT / "docs" / "guide" / "schema-files.md").read_text()

LOAD = {
    "pipeline": "shop",
    "dataset": "data",
    "resources": [{"name": "items", "primary_key": "id"}],
    "runs": [{"items": [{"id": 1}]}, {"items": [{"id": 2}]}],
    "import_schema_path": "schemas/import",
    "export_schema_path": "schemas/export",
}


@pytest.fixture
def shop(tmp_path):
    loads.weir_run(tmp_path, LOAD)
    return tmp_path


def edit(folder, old, new):
    file = folder / "schemas/import/shop.schema.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))
    return file


def test_the_command_needs_no_name_when_there_is_one_pipeline(shop):
    yaml = weir.run(shop, "schema", "export").out

    assert yaml.startswith("version: 2\n")
    assert "\n  items:\n    columns:\n      id:\n        name: id\n" in yaml


def test_a_format_that_is_not_there_is_wrong_usage(shop):
    done = weir.run(shop, "schema", "export", "shop", "--format", "xml", expect=2)

    assert "there is no format 'xml'" in done.err
    assert "one of: yaml, json" in done.err


def test_a_pipeline_that_never_ran_has_no_schema(tmp_path):
    done = weir.run(tmp_path, "schema", "export", "shop", expect=1)

    assert "no pipeline 'shop' was run in this project" in done.err


def test_the_file_to_import_is_left_once_and_its_comments_stay(shop):
    file = edit(shop, "version: 1\n", "# ours\nversion: 1\n")
    before = file.read_text()

    done = loads.weir_run(shop, LOAD, 1)

    assert file.read_text() == before
    assert "is replaced" not in done.err


def test_a_changed_file_is_imported_once_with_a_warning(shop):
    edit(shop, "      id:\n", "      note:\n        data_type: text\n      id:\n")

    first = loads.weir_run(shop, LOAD, 1)
    second = loads.weir_run(shop, LOAD, 1)

    assert "schema 'shop', version 2, is replaced by version 2, which is imported" in first.err
    assert "these tables have rows at the destination, whose columns stay: 'items'" in first.err
    assert "is replaced" not in second.err
    assert "      note:\n" in (shop / "schemas/export/shop.schema.yaml").read_text()
    assert '"n":2' in weir.run(shop, "sql", "shop", "--json", "select count(*) - 1 as n from data.items").out


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("tables:\n", "tables: [\n", "schemas/import/shop.schema.yaml:7:12: did not find expected"),
        ("data_type: bigint", "data_type: money", "has the unknown data type 'money'"),
        ("name: shop\n", "name: other\n", "holds the schema 'other', not 'shop'"),
        ("engine_version: 11\n", "engine_version: 12\n", "schema engine 12, the latest one known is 11"),
        ("resource: items\n", "resource: 2024-01-02\n", "this is a date or a time, not a text: '2024-01-02'"),
    ],
)
def test_what_is_wrong_in_a_file_fails_the_run_before_anything_is_loaded(shop, old, new, message):
    edit(shop, old, new)

    done = weir.run(shop, "run", "shop.c", expect=None)

    assert done.status in (1, 3), done
    assert message in done.err
    assert '"n":1' in weir.run(shop, "sql", "shop", "--json", "select count(*) as n from data.items").out


def test_files_may_be_json(tmp_path):
    loads.weir_run(tmp_path, LOAD, SCHEMA__EXTERNAL_SCHEMA_FORMAT="json")

    assert (tmp_path / "schemas/import/shop.schema.json").read_text().startswith('{\n  "version": 1,\n')
    assert (tmp_path / "schemas/export/shop.schema.json").read_text().startswith('{\n  "version": 2,\n')


def test_a_format_of_files_that_is_not_there_is_a_mistake_of_the_configuration(tmp_path):
    (tmp_path / "shop.c").write_text("")
    done = None
    with pytest.raises(AssertionError) as refused:
        done = loads.weir_run(tmp_path, LOAD, SCHEMA__EXTERNAL_SCHEMA_FORMAT="xml")
    assert done is None and "schema.external_schema_format is 'xml'" in str(refused.value)


def block(language):
    return re.search(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)[1]


def test_the_page_of_the_guide_works(tmp_path):
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "weir.toml").touch()
    (tmp_path / "pipelines" / "shop.toml").write_text(block("toml"))
    items = tmp_path / "data" / "items.jsonl"
    items.write_text('{"id": 1}\n')
    weir.run(tmp_path, "run", "shop")
    edit(tmp_path, "      id:\n", block("yaml") + "      id:\n")
    items.write_text('{"id": 2, "price": 3}\n')

    weir.run(tmp_path, "run", "shop")

    exported = weir.run(tmp_path, *block("").split()[1:]).out
    assert exported == (tmp_path / "schemas/export/shop.schema.yaml").read_text()
    assert "DECIMAL" in weir.run(tmp_path, "sql", "shop", "select typeof(price) as t from shop_dataset.items").out
