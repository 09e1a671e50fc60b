"""weir init: what it makes, that it runs, and that nothing of the user's is touched."""

import subprocess
import tomllib

import pytest

from harness import dataset, weir
from harness.cli import FAILED, USAGE, check_said

MADE = """README.md
data/products.jsonl
.dlt/config.toml
.dlt/secrets.toml.example
.gitignore
flows/README.md
pipelines/currencies.c
pipelines/exchange_rates.toml
pipelines/products.toml
prefect.yaml
sources/currencies/source.c
sources/exchange_rates/source.c
sources/products/source.toml
utils/vault_provider.c
utils/vault_provider.h
weir.toml
weir.lock
""".splitlines()

NEXT = """
next:
  cd data-pipelines
  weir add duckdb --dev
  cp .dlt/secrets.toml.example .dlt/secrets.toml
  weir build
  weir run currencies
  weir show currencies
"""

# What each pipeline of a new project loads.
LOADS = {
    "currencies": ("SELECT code FROM open_exchange_rates.currencies ORDER BY 1", ["EUR", "GBP", "JPY", "USD"]),
    "exchange_rates": ("SELECT DISTINCT base FROM open_exchange_rates.exchange_rates", ["EUR"]),
    "products": ("SELECT name FROM shop.products ORDER BY id", ["Lamp", "Chair", "Desk"]),
}


def files(folder):
    """Paths and contents of all that is below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def project(folder):
    weir.run(folder, "init", "data-pipelines")
    return folder / "data-pipelines"


def column(file, query):
    return [row[0] for row in dataset.query(file, query)]


def test_it_makes_a_project_and_says_what_and_what_to_do_next(tmp_path):
    said = weir.run(tmp_path, "init", "data-pipelines")

    assert said.out == "".join(f"made  {path}\n" for path in MADE) + NEXT
    assert said.err == ""
    assert sorted(files(tmp_path / "data-pipelines")) == sorted(MADE)


@pytest.mark.parametrize("name", LOADS)
def test_each_pipeline_of_a_new_project_runs_as_it_is(name, tmp_path):
    folder = project(tmp_path)

    said = weir.run(folder, "run", name)

    query, expected = LOADS[name]
    assert column(folder / f"{name}.duckdb", query) == expected
    assert f"Pipeline {name} completed in " in said.out
    assert "warning" not in said.err and "error" not in said.err


def test_pipelines_can_be_run_again(tmp_path):
    folder = project(tmp_path)
    for name in LOADS:
        weir.run(folder, "run", name)
        weir.run(folder, "run", name)

    counts = [dataset.query(folder / f"{name}.duckdb", f"SELECT count(*) FROM {table}") for name, table in [
        ("currencies", "open_exchange_rates.currencies"),
        ("exchange_rates", "open_exchange_rates.exchange_rates"),
        ("products", "shop.products"),
    ]]

    assert counts == [[(4,)], [(4,)], [(3,)]]


def test_the_c_files_compile_without_a_warning(tmp_path):
    folder = project(tmp_path)
    weir.run(folder, "init", "--pipeline", "more", "--source", "c")

    assert "warning" not in weir.run(folder, "run", "more", CC="cc -Wextra -Werror").err


def test_the_configuration_of_a_new_project_is_complete(tmp_path):
    folder = project(tmp_path)

    assert weir.run(folder, "config", "check").out == "the configuration is complete\n"


def test_the_example_of_secrets_can_be_copied_and_answers(tmp_path):
    folder = project(tmp_path)
    (folder / ".dlt" / "secrets.toml").write_text((folder / ".dlt" / "secrets.toml.example").read_text())

    said = weir.run(folder, "config", "explain", "sources.open_exchange_rates.api_key", "currencies").out

    assert said.startswith("sources.open_exchange_rates.api_key = ****\n  from key in secrets.toml ")


def test_all_of_the_example_of_secrets_is_toml_once_it_is_taken_in(tmp_path):
    text = (project(tmp_path) / ".dlt" / "secrets.toml.example").read_text().split("[sources", 1)[1]

    secrets = tomllib.loads(("[sources" + text).replace("# Take", "## Take").replace("# ", "").replace("#", "# "))

    assert set(secrets["destination"]["snowflake"]["credentials"]) == {
        "database", "warehouse", "role", "username", "password", "host",
    }
    assert secrets["destination"]["filesystem"]["bucket_url"] == "s3://your-data-lake-bucket/dlt"
    assert set(secrets["destination"]["filesystem"]["credentials"]) == {
        "aws_access_key_id", "aws_secret_access_key", "region_name",
    }
    assert set(secrets["sources"]) == {"open_exchange_rates", "clever_cloud"}
    assert set(secrets["sources"]["clever_cloud"]) == {"host", "port", "database", "username", "password"}


def test_git_ignores_secrets_and_what_runs_leave(tmp_path):
    folder = project(tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    (folder / ".dlt" / "secrets.toml").write_text("")
    weir.run(folder, "run", "products")

    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard"], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.splitlines()

    assert sorted(listed) == sorted(MADE)


def test_the_names_of_the_project_are_those_of_its_folder(tmp_path):
    weir.run(tmp_path, "init", "a place/shop loads")
    folder = tmp_path / "a place" / "shop loads"

    assert tomllib.loads((folder / "weir.toml").read_text())["project"] == {"name": "shop loads"}
    assert '\nname: "shop loads"\n' in (folder / "prefect.yaml").read_text()
    assert (folder / "README.md").read_text().startswith("# shop loads\n")


def test_without_a_folder_it_is_this_one(tmp_path):
    said = weir.run(tmp_path, "init").out

    assert "  cd " not in said
    assert (tmp_path / "weir.toml").exists()


def test_files_that_are_there_are_kept(tmp_path):
    own = {"README.md": b"mine\n", ".gitignore": b"", "pipelines/products.toml": b"# mine\n"}
    for path, text in own.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(text)

    said = weir.run(tmp_path, "init").out

    assert [line for line in said.splitlines() if line.startswith("kept")] == [
        "kept  README.md", "kept  .gitignore", "kept  pipelines/products.toml",
    ]
    assert {path: (tmp_path / path).read_bytes() for path in own} == own


def test_running_it_again_changes_nothing(tmp_path):
    folder = project(tmp_path)
    before = files(folder)

    said = weir.run(tmp_path, "init", "data-pipelines").out

    assert "made" not in said and said.count("kept") == len(MADE) - 1
    assert files(folder) == before


@pytest.mark.parametrize(("source", "paths"), [
    ("filesystem", ["data/orders/example.jsonl", "pipelines/orders.toml"]),
    ("command", ["pipelines/orders.toml", "sources/orders/source.sh"]),
    ("c", ["pipelines/orders.c", "sources/orders/source.c"]),
])
def test_a_pipeline_is_added_and_runs(source, paths, tmp_path):
    folder = project(tmp_path)

    said = weir.run(folder / "sources", "init", "--pipeline", "orders", "--source", source).out

    assert said == "".join(f"made  {path}\n" for path in paths) + "\nnext:\n  weir run orders\n"
    weir.run(folder, "run", "orders")
    assert column(folder / "orders.duckdb", "SELECT name FROM raw.orders ORDER BY id") == ["first", "second"]


@pytest.mark.parametrize("name", ["int", "orders-2", "_x", "2024", "main"])
def test_names_that_mean_something_in_c_are_fine(name, tmp_path):
    folder = project(tmp_path)

    weir.run(folder, "init", "--pipeline", name, "--source", "c")

    weir.run(folder, "run", name)


WRONG = {
    "unknown kind": (["--pipeline", "x", "--source", "excel"], "there is no kind of source 'excel'", "known are: c, command, filesystem"),
    "a path": (["--pipeline", "a/b"], None, None),
    "a name with a dot": (["--pipeline", "a.b"], "the pipeline name 'a.b' contains the character '.'", "letters"),
    "one like an option": (["--pipeline", "-x"], "'-x' cannot be the name of a new pipeline", "letters"),
    "one with quotes": (["--pipeline", 'a"b'], None, None),
    "one that is there": (
        ["--pipeline", "products"], "the pipeline 'products' is there already: 'pipelines/products.toml'", "another name",
    ),
    "a project with quotes": (['a"b'], "'a\"b' cannot be the name of a project", "without quotes"),
    "a file": (["weir.toml"], None, None),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_made_is_told_and_nothing_is_made(case, tmp_path):
    words, message, hint = WRONG[case]
    folder = project(tmp_path)
    before = files(folder)

    result = weir.run(folder, "init", *words, expect=FAILED)

    if message:
        check_said(result, FAILED, message, hint)
    assert files(folder) == before


def test_a_source_without_a_pipeline_is_a_wrong_usage(tmp_path):
    told = weir.run(tmp_path, "init", "--source", "c", expect=USAGE)

    check_said(told, USAGE, "--source says what a new pipeline reads from, and there is no --pipeline", "--pipeline NAME")


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    told = weir.run(tmp_path, "init", "/proc/none", expect=FAILED)

    assert "weir: error: " in told.err
