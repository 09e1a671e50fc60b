"""
A newcomer in an empty folder, who has read the tutorial's page and nothing else: types its commands one after the other, and
looks at what each of them prints. The promises of the page (spec/tutorial.md, P1 to P15) have a test each, named after it.
"""

import re
import shutil
import subprocess
import tomllib

from harness import dataset, weir

FIRST_CHECK = weir.ROOT / "data-pipelines" / "test_weir.c"


def type_in(folder, command, **env):
    """One command, as typed at the prompt of the folder; it must succeed."""
    env = weir.environment(folder, **{"PATH": f"{weir.release().parent}:{weir.environment(folder)['PATH']}", **env})
    done = subprocess.run(command, shell=True, cwd=folder, env=env, capture_output=True, text=True, timeout=weir.TIMEOUT_S)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done


def new_project(folder):
    type_in(folder, "weir init data-pipelines")
    return folder / "data-pipelines"


# ---- the page, step by step ----


def test_a_newcomer_gets_from_an_empty_folder_to_rows_in_a_database(tmp_path):
    said = type_in(tmp_path, "weir init data-pipelines").stdout
    assert said.splitlines()[0] == "made  README.md"
    assert said.splitlines()[-6:] == [
        "  cd data-pipelines",
        "  weir add duckdb --dev",
        "  cp .dlt/secrets.toml.example .dlt/secrets.toml",
        "  weir build",
        "  weir run currencies",
        "  weir show currencies",
    ]
    folder = tmp_path / "data-pipelines"

    said = type_in(folder, "weir add duckdb --dev").stdout
    assert said == 'weir.toml  added: duckdb = ">=2.0.0", for development\nweir.lock  written\n'

    assert type_in(folder, "cp .dlt/secrets.toml.example .dlt/secrets.toml").stdout == ""
    type_in(folder, "sed -i 's/<configure me>/0123456789abcdef/' .dlt/secrets.toml")
    assert type_in(folder, "weir config check").stdout == "the configuration is complete\n"

    said = type_in(folder, "weir build --locked").stdout
    assert said.splitlines()[0] == "C files: 4, compiled: 0"  # config check has compiled them
    assert [line.split()[0] for line in said.splitlines()[4:]] == ["currencies", "exchange_rates", "products"]

    said = type_in(folder, "weir run currencies").stdout.splitlines()
    assert re.fullmatch(r"Pipeline currencies completed in \d+\.\d\d seconds", said[0])
    assert said[1:3] == [
        "1 load package(s) were loaded to destination duckdb and target schema open_exchange_rates",
        f"The duckdb destination used duckdb:///{folder}/currencies.duckdb location to store data",
    ]
    assert re.fullmatch(r"Load package \d+\.\d{6} is LOADED and contains no failed jobs", said[3])

    assert re.search(r"^currencies +4 ", type_in(folder, "weir show currencies").stdout, re.M)


def test_what_the_steps_say_to_do_next_can_be_typed(tmp_path):
    said = type_in(tmp_path, "weir init data-pipelines").stdout
    commands = [line.strip() for line in said.split("\nnext:\n")[1].splitlines()]

    assert type_in(tmp_path, "weir version && " + " && ".join(commands)).stdout.count("currencies") > 2


def test_secrets_that_were_not_filled_in_are_warned_of(tmp_path):
    folder = new_project(tmp_path)
    type_in(folder, "cp .dlt/secrets.toml.example .dlt/secrets.toml")

    told = type_in(folder, "weir run currencies").stderr

    assert "sources.open_exchange_rates.api_key" in told and "is a placeholder, '<configure me>'" in told


# ---- promises ----


def test_p1_the_first_check_prints_the_lines_of_the_page(tmp_path):
    folder = new_project(tmp_path)
    shutil.copy(FIRST_CHECK, folder)

    said = type_in(folder, "weir run test_weir.c").stdout.splitlines()

    assert re.fullmatch(r"Pipeline test completed in \d+\.\d\d seconds", said[0])
    assert said[1:3] == [
        "1 load package(s) were loaded to destination duckdb and target schema test_data",
        f"The duckdb destination used duckdb:///{folder}/test.duckdb location to store data",
    ]
    assert said[-1] == "weir is working!"


def test_p2_max_table_nesting_of_the_page_flattens(tmp_path):
    folder = new_project(tmp_path)
    (folder / "data" / "products.jsonl").write_text('{"id": 1, "name": "Lamp", "parts": [{"name": "bulb", "tags": [1]}]}\n')

    said = type_in(folder, "weir run products").stderr

    assert "normalize.max_table_nesting = 1" in said
    file = folder / "products.duckdb"
    tables = {name for (name,) in dataset.query(file, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop'")}
    assert "products__parts" in tables and "products__parts__tags" not in tables
    assert dataset.query(file, "SELECT tags::varchar FROM shop.products__parts") == [("[1]",)]


def test_p9_working_folders_databases_and_secrets_are_ignored(tmp_path):
    folder = new_project(tmp_path)
    shutil.copy(FIRST_CHECK, folder)
    type_in(folder, "git init -q && git add . && git commit -q -m first", GIT_AUTHOR_NAME="n", GIT_AUTHOR_EMAIL="n@e",
            GIT_COMMITTER_NAME="n", GIT_COMMITTER_EMAIL="n@e")
    type_in(folder, "cp .dlt/secrets.toml.example .dlt/secrets.toml && weir run currencies && weir run test_weir.c")

    assert type_in(folder, "git status --porcelain").stdout == ""


def test_p10_deleting_the_file_and_the_script_cleans_up(tmp_path):
    folder = new_project(tmp_path)
    before = sorted(folder.rglob("*"))
    shutil.copy(FIRST_CHECK, folder)
    type_in(folder, "weir run test_weir.c")

    type_in(folder, "rm test.duckdb test_weir.c")

    left = {path for path in folder.rglob("*") if ".weir" not in path.parts}
    assert left == set(before)


def test_p11_state_belongs_to_the_project_and_the_file_to_the_working_folder(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        folder = new_project(tmp_path / name)
        shutil.copy(FIRST_CHECK, folder)
        type_in(folder, "weir run test_weir.c")

        assert dataset.query(folder / "test.duckdb", "SELECT count(*) FROM test_data.test_data") == [(2,)]
        assert (folder / ".weir" / "pipelines" / "test").is_dir()


def test_p13_dependencies_are_locked_and_those_of_development_apart(tmp_path):
    folder = new_project(tmp_path)
    type_in(folder, "weir add duckdb --dev")

    manifest = tomllib.loads((folder / "weir.toml").read_text())
    locked = {package["name"]: package for package in tomllib.loads((folder / "weir.lock").read_text())["package"]}

    assert set(manifest["dependencies"]) == {"weir"} and set(manifest["dev-dependencies"]) == {"duckdb"}
    assert not locked["weir"].get("development") and locked["duckdb"]["development"]
    type_in(folder, "weir build --locked --no-dev", DUCKDB_LIBRARY="/nowhere")
