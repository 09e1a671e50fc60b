"""The guide to configuration: its files and programs are put into a project, and its commands say what the page shows."""

import re
import subprocess
import tomllib

from harness import dataset, weir

PAGE = (weir.ROOT / "docs" / "guide" / "configuration.md").read_text()


def blocks(language):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def project(folder):
    for text in blocks("toml"):
        name = text.splitlines()[0].removeprefix("# ")
        tomllib.loads(text)
        if name.startswith(".dlt/"):
            (folder / ".dlt").mkdir(exist_ok=True)
            (folder / name).write_text(text)
    (folder / "currencies.c").write_text(blocks("c")[0])


def shell(folder, command):
    path = f"{weir.release().parent}:{weir.environment(folder)['PATH']}"
    env = weir.environment(folder, PATH=path)
    return subprocess.run(command, shell=True, cwd=folder, env=env, capture_output=True, text=True).stdout


def test_the_commands_of_the_page_say_what_it_shows(tmp_path):
    project(tmp_path)
    [session] = [text for text in blocks("") if text.startswith("$ ")]

    for step in session.removeprefix("$ ").split("\n$ "):
        command, _, expected = step.partition("\n")
        said = re.sub(r", /\S+/\.dlt/", ", /…/.dlt/", shell(tmp_path, command))
        assert said.rstrip("\n") == expected.rstrip("\n"), command


def test_the_pipeline_of_the_page_runs_with_its_files(tmp_path):
    project(tmp_path)

    weir.run(tmp_path, "run", "currencies.c")

    assert dataset.query(tmp_path / "currencies.duckdb", "select base from currencies_dataset.rates") == [("EUR",)]


def test_the_provider_of_the_page_answers_what_the_files_do_not(tmp_path):
    project(tmp_path)
    (tmp_path / ".dlt" / "secrets.toml").unlink()
    provider = blocks("c")[1].removeprefix("#include <weir.h>\n")
    source = blocks("c")[0].replace("static weir_status rates", provider + "\nstatic weir_status rates")
    source = source.replace('weir_config(cx, "base")', 'weir_config(cx, "api_key")')
    source = source.replace('.destination = "duckdb",', '.destination = "duckdb", .setup = register_vault,')
    (tmp_path / "currencies.c").write_text(source)

    weir.run(tmp_path, "run", "currencies.c")

    query = "select base from currencies_dataset.rates"
    assert dataset.query(tmp_path / "currencies.duckdb", query) == [("from the vault",)]


def test_the_named_destination_of_the_page_has_its_own_file(tmp_path):
    project(tmp_path)
    [named] = [text for text in blocks("toml") if "destination_type" in text]
    (tmp_path / ".dlt" / "config.toml").write_text(named)

    weir.run(tmp_path, "run", "currencies.c", "--destination", "dw")

    assert (tmp_path / "dw.duckdb").exists()
