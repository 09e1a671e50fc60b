"""Dropping resources and restoring local state, as a user meets them: the page of the guide, questions, mistakes."""

import json
import os
import pty
import re

import pytest
from harness import cli, dataset, weir
from harness.cli import DONE, FAILED, USAGE, check_said

PAGE = (weir.ROOT / "docs" / "guide" / "refresh.md").read_text()
[TOML] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
SESSIONS = re.findall(r"```\n\$ (.*?)\n(.*?)```", PAGE, re.DOTALL)
TOML = TOML.replace('file_glob = "orders.jsonl"', 'file_glob = "orders*.jsonl", incremental = { cursor_path = "id" }')


def write(folder, name, *rows):
    (folder / "data" / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def shop(tmp_path):
    """The page's pipeline with a cursor, run once."""
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "weir.toml").touch()
    (tmp_path / "pipelines" / "shop.toml").write_text(TOML)
    (tmp_path / "data").mkdir()
    write(tmp_path, "orders", {"id": 1, "lines": [{"n": 1}]}, {"id": 2, "old": True})
    write(tmp_path, "customers", {"id": 1})
    weir.run(tmp_path, "run", "shop")
    return tmp_path


def tables(folder):
    found = dataset.query(folder / "shop.duckdb", "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'shop_dataset'")
    return sorted(name for (name,) in found if not name.startswith("_dlt"))


def count(folder, table):
    return dataset.query(folder / "shop.duckdb", f"SELECT count(*) FROM shop_dataset.{table}")[0][0]


def home(folder):
    return folder / ".weir" / "pipelines" / "shop"


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "lock"}


def plain(text):
    return re.sub(r"////\S+/|load \d+\.\d+", "…", text)


def test_the_sessions_of_the_page_say_what_they_show(shop):
    assert len(SESSIONS) == 2
    for command, expected in SESSIONS:
        assert plain(weir.run(shop, *command.split()[1:]).out) == plain(expected)


# ---- drop ----


def test_a_dropped_resource_is_gone_with_its_tables_and_comes_back_whole(shop):
    result = weir.run(shop, "pipeline", "drop", "shop", "orders", "--yes")

    assert "tables       orders__lines, orders\n" in result.out and "states       orders\n" in result.out
    assert tables(shop) == ["customers"]
    weir.run(shop, "run", "shop")
    assert count(shop, "orders") == 2
    assert count(shop, "customers") == 2


def test_a_state_alone_is_forgotten(shop):
    weir.run(shop, "pipeline", "drop", "shop", "orders", "--state-only", "--yes")

    weir.run(shop, "run", "shop")
    assert count(shop, "orders") == 4


def test_a_path_of_the_state_is_forgotten(shop):
    words = ["--state-paths", "resources.orders.incremental,nothing.here", "--yes", "--json"]
    document = json.loads(weir.run(shop, "pipeline", "drop", "shop", *words).out)

    assert document["state_paths"] == ["shop.resources.orders.incremental"]
    assert document["tables"] == [] and document["load_id"]
    weir.run(shop, "run", "shop")
    assert count(shop, "orders") == 4


def test_all_resources_and_those_of_a_pattern_are_dropped(shop):
    weir.run(shop, "pipeline", "drop", "shop", "re:cust", "--yes")
    assert tables(shop) == ["orders", "orders__lines"]

    weir.run(shop, "pipeline", "drop", "shop", "--drop-all", "--yes")
    assert tables(shop) == []


def test_a_drop_is_a_load_and_the_next_one_begins_behind_it(shop):
    document = json.loads(weir.run(shop, "pipeline", "drop", "shop", "orders", "--yes", "--json").out)

    assert count(shop, "_dlt_loads") == 2
    shown = weir.run(shop, "package", "show", "shop", "--json").out
    assert json.loads(shown)["load_id"] == document["load_id"]
    assert json.loads(shown)["manifest"]["refresh"]["drop"] == ["orders__lines", "orders"]


MISTAKES = [
    (["ordres"], "the schema 'shop' has no table or state of a resource 'ordres'", "its resources are: 'orders', 'customers'"),
    (["orders", "re:x"], "the schema 'shop' has no table or state of a resource 're:x'", "its resources are:"),
    (["customers", "--state-only"], "the schema 'shop' has no state of a resource 'customers'", "its resources are:"),
    (["--state-paths", "last"], "the state has nothing at 'last'", None),
    (["re:(?=x)"], "the regular expression 're:^(?:(?=x))' is none that weir knows", None),
    (["orders", "--schema", "other"], "knows no schema of the pipeline 'shop'", "--destination and --dataset"),
    (["orders", "--dataset", "other"], "knows no state of the pipeline 'shop'", "--destination and --dataset"),
]


@pytest.mark.parametrize(("words", "message", "hint"), MISTAKES)
def test_what_selects_nothing_is_a_mistake_and_nothing_is_dropped(words, message, hint, shop):
    before = contents(shop)

    result = weir.run(shop, "pipeline", "drop", "shop", *words, "--yes", expect=FAILED)

    assert message in result.err and (not hint or hint in result.err), result
    assert contents(shop) == before


def test_a_drop_without_a_word_is_wrong_usage(shop):
    result = weir.run(shop, "pipeline", "drop", "shop", expect=USAGE)

    assert "needs to know what to drop" in result.err and "weir pipeline forget shop" in result.err


def test_while_a_package_waits_nothing_is_dropped(tmp_path):
    weir.run(tmp_path, "run", cli.write(tmp_path, cli.PIPELINE))
    weir.run(tmp_path, "run", "file.c", binary=weir.faults(), expect=-9, WEIR_FAULT="package.sealed@1=kill")

    result = weir.run(tmp_path, "pipeline", "drop", "orders", "items", "--yes", expect=FAILED)

    assert "waits to be loaded" in result.err and "weir package drop orders" in result.err
    weir.run(tmp_path, "run", "file.c")
    assert dataset.query(tmp_path / "orders.duckdb", "SELECT count(*) FROM shop.items") == [(6,)]


@pytest.mark.parametrize("point", ["load.begin", "load.drop", "load.commit", "load.committed", "state.save", "package.finish"])
def test_a_killed_drop_has_dropped_nothing_or_all(point, shop):
    drop = ["pipeline", "drop", "shop", "customers", "--yes"]

    weir.run(shop, *drop, binary=weir.faults(), expect=-9, WEIR_FAULT=f"{point}@1=kill")

    done = point not in ("load.begin", "load.drop", "load.commit")
    assert tables(shop) == ([] if done else ["customers"]) + ["orders", "orders__lines"]
    weir.run(shop, *drop, expect=FAILED if done else DONE)
    weir.run(shop, "run", "shop")
    assert (count(shop, "customers"), count(shop, "orders")) == (1, 2)


def test_a_drop_needs_no_folder_of_the_pipeline(shop):
    weir.run(shop, "pipeline", "forget", "shop")

    weir.run(shop, "pipeline", "drop", "shop", "orders", "--destination", "duckdb", "--yes")

    assert tables(shop) == ["customers"]


# ---- sync ----


def test_what_another_machine_has_loaded_counts_here(shop, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    for name in ("pipelines", "data"):
        (other / name).symlink_to(shop / name)
    (other / "weir.toml").touch()
    write(shop, "orders", {"id": 3})
    weir.run(other, "run", "shop", DESTINATION__DUCKDB__CREDENTIALS=str(shop / "shop.duckdb"))

    weir.run(shop, "pipeline", "sync", "shop", "--yes")

    there = other / ".weir" / "pipelines" / "shop"
    for name in ("state.json", "schemas/shop.schema.json"):
        assert json.loads((home(shop) / name).read_text()) == json.loads((there / name).read_text())
    loads_here = [path.stem for path in (home(shop) / "loaded").iterdir()]
    assert len(loads_here) == 2 and (there / "loaded" / f"{max(loads_here)}.json").exists()


def test_a_new_folder_is_restored_and_knows_where_the_data_is(shop):
    before = contents(home(shop))
    weir.run(shop, "pipeline", "forget", "shop")

    document = json.loads(weir.run(shop, "pipeline", "sync", "shop", "--destination", "duckdb", "--json", "--yes").out)

    after = contents(home(shop))
    assert {name: text for name, text in after.items() if "json" in name and "loaded" not in name} == {
        name: text for name, text in before.items() if "json" in name and "loaded" not in name
    }
    assert (document["state_version"], document["dataset"]) == (1, "shop_dataset")
    assert "customers" in weir.run(shop, "show", "shop").out
    assert "orders__lines" in weir.run(shop, "schema", "show", "shop").out


def test_a_dataset_of_files_is_dropped_from_and_restored_too(shop):
    lake = {"DESTINATION__FILESYSTEM__BUCKET_URL": "lake"}
    weir.run(shop, "run", "shop", "--destination", "filesystem", **lake)
    words = ["shop", "--destination", "filesystem", "--yes", "--json"]

    dropped = json.loads(weir.run(shop, "pipeline", "drop", *words[:1], "orders", *words[1:], **lake).out)
    weir.run(shop, "pipeline", "forget", "shop")
    weir.run(shop, "pipeline", "sync", *words, **lake)

    assert dropped["with_rows"] == ["orders__lines", "orders"]
    assert list((shop / "lake" / "shop_dataset").glob("orders*/*")) == []
    assert [path.stem for path in (home(shop) / "loaded").iterdir()] == [dropped["load_id"]]
    assert "customers" in weir.run(shop, "schema", "show", "shop").out


def test_packages_that_wait_are_given_up_and_extracted_again(tmp_path):
    weir.run(tmp_path, "run", cli.write(tmp_path, cli.PIPELINE))
    weir.run(tmp_path, "run", "file.c", binary=weir.faults(), expect=-9, WEIR_FAULT="package.sealed@1=kill")

    result = weir.run(tmp_path, "pipeline", "sync", "--yes")

    assert "waiting      1\n" in result.out
    assert len(weir.run(tmp_path, "package", "list", "orders", "--json").out.splitlines()) == 1
    weir.run(tmp_path, "run", "file.c")
    assert dataset.query(tmp_path / "orders.duckdb", "SELECT count(*) FROM shop.items") == [(4,)]


def test_a_package_that_is_committed_is_loaded_and_not_given_up(tmp_path):
    weir.run(tmp_path, "run", cli.write(tmp_path, cli.PIPELINE), binary=weir.faults(), expect=-9, WEIR_FAULT="state.save@1=kill")

    weir.run(tmp_path, "pipeline", "sync", "--destination", "duckdb", "--dataset", "shop", "--yes")

    [package] = weir.run(tmp_path, "package", "list", "orders", "--json").out.splitlines()
    assert json.loads(package)["state"] == "loaded" and json.loads(package)["rows"] == 2


def test_a_destination_that_does_not_know_the_pipeline_leaves_all_as_it_is(shop):
    before = contents(shop)

    result = weir.run(shop, "pipeline", "sync", "shop", "--dataset", "other", "--yes", expect=FAILED)

    assert "knows no state of the pipeline 'shop'" in result.err
    assert contents(shop) == before


def test_loads_into_another_place_are_forgotten(shop):
    weir.run(shop, "run", "shop", DESTINATION__DUCKDB__CREDENTIALS="other.duckdb")

    weir.run(shop, "pipeline", "sync", "shop", "--destination", "duckdb", "--yes")

    [trace] = (home(shop) / "loaded").iterdir()
    assert json.loads(trace.read_text())["location"].endswith("/shop.duckdb")


# ---- asking ----


def answer(folder, text, *words):
    """Run with a terminal on which this is typed; the exit status, and what it shows."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(weir.release(), ["weir", *words], weir.environment(folder))
    shown = b""
    os.write(terminal, text.encode())
    try:
        while chunk := os.read(terminal, 4096):
            shown += chunk
    except OSError:
        pass  # the other end is closed
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), shown.decode()


@pytest.mark.parametrize(("text", "done"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("yup\n", False)])
def test_only_a_yes_is_a_yes(text, done, shop):
    status, shown = answer(shop, text, "pipeline", "drop", "shop", "orders")

    assert "drop them? [y/N] " in shown
    assert (status, tables(shop)) == ((DONE, ["customers"]) if done else (FAILED, ["customers", "orders", "orders__lines"]))
    assert ("nothing is changed" in shown) == (not done)


@pytest.mark.parametrize("words", [["drop", "shop", "orders"], ["sync", "shop"]])
def test_without_a_terminal_nothing_is_changed(words, shop):
    before = contents(shop)

    result = weir.run(shop, "pipeline", *words, expect=FAILED, stdin="y\n")

    check_said(result, FAILED, "pipeline 'shop': nothing is changed: there is no terminal to ask on", "--yes")
    assert contents(shop) == before
