"""Loads that are killed, or whose system calls fail, and what has to be in the database when they have run again."""

import functools
import json
import os
import shutil
import tempfile
from pathlib import Path

from harness import csource, dataset, lake, weir

KILLED = -9

TABLES = csource.pipeline(
    {
        "pipeline": "test",
        "dataset": "data",
        "resources": [{"name": "orders"}, {"name": "customers", "write_disposition": "replace"}, {"name": "audit"}],
        "runs": [
            {
                "orders": [{"id": i, "total": i / 4, "note": f"order {i}"} for i in range(20)],
                "customers": [{"id": i, "name": f"customer {i}"} for i in range(10)],
                "audit": [{"at": f"2024-01-02T03:04:{i:02}Z", "ok": i % 2 == 0} for i in range(30)],
            }
        ],
    },
    run=0,
)

POSITION = """#include <weir.h>

static weir_status events(weir_ctx *cx, weir_rows *rows)
{
    (void)cx;
    const weir_value last = weir_state_get(rows, "last");
    for (int64_t id = last.kind == WEIR_INT ? last.as.i + 1 : 1; id <= 5; id++) {
        WEIR_TRY(weir_emit(rows, weir_kv("id", id)));
        WEIR_TRY(weir_state_set(rows, "last", weir_int(id)));
    }
    return WEIR_OK;
}

weir_status weir_main(weir_ctx *cx)
{
    return weir_pipeline_run(cx, &(weir_pipeline){ .name = "test", .destination = "duckdb", .dataset = "data" },
                             .resources = WEIR_RESOURCES({ "events", events }));
}
"""

LINES = "".join(json.dumps({"id": i, "t": f"t{i % 2}", "o": {"a": i % 3}, "l": [{"x": i}, {"x": [i]}][: i % 3]}) + "\n" for i in range(3000))

PIPELINES = {"tables": TABLES, "position": POSITION}

# Two frames, with lines that are no JSON in both.
SPOILT = "x\n" + "".join(json.dumps({"id": i, "text": f"{i:4000}"}) + "\n" for i in range(300)) + "\n{"

# Loads of the same lines by the command alone: through the log, and straight into the transaction.
COMMANDS = {
    "stdin": ["copy", "-", "test.duckdb", "--table", "lines", "--dataset", "data"],
    "files": ["copy", "lines.jsonl", "test.duckdb", "--dataset", "data"],
    "replaced": ["copy", "lines.jsonl", "test.duckdb", "--dataset", "data", "--write", "replace"],
    "spoilt_stdin": ["copy", "-", "test.duckdb", "--table", "lines", "--dataset", "data", "--on-bad-row", "quarantine"],
    "spoilt_files": ["copy", "lines.jsonl", "test.duckdb", "--dataset", "data", "--on-bad-row", "quarantine"],
    "merged": ["copy", "lines.jsonl", "test.duckdb", "--dataset", "data", "--write", "merge", "--primary-key", "id"],
    "cursor": ["run", "./cursor.toml"],
    "changed": ["run", "./changed.toml"],
    "dropped": ["run", "./plain.toml", "--refresh", "drop_resources"],
    "emptied": ["run", "./cursor.toml", "--refresh", "drop_data"],
    # into a folder of files
    "lake_files": ["copy", "lines.jsonl", "test/", "--dataset", "data"],
    "lake_replaced": ["copy", "lines.jsonl", "test/", "--dataset", "data", "--write", "replace"],
    "lake_stdin": ["copy", "-", "test/", "--table", "lines", "--dataset", "data"],
    "lake_dropped": ["run", "./plain.toml", "--destination", "filesystem", "--refresh", "drop_resources"],
    "tap": ["run", "./tap.toml"],
}

# Their second run finds nothing new: the cursor is over rows that name their tables, or over the files.
TOML = """
[pipeline]
pipeline_name = "test"
destination = "duckdb"
dataset_name = "data"

[source.filesystem]
bucket_url = "."
file_glob = "lines.jsonl"
"""
TOMLS = {
    "plain.toml": TOML + 'resources = [{ name = "lines" }]\n',
    "cursor.toml": TOML + 'resources = [{ name = "lines", table_name = { field = "t" }, incremental = { cursor_path = "id" } }]\n',
    # Not by the URL, which has the folder in it.
    "changed.toml": TOML
    + 'incremental = { cursor_path = "modification_date", primary_key = "relative_path" }\nresources = [{ name = "lines" }]\n',
}

# Loads of changes into what an earlier load left: each way to merge, with deletions and a nested table, and to replace.
MERGED = """write_disposition = {{ disposition = "merge", strategy = "{}" }}, primary_key = "id", \
columns = {{ gone = {{ hard_delete = true }} }}"""
WAYS = {
    **{name: MERGED.format(name) for name in ("delete-insert", "upsert", "insert-only", "cdc")},
    "scd2": 'write_disposition = { disposition = "merge", strategy = "scd2" }',
    "truncate-and-insert": 'write_disposition = "replace"',
    "insert-from-staging": 'write_disposition = "replace"',
}
for way, hints in WAYS.items():
    TOMLS[f"{way}.toml"] = TOML + f'resources = [{{ name = "lines", {hints} }}]\n'
    COMMANDS[way] = ["run", f"./{way}.toml"]
ENVIRONMENT = {"insert-from-staging": {"DESTINATION__REPLACE_STRATEGY": "insert-from-staging"}}


def _changed(ids, note):
    rows = [{"id": i, "note": note, "gone": i % 5 == 0 and note == "new", "l": [{"x": note}] * (i % 3)} for i in ids]
    return "".join(json.dumps(row) + "\n" for row in rows)


def lines_of(pipeline, run):
    """What a run finds, counted from 0."""
    if pipeline in WAYS:
        return _changed(range(20), "old") if run == 0 else _changed(range(7, 30), "new")
    return SPOILT if pipeline.startswith("spoilt") else LINES


# A tap with two streams that takes the lines beyond those that its state has counted: a second run finds nothing new.
TAP = r"""
done=$(sed 's/[^0-9]//g' "$WEIR_STATE")
echo '{"type":"SCHEMA","stream":"lines","schema":{},"key_properties":["id"]}'
echo '{"type":"SCHEMA","stream":"audit","schema":{},"key_properties":[]}'
tail -n +$((${done:-0} + 1)) lines.jsonl | sed 's/.*/{"type":"RECORD","stream":"lines","record":&}/; 0~50p; 0~50s/"lines"/"audit"/'
echo "{\"type\":\"STATE\",\"value\":{\"done\":$(wc -l < lines.jsonl)}}"
"""
TOMLS["tap.toml"] = f"""
[pipeline]
pipeline_name = "test"
destination = "duckdb"
dataset_name = "data"

[source.command]
format = "singer"
resources = [{{ name = "tap", sh = '''{TAP}''' }}]
"""


class Site:
    """
    A folder in which one pipeline is run again and again. At the stage "fresh" it was compiled and has not been run, at
    "sealed" its first run was killed when the package was sealed, at "loaded" it is done.
    """

    def __init__(self, folder, pipeline, stage, binary):
        self.folder = folder
        self.pipeline = pipeline
        self.binary = binary
        self.home = folder / ".weir" / "pipelines"
        self.feed(0)
        if pipeline in COMMANDS:
            for name, text in TOMLS.items():
                (folder / name).write_text(text)
            self.home.mkdir(parents=True)
        else:
            (folder / "load.c").write_text(PIPELINES[pipeline])
            self.run(expect=KILLED, WEIR_FAULT="package.create@1=kill")
        self.start = folder / "start"
        if stage == "sealed":
            self.run(expect=KILLED, WEIR_FAULT="package.sealed@1=kill")
            shutil.copytree(self.home, self.start)
        if stage == "loaded":
            self.run()
            shutil.copytree(self.home, self.start)
            self.keep_target()
            self.feed(1)

    def feed(self, run):
        """Put in place what this run is to find."""
        self.lines = lines_of(self.pipeline, run)
        (self.folder / "lines.jsonl").write_text(self.lines)
        os.utime(self.folder / "lines.jsonl", (1700000000, 1700000000))

    def keep_target(self):
        if self.in_files():
            shutil.copytree(self.folder / "test", self.start / "test.files")
        else:
            shutil.copy(self.folder / "test.duckdb", self.start)

    def in_files(self):
        """Does the pipeline load into a folder of files, and not into DuckDB?"""
        return self.pipeline.startswith("lake_")

    def reset(self):
        """Back to how it was at its stage; the compiled module stays."""
        shutil.rmtree(self.home)
        for file in self.folder.glob("test.duckdb*"):
            file.unlink()
        shutil.rmtree(self.folder / "test", ignore_errors=True)
        if self.start.exists():
            shutil.copytree(self.start, self.home, ignore=lambda *_: ["test.duckdb", "test.files"])
        if (self.start / "test.files").exists():
            shutil.copytree(self.start / "test.files", self.folder / "test")
        if (self.start / "test.duckdb").exists():
            shutil.copy(self.start / "test.duckdb", self.folder)
        self.home.mkdir(exist_ok=True)

    def run(self, expect=0, **env):
        words = COMMANDS.get(self.pipeline, ["run", "load.c"])
        stdin = self.lines if self.pipeline.endswith("stdin") else ""
        env = {"DESTINATION__FILESYSTEM__BUCKET_URL": "test", **ENVIRONMENT.get(self.pipeline, {}), **env}
        return weir.run(self.folder, *words, binary=self.binary, expect=expect, stdin=stdin, **env)

    def packages(self):
        """Load ids that have been sealed: they are loaded, or will be by the next run."""
        sealed = {path.parent.name for path in self.home.glob("test/packages/*/package.json")}
        return sealed | {path.stem for path in self.home.glob("test/loaded/*.json")}

    def content(self):
        """What the database holds, in canonical form; nothing when there is none."""
        if self.in_files():
            folder = self.folder / "test" / "data"
            return lake.canonical(folder) if folder.exists() else {}
        file = self.folder / "test.duckdb"
        return dataset.canonical(file) if file.exists() else {}

    def quarantines(self):
        """The bad lines that are kept of each load."""
        files = self.home.glob("test/loaded/*.bad.jsonl")
        return {file.name.removesuffix(".bad.jsonl"): file.read_text().splitlines() for file in files}

    def load_ids(self):
        """What is committed."""
        if self.in_files():
            names = [path.stem for path in (self.folder / "test" / "data" / "_dlt_loads").glob("*.jsonl")]
            return {name.rsplit("__", 1)[1] for name in names}
        return {load_id for (load_id,) in dataset.query(self.folder / "test.duckdb", "SELECT load_id FROM data._dlt_loads")}

    def check_next_run(self):
        """
        The next run first finishes what was sealed, and then loads once more. So the database must be what as many
        undisturbed runs leave as there are sealed packages, and one more: nothing is lost, nothing is there twice.
        Returns how many were sealed.
        """
        sealed = len(self.packages())
        self.run()
        dataset.check_equal(self.content(), undisturbed(self.pipeline, sealed + 1))
        assert not list(self.home.glob("test/packages/*"))
        return sealed


@functools.cache
def _made(pipeline, stage, binary):
    """Made once, also because a module belongs to the path of its source. Returns the keeper of the folder, too."""
    keeper = tempfile.TemporaryDirectory(prefix="weir-crash-")
    return keeper, Site(Path(keeper.name), pipeline, stage, binary)


def site(pipeline, stage, binary=None):
    """The site of a pipeline at a stage; whoever asked before has lost it."""
    _, made = _made(pipeline, stage, binary or weir.faults())
    made.reset()
    return made


@functools.cache
def trace(pipeline, stage):
    """Every hit of a fault point in one run, in order: (name, number)."""
    traced = site(pipeline, stage)
    file = traced.folder / "trace"
    traced.run(WEIR_FAULT_TRACE=str(file))
    hits = [line.split() for line in file.read_text().splitlines()]
    return [(name, int(number)) for name, number in hits]


@functools.cache
def undisturbed(pipeline, runs):
    """What the database holds after so many undisturbed runs."""
    with tempfile.TemporaryDirectory(prefix="weir-calm-") as folder:
        calm = Site(Path(folder), pipeline, "fresh", weir.faults())
        for run in range(runs):
            calm.feed(run)
            calm.run()
        return calm.content()
