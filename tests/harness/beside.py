"""Loads JSON-lines files through weir and through dlt, side by side, and says where the DuckDB files differ."""

import base64
import hashlib
import itertools
import json
import queue
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness import dataset, runs, weir

WORKER = Path(__file__).with_name("files_worker.py")
PIPELINE = "events"  # as files_worker.py says
ENGINES = 2

# Why a load is refused: dlt's step and what it raises, and weir's words.
REASONS = (
    ("extract", "JSONDecodeError", r"events\.jsonl:\d+: .*(JSON|UTF-8|empty|behind the value)"),
    ("normalize", "CannotCoerceColumnException", r"fits neither column"),
    ("normalize", "CannotCoerceNullException", r"cannot coerce NULL"),
    ("extract", "IncrementalCursorPathMissing", r"0\.jsonl:\d+: .*cursor path"),
    ("extract", "IncrementalCursorPathHasValueNone", r"0\.jsonl:\d+: .*cursor path"),
    ("extract", "IncrementalCursorInvalidCoercion", r"0\.jsonl:\d+: .*cursor path"),
    ("extract", "IncrementalPrimaryKeyMissing", r"a row has no primary key column"),
)
# What dlt says of a broken contract, weir says in the same words.
CONTRACT = re.compile(r"Can't (add|evolve) .* because `\w+` are frozen")


@dataclass
class Outcome:
    differences: list = field(default_factory=list)  # a line each
    refused: bool = False


class Engine:
    """A dlt in a process of its own, which answers one question after the other."""

    def __init__(self, home, worker=WORKER, **settings):
        home.mkdir()
        self.log = open(home / "dlt.log", "w")
        silent = {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "CRITICAL"}
        self.process = subprocess.Popen(
            [sys.executable, str(worker)],
            cwd=home,
            env=weir.environment(home, DLT_DATA_DIR=str(home), **silent, **settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    def answer(self, job):
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"dlt died, see {self.log.name}"
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.log.close()


class Both:
    """Some dlts, and a weir for each run. dlt takes most of the time."""

    def __init__(self, home):
        self.home, self.number = home, itertools.count()
        self.engines = [Engine(home / f"dlt-{number}") for number in range(ENGINES)]
        self.idle = queue.SimpleQueue()
        for engine in self.engines:
            self.idle.put(engine)
        self.jobs = ThreadPoolExecutor(ENGINES)

    def close(self):
        self.jobs.shutdown()
        for engine in self.engines:
            engine.close()

    def compare(self, case):
        return next(self.compare_all([case]))

    def compare_all(self, cases):
        """The outcome of each case. While weir loads one, dlt is at the next."""
        for folder, case, answer in [self._begin(case) for case in cases]:
            yield self._outcome(folder, case, answer)

    def _begin(self, case):
        folder = self.home / f"{next(self.number)}-{case.name}"
        (folder / "weir" / "pipelines").mkdir(parents=True)
        for number, run in enumerate(case.runs):
            runs.write_files(run, folder / f"run-{number}")
            if run.pipeline:
                (folder / f"run-{number}.toml").write_text(runs.pipeline_text(run.pipeline, folder / "data"))
        return folder, case, self.jobs.submit(self._by_dlt, folder, case)

    def _by_dlt(self, folder, case):
        job = {"folder": str(folder / "dlt"), "table": case.table, "dataset": case.dataset, "nesting": case.nesting}
        job["runs"] = [
            {
                "files": str(folder / f"run-{number}"),
                "write": run.write,
                "pipeline": str(folder / f"run-{number}.toml") if run.pipeline else None,
                "data": str(folder / "data"),
            }
            for number, run in enumerate(case.runs)
        ]
        engine = self.idle.get()
        try:
            return engine.answer(job)
        finally:
            self.idle.put(engine)

    def _outcome(self, folder, case, answer):
        by_dlt = answer.result()  # first: both use one folder of data
        by_weir = all_by_weir(folder, case)
        refusals = differing_refusals(by_weir, by_dlt)
        refused = by_dlt["run"] is not None
        files = [folder / engine / f"{PIPELINE}.duckdb" for engine in ("weir", "dlt")]
        outcome = Outcome(refusals or differing_files(*files), refused)
        if not outcome.differences:
            shutil.rmtree(folder)
        return outcome


def all_by_weir(folder, case):
    """All runs of a case, until one is refused: its number, and weir's words."""
    for number, run in enumerate(case.runs):
        result = by_weir_run(folder, number) if run.pipeline else by_weir_copy(folder, case, number)
        if result.status:
            return {"run": number, "reason": f"status {result.status}: {result.err}"}
    return {"run": None}


def by_weir_run(folder, number):
    runs.lay_out(folder / f"run-{number}", folder / "data")
    shutil.copy(folder / f"run-{number}.toml", folder / "weir" / "pipelines" / f"{PIPELINE}.toml")
    return weir.run(folder / "weir", "run", PIPELINE, expect=None)


def by_weir_copy(folder, case, number):
    options = ["--table", case.table, "--dataset", case.dataset, "--write", case.runs[number].write]
    options += [] if case.nesting is None else ["--max-nesting", case.nesting]
    source, target = f"../run-{number}/{runs.COPIED}", f"duckdb:///{PIPELINE}.duckdb"
    return weir.run(folder / "weir", "copy", source, target, *options, expect=None)


def differing_refusals(by_weir, by_dlt):
    """Nothing when both refuse the same run, dlt in the step and both for the reason that a line of REASONS says."""
    if by_weir["run"] == by_dlt["run"] and (by_dlt["run"] is None or same_reason(by_weir, by_dlt)):
        return []
    refusals = {name: by for name, by in (("weir", by_weir), ("dlt", by_dlt)) if by["run"] is not None}
    return ["refused: " + "; ".join(f"{name}, run {by['run']}: {by['reason'][-700:]}" for name, by in refusals.items())]


def same_reason(by_weir, by_dlt):
    broken = CONTRACT.search(by_dlt["trace"])
    if broken:
        return broken[0] in by_weir["reason"]
    return any(
        by_dlt["step"] == step and raised in by_dlt["trace"] and re.search(words, by_weir["reason"])
        for step, raised, words in REASONS
    )


# ---- what is compared ----


def differing_files(file, expected_file):
    """What the two files differ in; a file that is not there is as an empty one."""
    try:
        got, expected = content(file), content(expected_file)
    except (AssertionError, ArithmeticError, KeyError) as error:
        return [f"no canonical form: {error!r}"]
    found = (dataset.differences(part, other) for part, other in zip(got, expected))
    return next((lines for lines in found if lines), [])


def content(file):
    """Tables in canonical form, their definitions, texts of JSON cells, row ids that do not follow from their place."""
    if not file.exists():
        return {}, {}, {}, {}
    connection = dataset.connect(file, threads=1)
    try:
        tables = dataset.canonical_of(connection)
        named = {
            f"{quoted(schema)}.{quoted(name)}": table["columns"]
            for schema, found in tables.items()
            for name, table in found.items()
        }
        definitions = dict(connection.execute(dataset.DEFINITIONS).fetchall())
        return tables, definitions, kept_json(connection, named), odd_row_ids(connection, named)
    finally:
        connection.close()


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def kept_json(connection, tables):
    """JSON as it is written: the canonical form takes 1 and 1.0, or two orders of keys, for the same."""
    texts = {}
    for table, columns in tables.items():
        for column in [name for name, data_type, _ in columns if data_type == "JSON"]:
            cells = connection.execute(f"SELECT {quoted(column)}::VARCHAR FROM {table} ORDER BY 1").fetchall()
            texts[f"{table}.{column}"] = cells
    return texts


def odd_row_ids(connection, tables):
    """How many ids of nested rows are not made of the parent's id, the table and the index, by table."""
    odd = {}
    for table, columns in tables.items():
        if "_dlt_parent_id" not in [name for name, _, _ in columns]:
            continue
        name = table.split(".")[1].strip('"')
        rows = connection.execute(f"SELECT _dlt_id, _dlt_parent_id, _dlt_list_idx FROM {table}").fetchall()
        odd[table] = sum(row_id != nested_row_id(name, *place) for row_id, *place in rows)
    return odd


def nested_row_id(table, parent, index):
    digest = hashlib.shake_128(f"{parent}_{table}_{index}".encode()).digest(10)
    return base64.b64encode(digest).decode().rstrip("=")


# ---- making a failure small ----


def shrunk(both, case, differences, budget=60):
    """A case with as few lines as still make the same difference, found by leaving out greedily, as a text."""
    least, said, place = case, differences, place_of(differences)
    for candidate in smaller_cases(lambda: least):
        if budget == 0:
            break
        budget -= 1
        outcome = both.compare(candidate)
        if outcome.differences and place_of(outcome.differences) == place:
            least, said = candidate, outcome.differences
    return described(least, said)


def place_of(differences):
    """Where the first difference is, without numbers."""
    return re.sub(r"\d+", "#", differences[0].split(": ")[0])


def smaller_cases(least):
    """The case without a run, a file, some lines of a file, a key of a line; `least` gives the case as it is."""
    for number in reversed(range(len(least().runs))):
        if len(least().runs) > 1:
            yield with_runs(least(), number, [])
    for number, place in reversed(places(least())):
        yield with_files(least(), number, place, [])
    size = max((len(file.lines) for run in least().runs for file in run.files), default=0) // 2 or 1
    while size:
        for spot in list(spots(least(), size)):
            yield from with_other_lines(least(), *spot, lambda lines: [[]])
        size //= 2
    for spot in list(spots(least(), 1)):
        yield from with_other_lines(least(), *spot, lambda lines: [[line] for line in with_less(lines[0])])


def places(case):
    return [(number, place) for number, run in enumerate(case.runs) for place in range(len(run.files))]


def spots(case, size):
    """A run, a file of it, and some of its lines."""
    for number, place in places(case):
        for start in reversed(range(0, len(case.runs[number].files[place].lines), size)):
            yield number, place, slice(start, start + size)


def with_other_lines(case, number, place, lines, others):
    """The case with others for some lines; none when it has become too small for that."""
    if (number, place) not in places(case):
        return
    file = case.runs[number].files[place]
    for other in others(file.lines[lines]) if file.lines[lines] else []:
        changed = [*file.lines[: lines.start], *other, *file.lines[lines.stop :]]
        yield with_files(case, number, place, [replace(file, lines=changed)])


def with_less(line):
    try:
        value = json.loads(line)
    except ValueError:
        return
    for key in list(value) if isinstance(value, dict) else []:
        yield json.dumps({name: v for name, v in value.items() if name != key}, ensure_ascii=False)


def with_runs(case, number, others):
    return replace(case, runs=[*case.runs[:number], *others, *case.runs[number + 1 :]])


def with_files(case, number, place, others):
    run = case.runs[number]
    return with_runs(case, number, [replace(run, files=[*run.files[:place], *others, *run.files[place + 1 :]])])


def described(case, differences):
    options = f"--table {case.table!r} --dataset {case.dataset!r} --max-nesting {case.nesting}"
    told = "".join(f"\n  run {number}: {described_run(run)}" for number, run in enumerate(case.runs))
    return f"{case.name}: {options}{told}\n  " + "\n  ".join(line[:900] for line in differences[:4])


def described_run(run):
    told = runs.pipeline_text(run.pipeline, Path("/data")) if run.pipeline else run.write
    for file in run.files:
        told += f"\n   {file.path} {file.time or ''}" + "".join(f"\n    {line[:600]}" for line in file.lines)
    return told
