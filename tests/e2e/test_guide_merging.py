"""The commands of docs/guide/merging.md do what the page shows."""

import re
import shlex

from harness import weir

PAGE = (weir.ROOT / "docs" / "guide" / "merging.md").read_text()


def test_the_commands_of_the_page_merge(tmp_path):
    blocks = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    users, changes = [text for language, text in blocks if language == "json"]
    commands, shown = [text for language, text in blocks if not language]
    (tmp_path / "users.jsonl").write_text(users)
    (tmp_path / "changes.jsonl").write_text(changes)

    for line in commands.splitlines():
        result = weir.run(tmp_path, *shlex.split(line)[1:])

    assert result.out == shown
    tags = weir.run(tmp_path, "sql", "users", "select value from users_dataset.users__tags order by 1", "--json").out
    assert tags == '{"value":"a"}\n{"value":"b"}\n{"value":"c"}\n'
