"""What README.md shows is what the program does."""

import gzip
import re
import shlex
import shutil

from harness import weir

README = (weir.ROOT / "README.md").read_text()
FIRST_CHECK = (weir.ROOT / "data-pipelines" / "test_weir.c").read_text()


def blocks(language):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def sql(folder, pipeline, query):
    return weir.run(folder, "sql", pipeline, query).out.split("\n", 2)[2].split()


def test_the_first_load_prints_what_the_page_shows(tmp_path):
    (tmp_path / "test_weir.c").write_text(FIRST_CHECK)
    [shown] = [block for block in blocks("") if block.startswith("$ weir run")]

    printed = weir.run(tmp_path, "run", "test_weir.c").out

    expected = shown.split("\n", 1)[1]
    for pattern in (r"\d+\.\d\d seconds", r"duckdb:////\S+", r"package \d+\.\d+"):
        printed, expected = re.sub(pattern, "…", printed), re.sub(pattern, "…", expected)
    assert printed == expected


def test_the_fragment_of_the_first_check_is_in_its_file():
    [fragment] = [block for block in blocks("c") if "another test" in block]
    assert fragment in FIRST_CHECK


def test_the_commands_of_the_first_load_work(tmp_path):
    (tmp_path / "test_weir.c").write_text(FIRST_CHECK)
    weir.run(tmp_path, "run", "test_weir.c")
    [commands] = [block for block in blocks("") if block.startswith("weir show test")]

    for line in commands.splitlines():
        words = shlex.split(line)
        if words[0] == "weir":
            assert "another test" in weir.run(tmp_path, *words[1:]).out or words[1] == "show"
        else:
            assert words == ["rm", "test.duckdb"]
            (tmp_path / words[1]).unlink()


def test_the_pipeline_of_the_page_goes_on_where_it_stopped(tmp_path):
    [shop] = [block for block in blocks("c") if "WEIR_REGISTER" in block]
    (tmp_path / "shop.c").write_text(shop)

    weir.run(tmp_path, "run", "shop.c")
    weir.run(tmp_path, "run", "shop.c")

    assert sql(tmp_path, "shop", "select list(id order by id)::varchar from orders") == ["[1,", "2,", "3,", "4,", "5,", "6]"]
    assert sql(tmp_path, "shop", "select count(*) from orders__lines where sku = 'A'") == ["6"]


def test_the_settings_of_the_page_are_read(tmp_path):
    (tmp_path / "test_weir.c").write_text(FIRST_CHECK)
    file = tmp_path / "shop.duckdb"

    weir.run(
        tmp_path, "run", "test_weir.c",
        DESTINATION__NAME="duckdb", DESTINATION__DUCKDB__CREDENTIALS=str(file), DESTINATION__DUCKDB__MEMORY_LIMIT="256MB",
    )

    assert file.exists() and not (tmp_path / "test.duckdb").exists()


def test_the_copy_of_the_page_loads(tmp_path):
    [command] = [block for block in blocks("") if block.startswith("weir copy")]
    (tmp_path / "events.jsonl.gz").write_bytes(gzip.compress(b'{"id": 1, "tags": ["a"]}\n'))

    weir.run(tmp_path, *shlex.split(command)[1:])

    assert sql(tmp_path, "events", "select count(*) from events__tags") == ["1"]


def test_the_project_of_the_page_is_made_and_runs(tmp_path):
    [commands] = [block for block in blocks("") if block.startswith("weir init")]
    folder = tmp_path

    for line in commands.splitlines():
        words = shlex.split(line)
        if words[0] == "cd":
            folder = folder / words[1]
        elif words[0] == "cp":
            shutil.copy(folder / words[1], folder / words[2])
        else:
            shown = weir.run(folder, *words[1:]).out

    assert "currencies" in shown
