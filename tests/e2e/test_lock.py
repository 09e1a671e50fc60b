"""weir add and weir build --locked: what a project needs, noted and locked, and what is refused."""

import hashlib
import json
import platform
import re
import shutil
import tomllib

import pytest

from harness import weir
from harness.cli import CONFIGURATION, FAILED, USAGE, check_said

PLATFORM = f"linux-{platform.machine()}"
LIBRARIES = weir.release().resolve().parents[1] / "lib"


def project(folder):
    weir.run(folder, "init")
    return folder


def lock(folder):
    """The packages of weir.lock by their names."""
    return {package.pop("name"): package for package in tomllib.loads((folder / "weir.lock").read_text())["package"]}


def change(folder, name, old, new):
    text = (folder / name).read_text()
    assert old in text
    (folder / name).write_text(text.replace(old, new))


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def differences(folder, *words, **env):
    """What --locked says, each with its hint."""
    told = weir.run(folder, "build", "--locked", *words, expect=CONFIGURATION, **env)
    found = re.findall(r"^error: (.*)\n  hint: (.*)$", told.out, re.M)
    check_said(told, CONFIGURATION, f"this is not what weir.lock says: {len(found)} difference(s)")
    assert "C files" not in told.out
    return found


# ---- weir add ----


def test_one_command_writes_both_files(tmp_path):
    project(tmp_path)

    said = weir.run(tmp_path, "add", "duckdb", "--dev").out

    assert said == 'weir.toml  added: duckdb = ">=2.0.0", for development\nweir.lock  written\n'
    manifest = tomllib.loads((tmp_path / "weir.toml").read_text())
    assert manifest["dependencies"] == {"weir": ">=0.1.0"}
    assert manifest["dev-dependencies"] == {"duckdb": ">=2.0.0"}
    assert lock(tmp_path) == {
        "weir": {"version": "0.1.0", "sha256": {PLATFORM: sha256(LIBRARIES / "libweir.so.0")}},
        "duckdb": {
            "version": "2.0.0", "development": True, "sha256": {PLATFORM: sha256(LIBRARIES / "libduckdb.so")},
        },
    }


def test_what_is_part_of_the_engine_has_its_version_and_no_file(tmp_path):
    project(tmp_path)

    weir.run(tmp_path, "add", "filesystem")

    assert tomllib.loads((tmp_path / "weir.toml").read_text())["dependencies"]["filesystem"] == ">=0.1.0"
    assert lock(tmp_path)["filesystem"] == {"version": "0.1.0"}


def test_comments_and_order_of_the_manifest_stay(tmp_path):
    text = '# ours\n[dev-dependencies] # for laptops\n# nothing yet\n\n[dependencies]\nweir = ">=0.1" # the engine\n'
    (tmp_path / "weir.toml").write_text(text)

    weir.run(tmp_path, "add", "filesystem")
    weir.run(tmp_path, "add", "duckdb>=1.5.6", "--dev")

    assert (tmp_path / "weir.toml").read_text() == (
        '# ours\n[dev-dependencies] # for laptops\nduckdb = ">=1.5.6"\n# nothing yet\n\n'
        '[dependencies]\nweir = ">=0.1" # the engine\nfilesystem = ">=0.1.0"\n'
    )


def test_adding_again_changes_nothing(tmp_path):
    project(tmp_path)
    weir.run(tmp_path, "add", "duckdb", "--dev")
    before = [(tmp_path / name).read_text() for name in ("weir.toml", "weir.lock")]

    said = weir.run(tmp_path / "sources", "add", "duckdb", "--dev").out

    assert said == 'weir.toml  has it: duckdb = ">=2.0.0"\nweir.lock  written\n'
    assert [(tmp_path / name).read_text() for name in ("weir.toml", "weir.lock")] == before


def test_without_a_name_what_the_manifest_needs_is_locked_anew(tmp_path):
    (tmp_path / "weir.toml").write_text('[dev-dependencies]\nduckdb = ">=1"\n')

    assert weir.run(tmp_path, "add").out == "weir.lock  written\n"

    assert list(lock(tmp_path)) == ["weir", "duckdb"]


def test_checksums_of_other_platforms_are_kept_for_the_same_version(tmp_path):
    project(tmp_path)
    weir.run(tmp_path, "add", "duckdb", "--dev")
    change(tmp_path, "weir.lock", f"sha256.{PLATFORM}", 'sha256.linux-other = "12"\nsha256.' + PLATFORM)
    change(tmp_path, "weir.lock", 'version = "2.0.0"', 'version = "1.9.0"')

    weir.run(tmp_path, "add")

    assert set(lock(tmp_path)["weir"]["sha256"]) == {"linux-other", PLATFORM}
    assert set(lock(tmp_path)["duckdb"]["sha256"]) == {PLATFORM}


def test_a_library_of_development_that_is_not_there_keeps_its_entry(tmp_path):
    project(tmp_path)
    weir.run(tmp_path, "add", "duckdb", "--dev")
    before = lock(tmp_path)["duckdb"]

    weir.run(tmp_path, "add", "filesystem", DUCKDB_LIBRARY="/nowhere")

    assert lock(tmp_path)["duckdb"] == before and "filesystem" in lock(tmp_path)


NOT_ADDED = {
    "unknown": (["duckbd"], "this weir has nothing called 'duckbd'", "did you mean 'duckdb'?"),
    "nothing like it": (["oracle"], "this weir has nothing called 'oracle'", "it has: duckdb, filesystem, command, rest_api"),
    "too new": (["duckdb>=99"], "'duckdb' is needed >=99, and here is 2.0.0", "install a newer one"),
    "no version": (["duckdb>=new"], "'new' is no version", "as in 'duckdb>=1.0.0'"),
}


@pytest.mark.parametrize("case", NOT_ADDED)
def test_what_cannot_be_added_leaves_both_files_alone(case, tmp_path):
    words, message, hint = NOT_ADDED[case]
    project(tmp_path)
    before = [(tmp_path / name).read_text() for name in ("weir.toml", "weir.lock")]

    told = weir.run(tmp_path, "add", *words, expect=None)

    check_said(told, told.status, message, hint)
    assert told.status in (FAILED, CONFIGURATION)
    assert [(tmp_path / name).read_text() for name in ("weir.toml", "weir.lock")] == before


def test_a_library_that_is_not_there_cannot_be_added(tmp_path):
    project(tmp_path)

    told = weir.run(tmp_path, "add", "duckdb", "--dev", expect=CONFIGURATION, DUCKDB_LIBRARY="/nowhere")

    assert "weir: error: the library of DuckDB cannot be opened: /nowhere" in told.err
    assert "duckdb" not in (tmp_path / "weir.toml").read_text()


def test_what_is_needed_otherwise_already_is_left_to_the_user(tmp_path):
    project(tmp_path)
    weir.run(tmp_path, "add", "duckdb", "--dev")

    always = weir.run(tmp_path, "add", "duckdb", expect=FAILED)
    newer = weir.run(tmp_path, "add", "duckdb>=1.0", "--dev", expect=FAILED)

    check_said(always, FAILED, "weir.toml:9:10: 'duckdb' is needed for development already", "remove this line")
    check_said(newer, FAILED, "weir.toml:9:10: 'duckdb' is needed >=2.0.0 already", "change this line")


def test_without_a_project_it_says_how_to_make_one(tmp_path):
    told = weir.run(tmp_path, "add", "duckdb", expect=FAILED)

    check_said(told, FAILED, f"there is no weir.toml in '{tmp_path}'", "run weir init")


def test_a_manifest_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "weir.toml").write_text("[dependencies\n")

    assert "weir: error: weir.toml:1:14: " in weir.run(tmp_path, "add", "duckdb", expect=CONFIGURATION).err


# ---- weir build --locked ----


def test_a_project_is_built_where_everything_is_as_locked(tmp_path):
    project(tmp_path)
    weir.run(tmp_path, "add", "duckdb", "--dev")
    weir.run(tmp_path, "add", "filesystem")

    assert weir.run(tmp_path, "build", "--locked").out.startswith("C files: 4, compiled: 4\n")


def test_without_what_is_for_development_its_library_is_not_needed(tmp_path):
    project(tmp_path)
    weir.run(tmp_path, "add", "duckdb", "--dev")

    weir.run(tmp_path, "build", "--locked", "--no-dev", DUCKDB_LIBRARY="/nowhere")

    [(message, hint)] = differences(tmp_path, DUCKDB_LIBRARY="/nowhere")
    assert message.startswith("'duckdb' 2.0.0 of weir.lock: the library of DuckDB cannot be opened: /nowhere")
    assert "--no-dev" in hint


def test_another_file_of_the_same_version_is_refused(tmp_path):
    project(tmp_path)
    weir.run(tmp_path, "add", "duckdb", "--dev")
    other = tmp_path / "libduckdb.so"
    shutil.copy(LIBRARIES / "libduckdb.so", other)
    with open(other, "ab") as library:
        library.write(b"\0")

    [(message, hint)] = differences(tmp_path, DUCKDB_LIBRARY=str(other))

    expected = lock(tmp_path)["duckdb"]["sha256"][PLATFORM]
    assert message == (
        f"'duckdb' 2.0.0 is another file than the one in weir.lock: '{other}' has the SHA-256 {sha256(other)}, "
        f"expected {expected}"
    )
    assert hint == "install the same one; or, if this one is right, run weir add"


CHANGES = {
    "another version here": (
        ("weir.lock", 'version = "2.0.0"', 'version = "2.0.1"'), "'duckdb' is 2.0.0 here, and 2.0.1 in weir.lock",
    ),
    "another engine": (
        ("weir.lock", 'version = "0.1.0"', 'version = "0.1.1"'), "'weir' is 0.1.0 here, and 0.1.1 in weir.lock",
    ),
    "not locked": (
        ("weir.toml", "[dev-", 'filesystem = ">=0.1.0"\n\n[dev-'), "weir.toml:8:14: 'filesystem' is needed, and not in weir.lock",
    ),
    "no longer needed": (
        ("weir.toml", 'duckdb = ">=2.0.0"', ""), "'duckdb' is in weir.lock, and weir.toml does not need it",
    ),
    "needed newer": (
        ("weir.toml", 'duckdb = ">=2.0.0"', 'duckdb = ">=2.1"'),
        "weir.toml:9:10: 'duckdb' is needed >=2.1, and 2.0.0 in weir.lock",
    ),
    "needed always": (
        ("weir.toml", "[dev-dependencies]\n", ""),
        "weir.toml:8:10: 'duckdb' is needed always, and in weir.lock for development only",
    ),
    "another platform": (
        ("weir.lock", f'development = true\nsha256.{PLATFORM}', "development = true\nsha256.linux-other"),
        f"weir.lock has no checksum of 'duckdb' for {PLATFORM}",
    ),
    "no lock": (("weir.lock", None, None), "there is no weir.lock"),
    "no manifest": (("weir.toml", None, None), "there is no weir.toml"),
    "a lock that is none": (("weir.lock", "\nversion = 1\n", "\nversion = 7\n"), "weir.lock:1:1: it is no lock of version 1"),
    "a lock that cannot be read": (("weir.lock", "version = 1\n", "version = \n"), "weir.lock:2:11: expected a value, found the end of the line"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_differs_is_told_and_nothing_is_built(case, tmp_path):
    (name, old, new), message = CHANGES[case]
    project(tmp_path)
    weir.run(tmp_path, "add", "duckdb", "--dev")
    if old is None:
        (tmp_path / name).unlink()
    else:
        change(tmp_path, name, old, new)

    [(said, hint)] = differences(tmp_path)

    assert said == message
    assert "weir add" in hint or "weir init" in hint
    assert not (tmp_path / ".weir").exists()


def test_all_differences_are_told_at_once_also_as_json(tmp_path):
    project(tmp_path)
    weir.run(tmp_path, "add", "duckdb", "--dev")
    change(tmp_path, "weir.lock", 'version = "2.0.0"', 'version = "2.0.1"')
    change(tmp_path, "weir.lock", 'version = "0.1.0"', 'version = "0.1.1"')

    assert len(differences(tmp_path)) == 2
    told = json.loads(weir.run(tmp_path, "build", "--locked", "--json", expect=CONFIGURATION).out)
    assert [problem["message"].split("'")[1] for problem in told["problems"]] == ["weir", "duckdb"]


def test_no_dev_alone_is_a_wrong_usage(tmp_path):
    told = weir.run(tmp_path, "build", "--no-dev", expect=USAGE)

    check_said(told, USAGE, "--no-dev says what --locked leaves out, and there is no --locked", "weir build --locked")


# ---- the engine ----


@pytest.mark.parametrize("words", [["run", "products"], ["build"], ["config", "check"], ["plan", "products"]])
def test_a_project_that_needs_a_newer_engine_is_refused(words, tmp_path):
    project(tmp_path)
    change(tmp_path, "weir.toml", 'weir = ">=0.1.0"', 'weir = ">=99.0"')

    told = weir.run(tmp_path, *words, expect=CONFIGURATION)

    assert "weir.toml:6:8: the project needs weir >=99.0, and this is 0.1.0" in told.out + told.err
