"""The command line: help, usage, the reference that is made from the table of commands."""

import re

import pytest

from harness import weir
from harness.cli import USAGE, check_said


def test_without_a_command_the_help_is_printed_as_an_error(tmp_path):
    result = weir.run(tmp_path, expect=USAGE)

    assert result.out == ""
    assert result.err == weir.run(tmp_path, "help").out


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"]])
def test_help_lists_every_command(words, tmp_path):
    result = weir.run(tmp_path, *words)

    for command in ("run", "show", "sql", "package", "pipeline", "version", "help"):
        assert re.search(rf"^  {command} +\S", result.out, re.M), result
    assert "markdown" not in result.out
    assert result.err == ""


def test_help_of_a_command_is_the_same_from_both_sides(tmp_path):
    result = weir.run(tmp_path, "help", "package", "drop")

    assert result.out.startswith("weir package drop: forget a package that is not loaded\n\n")
    assert "usage: weir package drop PIPELINE [LOAD_ID]\n" in result.out
    assert result.out == weir.run(tmp_path, "package", "drop", "--help").out


def test_no_line_of_the_help_is_wider_than_a_terminal(tmp_path):
    commands = re.findall(r"^## weir (.+)$", weir.run(tmp_path, "help", "--markdown").out, re.M)

    assert len(commands) > 10
    for command in commands:
        for line in weir.run(tmp_path, "help", *command.split()).out.splitlines():
            assert len(line) <= 80, f"{command}: {line}"


@pytest.mark.parametrize("words", [["version"], ["--version"], ["-V"]])
def test_the_version_is_that_of_the_build(words, tmp_path):
    declared = re.search(r"project\(weir VERSION (\S+)", (weir.ROOT / "CMakeLists.txt").read_text())[1]

    assert weir.run(tmp_path, *words).out == f"weir {declared}\n"


@pytest.mark.parametrize(("flag", "copy"), [("--markdown", "docs/reference/cli.md"), ("--man", "docs/man/weir.1")])
def test_the_checked_in_reference_is_what_the_program_prints(flag, copy, tmp_path):
    printed = weir.run(tmp_path, "help", flag).out

    assert (weir.ROOT / copy).read_text() == printed, f"make it again: weir help {flag} >{copy}"


USAGES = [
    ("shwo", "unknown command 'shwo'", "did you mean: weir show"),
    ("frobnicate", "unknown command 'frobnicate'", "weir --help"),
    ("help frobnicate", "unknown command 'frobnicate'", "weir --help"),
    ("help version now", "'weir version' has no command 'now'", "usage: weir version"),
    ("package", "'weir package' needs a command: list, show, retry, drop", "weir package --help"),
    ("package lst", "unknown command 'lst'", "did you mean: weir package list"),
    ("run", "'weir run' needs 'NAME|FILE'", "usage: weir run NAME|FILE [OPTIONS]"),
    ("run a.c b.c", "'weir run' does not expect 'b.c'", "usage: weir run"),
    ("version now", "'weir version' does not expect 'now'", "usage: weir version"),
    ("run a.c --destinatoin x", "unknown option '--destinatoin'", "did you mean: --destination"),
    ("run a.c --frobnicate", "unknown option '--frobnicate'", "weir run --help"),
    ("run a.c -x", "unknown option '-x'", "weir run --help"),
    ("run a.c --destination", "'weir run' needs a value for the option 'destination'", "usage: weir run"),
    ("run a.c --json=yes", "'weir run' takes no value for the option 'json'", "usage: weir run"),
    ("sql test", "'weir sql' needs 'STATEMENT'", "usage: weir sql PIPELINE STATEMENT [--json]"),
    ("--json show test", "unknown option '--json'", "weir --help"),
]


@pytest.mark.parametrize(("words", "message", "hint"), USAGES, ids=[words for words, _, _ in USAGES])
def test_a_wrong_usage_is_told_with_the_right_one(words, message, hint, tmp_path):
    result = weir.run(tmp_path, *words.split(), expect=None)

    check_said(result, USAGE, message, hint)
    assert result.out == ""
    assert list(tmp_path.iterdir()) == []
