"""Lines that are no JSON: an error, or kept in quarantine; and what docs/guide/bad-lines.md says of them."""

import base64
import gzip
import json
import re
import shlex

import duckdb
import pytest

from harness import weir

GUIDE = (weir.ROOT / "docs" / "guide" / "bad-lines.md").read_text()

# Bytes of a line, and the reason why it is none.
BAD = [
    (b'{"id": 2', "invalid JSON at byte 8: unexpected end of data"),
    (b'{"id": "\\u0041\\n\\t', "invalid JSON at byte 18: unexpected end of data"),
    (b"", "the line is empty, one JSON value was expected"),
    (b"{} {}\r", "something stands behind the value on its line"),
    (b'{"a": "\xff"}', "invalid JSON at byte 7: invalid UTF-8 encoding in string"),
    (b"\x00\x01\x7f", "invalid JSON at byte 0: unexpected character, expected a valid root value"),
    (b'{"a":', "invalid JSON at byte 5: unexpected end of data"),
    (b"[" * 2000 + b"]" * 2000, "JSON is nested deeper than 1024 levels"),
    ("ü".encode() + b'"\\', "invalid JSON at byte 0: unexpected character, expected a valid root value"),
]


def content():
    """A good line in front of each bad one, and one behind them; the entries that the quarantine must have."""
    data, entries = b"", []
    for number, (line, reason) in enumerate(BAD):
        data += b'{"id": %d}\n' % number
        entries.append({"line": 2 * number + 2, "offset": len(data), "reason": reason, "bytes": line})
        data += line + b"\n"
    return data + b'{"id": %d}' % len(BAD), entries


def query(file, sql):
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def copy(folder, source, *arguments, **options):
    words = ("copy", source, "x.duckdb", "--table", "events", "--on-bad-row", "quarantine", *arguments)
    return weir.run(folder, *words, **options)


def quarantines(folder, pipeline="x"):
    return sorted((folder / ".weir" / "pipelines" / pipeline / "loaded").glob("*.bad.jsonl"))


def entries_of(path):
    """The entries of a quarantine, with the bytes of their lines."""
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    for entry in entries:
        assert ("text" in entry) != ("base64" in entry)
        entry["bytes"] = entry.pop("text").encode() if "text" in entry else base64.b64decode(entry.pop("base64"))
    return entries


SIFTED = """
[pipeline]
destination = "duckdb"
dataset_name = "d"
[source.filesystem]
bucket_url = "."
resources = [{ name = "r", file_glob = "events.json*", on_bad_row = "quarantine", %s }]
"""


@pytest.mark.parametrize("sift", ['incremental = { cursor_path = "id" }', 'table_name = { field = "kind" }'], ids=["cursor", "table"])
def test_bad_lines_between_rows_that_are_sifted_are_kept_alike(sift, tmp_path):
    data, expected = content()
    data = data.replace(b"}", b', "kind": "events"}')
    for entry in expected:
        entry["bytes"] = entry["bytes"].replace(b"}", b', "kind": "events"}')
        entry["offset"] = data.index(b"\n" + entry["bytes"] + b"\n") + 1 if entry["bytes"] else data.index(b"\n\n") + 1
        del entry["reason"]  # bytes in it are others
    (tmp_path / "events.jsonl").write_bytes(b"\n\nx\n" + data + b"\n\n{")
    (tmp_path / "p.toml").write_text(SIFTED % sift)

    weir.run(tmp_path, "run", "p.toml")

    table = "events" if "field" in sift else "r"
    assert query(tmp_path / "p.duckdb", f"select id from d.{table} order by id") == [(i,) for i in range(len(BAD) + 1)]
    entries = entries_of(quarantines(tmp_path, "p")[0])
    for entry in entries:
        assert {entry.pop("resource"), entry.pop("file"), bool(entry.pop("reason"))} == {"r", "events.jsonl", True}
    around = [(1, 0, b""), (2, 1, b""), (3, 2, b"x")], [(23, len(data) + 5, b""), (24, len(data) + 6, b"{")]
    front, behind = ([dict(zip(("line", "offset", "bytes"), entry)) for entry in part] for part in around)
    for entry in expected:
        entry["line"] += 3
        entry["offset"] += 4
    assert entries == front + expected + behind


@pytest.mark.parametrize("form", ["file", "gzip", "stdin"])
def test_bad_lines_are_kept_byte_for_byte_and_the_others_are_loaded(form, tmp_path):
    data, expected = content()
    (tmp_path / "events.jsonl").write_bytes(gzip.compress(data) if form == "gzip" else data)
    source = "events.jsonl"
    prefix = ()
    if form == "stdin":
        source, prefix = "-", ("sh", "-c", 'exec "$0" "$@" < events.jsonl')

    told = json.loads(copy(tmp_path, source, "--json", prefix=prefix).out)

    assert query(tmp_path / "x.duckdb", "select id from x_dataset.events order by id") == [(i,) for i in range(len(BAD) + 1)]
    [file] = quarantines(tmp_path)
    where = {"resource": "events", "file": "stdin" if form == "stdin" else "events.jsonl"}
    assert entries_of(file) == [{**where, **entry} for entry in expected]
    assert (told["bad_rows"], told["bad_rows_file"], told["tables"]["events"]) == (len(BAD), str(file), len(BAD) + 1)
    assert file.name == told["load_id"] + ".bad.jsonl"
    assert not list(tmp_path.glob(".weir/pipelines/x/packages/*"))


def test_a_bad_element_of_an_array_is_kept_with_its_byte(tmp_path):
    (tmp_path / "events.json").write_text('[{"id": 1},\n {"id": nope,\n  "a": 1},\n {"id": 3}]')

    copy(tmp_path, "events.json")

    assert query(tmp_path / "x.duckdb", "select id from x_dataset.events") == [(1,), (3,)]
    [entry] = entries_of(quarantines(tmp_path)[0])
    assert (entry["line"], entry["bytes"].split()) == (None, b'{"id": nope, "a": 1}'.split())


def test_any_number_of_workers_gives_the_same_rows_and_the_same_quarantine(tmp_path):
    lines = [json.dumps({"id": i, f"k{i // 9999}": i / 2}) if i % 11 else "{" * (i % 30) for i in range(120_000)]
    (tmp_path / "events.jsonl").write_text("\n".join(lines))
    found = []
    for workers in (1, 2, 8):
        folder = tmp_path / str(workers)
        folder.mkdir()
        copy(folder, "../events.jsonl", NORMALIZE__WORKERS=str(workers))
        rows = query(folder / "x.duckdb", "select * exclude (_dlt_load_id, _dlt_id) from x_dataset.events")
        found.append((rows, quarantines(folder)[0].read_bytes()))

    assert found[0] == found[1] == found[2]
    assert found[0][1].count(b"\n") == sum(i % 11 == 0 for i in range(120_000))


@pytest.mark.parametrize("line", ["", "x", "\\u0000 " * 30], ids=["empty", "short", "longer"])
def test_a_million_bad_lines_take_no_more_memory_than_others(line, tmp_path):
    (tmp_path / "events.jsonl").write_text('{"id": 1}\n' + (line + "\n") * 1_000_000)

    told = json.loads(copy(tmp_path, "events.jsonl", "--json").out)

    assert told["bad_rows"] == 1_000_000
    assert told["memory_peak"] < 24 << 20


@pytest.mark.parametrize("source", ["events.jsonl", "-"])
def test_bad_lines_alone_are_a_load_without_rows(source, tmp_path):
    (tmp_path / "events.jsonl").write_text('{"id": 1}\n')
    copy(tmp_path, "events.jsonl")
    (tmp_path / "events.jsonl").write_text("x\n")

    told = json.loads(copy(tmp_path, source, "--json", stdin="x\n").out)

    assert (told["bad_rows"], told["tables"]) == (1, {})
    assert (told["load_id"],) in query(tmp_path / "x.duckdb", "select load_id from x_dataset._dlt_loads")
    assert query(tmp_path / "x.duckdb", "select id from x_dataset.events") == [(1,)]


def test_a_load_that_fails_leaves_no_quarantine(tmp_path):
    (tmp_path / "events.jsonl").write_text('x\n{"id": 1}\n' + '{"long": "' + "x" * 1_000_000 + '"}\n')

    failed = copy(tmp_path, "events.jsonl", "--memory", "2MiB", expect=1)

    assert "the value is too long" in failed.err and "--memory" in failed.err
    assert not quarantines(tmp_path)
    assert not list(tmp_path.glob(".weir/pipelines/x/packages/*"))


def test_quarantines_go_with_the_traces_of_old_loads(tmp_path):
    (tmp_path / "events.jsonl").write_text('{"id": 1}\nx\n')
    for _ in range(4):
        last = json.loads(copy(tmp_path, "events.jsonl", "--json", LOAD__KEEP_PACKAGES="2").out)

    loaded = tmp_path / ".weir" / "pipelines" / "x" / "loaded"
    assert [path.name.split(".", 2)[2] for path in sorted(loaded.iterdir())] == ["bad.jsonl", "json"] * 2
    assert quarantines(tmp_path)[-1].name.startswith(last["load_id"])
    assert len(weir.run(tmp_path, "package", "list", "x", "--json").out.splitlines()) == 2


def test_show_tells_how_many_where_and_the_first_ones(tmp_path):
    (tmp_path / "events.jsonl").write_text('{"id": 1}\n' + "".join(f"bad {i} {'ü' * 50_000 * i}\n" for i in range(7)))
    copy(tmp_path, "events.jsonl")
    [file] = quarantines(tmp_path)

    lines = weir.run(tmp_path, "package", "show", "x").out.splitlines()

    shown = lines[lines.index(f"7 bad rows in {file}") + 1 :]
    assert [json.loads(shown[0])["text"], len(shown)] == ["bad 0 ", 5]
    assert all(f'"text":"bad {i} ü' in line and line.endswith("ü …") for i, line in enumerate(shown) if i > 0)
    manifest = json.loads(weir.run(tmp_path, "package", "show", "x", "--json").out)["manifest"]
    assert (manifest["bad_rows"], manifest["bad_rows_file"]) == (7, str(file))


def test_a_value_over_several_lines_is_named_with_its_file_and_lines(tmp_path):
    (tmp_path / "events.jsonl").write_text('{\n  "id": 1\n}\n')

    failed = weir.run(tmp_path, "copy", "events.jsonl", "x.duckdb", expect=1)

    assert "events.jsonl:1: behind byte 0, up to line 3, a value goes over the end of its line" in failed.err
    assert "hint: " in failed.err


def test_a_word_that_is_no_way_is_wrong_usage(tmp_path):
    failed = weir.run(tmp_path, "copy", "events.jsonl", "x.duckdb", "--on-bad-row", "skip", expect=2)

    assert "--on-bad-row 'skip' is none of fail, quarantine" in failed.err


# ---- what a contract refuses ----


def set_contract(file, contract):
    """As the reference leaves a schema whose resource had this contract."""
    from dlt.common.schema.utils import generate_version_hash

    with duckdb.connect(str(file)) as connection:
        [(text,)] = connection.execute("select schema from x_dataset._dlt_version").fetchall()
        schema = json.loads(text)
        schema["tables"]["events"]["schema_contract"] = contract
        schema["version_hash"] = generate_version_hash(schema)
        values = [json.dumps(schema), schema["version_hash"]]
        connection.execute("update x_dataset._dlt_version set schema = ?, version_hash = ?", values)


@pytest.fixture
def contracted(tmp_path):
    """A folder with a table whose contract drops rows with new columns, and values of other types."""
    (tmp_path / "events.jsonl").write_text('{"id": 1}\n')
    copy(tmp_path, "events.jsonl")
    set_contract(tmp_path / "x.duckdb", {"columns": "discard_row", "data_type": "discard_value"})
    return tmp_path


def test_what_a_contract_drops_is_counted_and_not_quarantined(contracted):
    (contracted / "events.jsonl").write_text('{"id": 2, "b": 1}\n{"id": "x"}\n{"id": 4}\n{"id"\n')

    told = copy(contracted, "events.jsonl").out

    assert "1 rows and 1 values of events dropped by its schema contract\n1 bad rows in quarantine: " in told
    trace = json.loads(weir.run(contracted, "package", "show", "x", "--json").out)["manifest"]
    assert (trace["dropped"], trace["bad_rows"]) == ({"events": {"rows": 1, "values": 1}}, 1)
    assert query(contracted / "x.duckdb", "select id from x_dataset.events") == [(1,), (None,), (4,)]


@pytest.mark.parametrize("source", ["events.jsonl", "-"])
def test_a_load_whose_rows_are_all_dropped_is_a_load_as_in_the_reference(source, contracted):
    line = '{"id": 2, "b": 1}\n'
    (contracted / "events.jsonl").write_text(line)

    told = json.loads(copy(contracted, source, "--json", stdin=line).out)

    assert (told["dropped"], told["tables"]) == ({"events": {"rows": 1, "values": 0}}, {})
    assert query(contracted / "x.duckdb", "select count(*) from x_dataset._dlt_loads") == [(2,)]


# ---- the guide ----


def blocks(language):
    found = re.findall(r"^```(\w*)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def canonical(text):
    for pattern in (r"\d+\.\d\d seconds", r"/\S*/", r"\d+\.\d{6}"):
        text = re.sub(pattern, "…", text)
    return text


def test_the_commands_of_the_guide_do_what_it_shows(tmp_path):
    events, entry = blocks("json")
    session, look = blocks("")
    (tmp_path / "events.jsonl").write_text(events)
    for step in session.split("$ weir ")[1:]:
        command, shown = step.split("\n", 1)
        done = weir.run(tmp_path, *shlex.split(command), expect=None)
        assert canonical(done.out + done.err) == canonical(shown)
    assert quarantines(tmp_path, "events")[0].read_text() == entry
    for command in look.splitlines():
        words = [word for word in shlex.split(command)[2:]]
        said = weir.run(tmp_path, *words).out
    assert "unexpected end of data" in said


@pytest.mark.parametrize("language", ["c", "toml"])
def test_the_pipelines_of_the_guide_quarantine(language, tmp_path):
    [program] = blocks(language)
    name = f"events.{language}"
    (tmp_path / "events.jsonl").write_text(blocks("json")[0])
    (tmp_path / name).write_text(program)

    said = weir.run(tmp_path, "run", name).out

    assert re.search(r"^1 bad rows are in quarantine: weir package show events \d+\.\d{6}$", said, re.MULTILINE)
    assert quarantines(tmp_path, "events")[0].read_text() == blocks("json")[1]
    told = json.loads(weir.run(tmp_path, "run", name, "--json").out)
    assert told["loads"][0]["bad_rows"] == 1
