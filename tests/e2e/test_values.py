"""What docs/reference/values.md shows is what the program does."""

import re
import shlex

import pytest

from harness import weir

PAGE = (weir.ROOT / "docs" / "reference" / "values.md").read_text()
OWN = "select columns(lambda name: not starts_with(name, '_dlt')) from events"

EXAMPLES = re.findall(r"^```json(.*)\n((?:.*\n)*?)```\n```\n((?:.*\n)*?)```$", PAGE, re.MULTILINE)


def test_the_page_has_an_example_of_each_decision():
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]

    assert [section.splitlines()[0] for section in sections if "```json" not in section] == []
    assert len(EXAMPLES) == PAGE.count("```json")


@pytest.mark.parametrize(("options", "lines", "shown"), EXAMPLES)
def test_an_example_does_what_the_page_shows(options, lines, shown, tmp_path):
    (tmp_path / "events.jsonl").write_text(lines)

    fails = shown.startswith("weir: error")
    copy = weir.run(
        tmp_path, "copy", "events.jsonl", "duckdb:///events.duckdb", *shlex.split(options), expect=1 if fails else 0
    )

    assert (copy.err if fails else weir.run(tmp_path, "sql", "events", OWN).out) == shown
