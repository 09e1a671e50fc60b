"""The guide to projects: its sessions print what it shows, and its files make a project that runs."""

import re
import subprocess

from harness import dataset, weir

PAGE = (weir.ROOT / "docs" / "guide" / "projects.md").read_text()


def blocks(language):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def shell(folder, command):
    env = weir.environment(folder, PATH=f"{weir.release().parent}:{weir.environment(folder)['PATH']}")
    return subprocess.run(command, shell=True, cwd=folder, env=env, capture_output=True, text=True)


def plain(text):
    for pattern in (r"\d+\.\d\d seconds", r"duckdb:////\S+", r"package \d+\.\d+"):
        text = re.sub(pattern, "…", text)
    return text.rstrip("\n")


def play(folder, session):
    """Type the commands of a session; each must print what follows it."""
    for step in session.removeprefix("$ ").split("\n$ "):
        command, _, expected = step.partition("\n")
        if command.startswith("cd "):
            folder = folder / command[3:]
            continue
        assert plain(shell(folder, command).stdout) == plain(expected), command
    return folder


def session(begin):
    [text] = [text for text in blocks("") if text.startswith(begin)]
    return text


def write_files(folder):
    for text in blocks("toml") + blocks("c"):
        path = folder / re.match(r"(?:# |/\* )(\S+)", text)[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_the_first_session_and_the_one_of_weir_add_print_what_the_page_shows(tmp_path):
    folder = play(tmp_path, session("$ weir init"))

    play(folder, session("$ weir add"))


def test_the_files_of_the_page_make_a_project(tmp_path):
    (tmp_path / "weir.toml").touch()
    write_files(tmp_path)

    weir.run(tmp_path, "run", "shop")

    rows = dataset.query(tmp_path / "shop.duckdb", "SELECT id, price::varchar FROM raw.orders")
    assert [(id, float(price)) for id, price in rows] == [(1, 9.9)]


def test_the_problem_of_the_page_is_told_as_it_shows(tmp_path):
    (tmp_path / "weir.toml").touch()
    write_files(tmp_path)
    weir.run(tmp_path, "build")
    text = (tmp_path / "pipelines" / "shop.toml").read_text()
    (tmp_path / "pipelines" / "shop.toml").write_text(text.replace('"shop"', '"shpo"'))

    play(tmp_path, session("$ weir build"))


def test_the_crash_of_the_page_is_told_as_it_shows(tmp_path):
    (tmp_path / "weir.toml").touch()
    write_files(tmp_path)
    source = tmp_path / "sources" / "shop" / "source.c"
    crash = "    volatile int *volatile nowhere = NULL;\n    *nowhere = 1;\n    return weir_emit"
    source.write_text(source.read_text().replace("    return weir_emit", crash))

    assert shell(tmp_path, "weir run shop").stderr.startswith(session("weir: error:"))


def test_the_build_of_production_needs_no_duckdb(tmp_path):
    folder = play(tmp_path, session("$ weir init"))
    play(folder, session("$ weir add"))
    [command] = [text for text in blocks("") if text.startswith("weir build --locked")]

    assert shell(folder, f"DUCKDB_LIBRARY=/nowhere {command}").returncode == 0
    assert shell(folder, "DUCKDB_LIBRARY=/nowhere weir build --locked").returncode == 3
