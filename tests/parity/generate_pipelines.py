"""
Makes pipelines in TOML and the files that their runs find, from a seed, for loads that weir and dlt must do alike. What
weir decides otherwise on purpose is kept out (see test_decisions.py): the comments say where.
"""

import datetime
import itertools

from generate import LIST, OBJECT, PLAIN, SCALARS, Maker, boolean, integer, lines_of, null, words
from harness.runs import File, Run


def run_of(rng, files, resources, **source):
    """A run over files of rows, by their paths."""
    written = [File(lines_of(rng, rows), path) for path, rows in files.items()]
    return Run(written, pipeline={**source, "resources": resources})


def in_files(rng, rows, count):
    """Rows in some files, in order: a file begins a page."""
    cuts = sorted(rng.randint(0, len(rows)) for _ in range(count - 1))
    parts = [rows[begin:end] for begin, end in itertools.pairwise([0, *cuts, len(rows)])]
    return {f"{number}.jsonl": part for number, part in enumerate(parts)}


def some(rng, share, **hints):
    """Some of the hints. Those that are None are left out."""
    return {name: value for name, value in hints.items() if value is not None and rng.random() < share}


def limited(rng, runs, *contracted):
    """
    A limit to nesting, in a few cases. With one, dlt counts versions that it does not store, which a third run would show;
    and it forgets the limit of a new table that has a contract, which is a decision.
    """
    free = runs < 3 and not any("schema_contract" in given for given in contracted)
    return some(rng, 0.3, max_table_nesting=rng.randint(0, 2)) if free else {}


# ---- cursors ----


class Clock:
    """Values of a cursor: number `n` of one kind, in order."""

    def __init__(self, rng):
        first = datetime.datetime(2024, 1, 28)

        def moment(form, **step):
            return lambda n: (first + n * datetime.timedelta(**step)).strftime(form)

        self.kind, self.value, lags = rng.choice(
            (
                ("int", lambda n: n - 3, (1, 2, 2.5)),
                ("int", lambda n: 2**53 + n, (3,)),
                ("float", lambda n: n * 0.5 + 0.25, (0.5, 1)),
                ("text", moment("%Y-%m-%dT%H:%M:%SZ", hours=7), (3600, 40000)),
                ("text", moment("%Y-%m-%dT%H:%M:%S.%f+02:00", seconds=1), (1, 2.5)),
                ("text", moment("%Y-%m-%dT%H:%M:%S", days=1), (86400,)),
                ("text", moment("%Y-%m-%d", days=1), (1, 2)),
                ("text", moment("%Y%m%d", days=1), (1, 3)),
                ("text", moment("%Y-%m", days=31), (86400 * 40,)),
                ("text", lambda n: f"key {n:03}", (None,)),
            )
        )
        self.lag = rng.choice(lags)


def at_place(rng):
    """A path of a cursor, and a function that puts a value there."""
    return rng.choice(
        (
            ("at", lambda row, value: row.update(at=value)),
            ("at", lambda row, value: row.update(at=value)),
            ("'Updated At'", lambda row, value: row.update({"Updated At": value})),
            ("$.meta.at", lambda row, value: row.update(meta={"by": "x", "at": value})),
            ("meta.at", lambda row, value: row.update(meta={"at": value})),
            ("lines[0].at", lambda row, value: row.update(lines=[{"at": value, "n": 1}, {"at": "other"}])),
            ("lines[*].at", lambda row, value: row.update(lines=[{"n": 1}, {"at": value}])),
            ("lines[-1]['at']", lambda row, value: row.update(lines=[{"at": value}])),
            ("$..at", lambda row, value: row.update(deep={"er": {"at": value}})),
        )
    )


def cursor_of(rng, clock, path, missing):
    """The arguments of an incremental."""
    smallest = rng.random() < 0.25
    given = {"cursor_path": path, **some(rng, 0.7, last_value_func="min" if smallest else "max")}
    smallest = given.get("last_value_func") == "min"
    low, high = rng.randint(0, 3), rng.randint(8, 14)
    if rng.random() < 0.5:
        given["initial_value"] = clock.value(high if smallest else low)
        # An end that is not beyond the initial value is refused by weir at once.
        given.update(some(rng, 0.3, end_value=clock.value(low if smallest else high)))
    if missing or rng.random() < 0.2:
        given["on_cursor_value_missing"] = rng.choice(("include", "exclude"))
    given.update(some(rng, 0.25, range_start=rng.choice(("open", "closed")), range_end=rng.choice(("open", "closed"))))
    given.update(some(rng, 0.2, lag=clock.lag), **some(rng, 0.25, row_order=rng.choice(("asc", "desc"))))
    return {**given, **some(rng, 0.3, primary_key=rng.choice(("id", ["id"], ["id", "part"], [])))}


def cursor_rows(rng, clock, put, window, missing, before):
    """Rows of a window of the clock; some were there before, some have the values of others."""
    rows = [dict(row) for row in rng.sample(before, min(len(before), rng.randint(0, 6)))]
    for _ in range(rng.randint(2, 14)):
        row = {"id": rng.randint(1, 12), "part": rng.choice("ab"), "tags": rng.sample(["x", "y"], rng.randint(0, 2))}
        gap = rng.random() if missing else 1
        if gap > 0.3:
            put(row, clock.value(rng.randint(*window)))
        elif gap > 0.15:
            put(row, None)
        rows.append(row)
    rng.shuffle(rows)
    return rows


def in_order(rng, rows, clock, put, order):
    """Rows that keep what `row_order` promises, or do so page by page only."""

    def place(row):
        made = [number for number in range(-2, 24) if probe(put, clock.value(number)).items() <= row.items()]
        return made[0] if made else 0

    return sorted(rows, key=place, reverse=order == "desc") if rng.random() < 0.8 else rows


def probe(put, value):
    row = {}
    put(row, value)
    return row


def cursors(rng):
    """Rows with a cursor over several runs whose windows overlap."""
    clock, (path, put), missing = Clock(rng), at_place(rng), rng.random() < 0.2
    cursor = cursor_of(rng, clock, path, missing)
    resource = {"name": "events", "file_glob": "*.jsonl", "incremental": cursor}
    resource.update(some(rng, 0.3, primary_key=rng.choice(("id", ["id", "part"]))))
    resource.update(some(rng, 0.1, write_disposition="replace"))
    runs, before = [], []
    for number in range(rng.randint(2, 4)):
        step = -number if cursor.get("last_value_func") == "min" else number
        window = (4 + 3 * step, 10 + 3 * step) if step < 0 else (3 * step, 3 * step + 6)
        rows = cursor_rows(rng, clock, put, window, missing, before)
        if "row_order" in cursor:
            rows = in_order(rng, rows, clock, put, cursor["row_order"])
        before = rows
        runs.append(run_of(rng, in_files(rng, rows, rng.randint(1, 3)), [resource]))
    return runs


# ---- contracts ----

MODES = ("evolve", "discard_row", "discard_value")
ENTITIES = ("tables", "columns", "data_type")


def contract(rng, modes=MODES, entities=ENTITIES):
    if entities == ENTITIES and rng.random() < 0.3:
        return rng.choice(modes)
    return {entity: rng.choice(modes) for entity in rng.sample(entities, rng.randint(1, len(entities)))}


def drifting(rng, count, mix=1):
    """Rows of some runs: keys and kinds of values change between them."""
    maker = Maker(rng, names=PLAIN[:6], kinds=(*SCALARS[:5], LIST, OBJECT), mix=mix, depth=3, width=5, length=2)
    runs = []
    for _ in range(count):
        runs.append(maker.rows(rng.randint(3, 8)))
        for place in rng.sample(sorted(maker.habits), min(2, len(maker.habits))):
            del maker.habits[place]
        maker.keys[()] = rng.sample(PLAIN[:8], 5)
    return runs


def contracts(rng):
    """Contracts of the source and of resources, while the rows drift; they may change or be gone in the next run."""
    rows = drifting(rng, rng.randint(2, 3), mix=rng.randint(1, 2))
    runs = []
    for number, part in enumerate(rows):
        resource = {"name": "events", "file_glob": "*.jsonl"}
        # What a run changes in the schema without storing it is a decision: the second run must not discard the table,
        # that is, the first one has made it, or there is no third run that would show it.
        entities = ENTITIES[1:] if number == 0 and len(rows) > 2 else ENTITIES
        if number or rng.random() < 0.5:
            resource.update(some(rng, 0.6, schema_contract=contract(rng, entities=entities)))
        source = some(rng, 0.5, schema_contract=contract(rng, entities=entities))
        runs.append(run_of(rng, {"0.jsonl": part}, [resource], **source))
    return runs


def kept_contracts(rng):
    """What is frozen does not change: the rows of later runs are some of the first one's."""
    [rows] = drifting(rng, 1)
    frozen = {"schema_contract": contract(rng, modes=("freeze", "freeze", *MODES))}
    of_source = rng.random() < 0.5
    later = {} if of_source else frozen
    resource = {"name": "events", "file_glob": "*.jsonl"}
    runs = [run_of(rng, {"0.jsonl": rows}, [resource])]
    for _ in range(rng.randint(1, 2)):
        part = rng.sample(rows, rng.randint(1, len(rows)))
        runs.append(run_of(rng, {"0.jsonl": part}, [{**resource, **later}], **(frozen if of_source else {})))
    return runs


# ---- tables by a field ----

# Decision: tables whose names meet those of nested ones.
KINDS = (
    *("order", "Order Paid", "order_paid", "ORDER-PAID", "refund", "a.b", "日本", "1st", "select", "x" * 80, "_under"),
    *("click", "Click", "click ", "page view", "a__b"),
)


def table_by_field(rng):
    """Each row names its table; some names are one when they are normalised; not every run has all of them."""
    kinds = rng.sample(KINDS, rng.randint(2, 5))
    maker = Maker(rng, names=PLAIN[:6], kinds=(integer, words, boolean, null, LIST, OBJECT), depth=3, width=4, length=2)
    resource = {"name": "events", "file_glob": "**/*.jsonl", "table_name": {"field": "of kind"}}
    resource.update(some(rng, 0.25, primary_key="id", columns={"price": {"data_type": "text"}}))
    resource.update(some(rng, 0.2, schema_contract=contract(rng), write_disposition="replace"))
    count = rng.randint(2, 3)
    resource.update(limited(rng, count, resource))
    runs = []
    for _ in range(count):
        rows = [{"id": n, "of kind": rng.choice(kinds), **maker.object()} for n in range(rng.randint(4, 12))]
        for row in rows:
            row["id"] = row["id"] if isinstance(row["id"], int) else 0
        runs.append(run_of(rng, {"a/0.jsonl": rows[:3], "1.jsonl": rows[3:]}, [resource]))
        kinds = kinds[1:] if len(kinds) > 2 and rng.random() < 0.5 else [*kinds, rng.choice(KINDS)]
    return runs


# ---- hints ----

TYPED = {
    "price": ({"data_type": "decimal", "precision": 18, "scale": 4}, ("12.5", 3, "0.0001", -7.25)),
    "amount": ({"data_type": "decimal"}, ("1.123456789", 10**12, 0.5)),
    "short": ({"data_type": "text", "precision": 40}, ("abc", "", 12, 1.5, "ä" * 20)),
    "wide": ({"data_type": "text"}, (1, True, {"a": [1]}, "x", "2024-01-02T03:04:05Z")),
    "small": ({"data_type": "bigint", "precision": 16}, (1, -300, "12", "7")),
    "mid": ({"data_type": "bigint", "precision": 32}, (70000, 0)),
    "rate": ({"data_type": "double"}, (1, 0.5, "2.5")),
    "flag": ({"data_type": "bool"}, (True, "yes", "no", 0, 1)),
    "at": ({"data_type": "timestamp", "precision": 3}, ("2024-01-02T03:04:05.123Z", 1700000000, "2024-01-02")),
    "naive": ({"data_type": "timestamp", "timezone": False}, ("2024-01-02T03:04:05+02:00", "2024-01-02T03:04:05")),
    "day": ({"data_type": "date"}, ("2024-01-02", 86400, "2024-01-02T03:04:05Z")),
    "clock": ({"data_type": "time"}, ("03:04:05", "03:04:05.5")),
    "doc": ({"data_type": "json"}, ({"a": {"b": [1, 2]}}, [1, {"c": 2}], "x", 1)),
    "bytes": ({"data_type": "binary"}, ("aGVsbG8=", "")),
    "wei": ({"data_type": "wei"}, (1, "10", 10**18)),
    "said": ({"nullable": False, "description": "Who said it"}, ("a", "b")),
    "marked": ({"x-mark": "own", "unique": True}, (1, 2, None)),
    "never": ({"data_type": "bigint"}, ()),
    "sorted": ({"sort": True, "partition": True, "cluster": True}, (1, 2)),
}


def typed_rows(rng, names):
    rows = []
    for number in range(rng.randint(3, 9)):
        # All have what may not be null: there are other runs, and other resources in the same table.
        row = {"id": number, "said": rng.choice("ab"), "lines": [{"n": n, "deep": [{"er": [n]}]} for n in range(rng.randint(0, 2))]}
        for name in names:
            values = TYPED[name][1]
            if values and rng.random() < 0.8:
                row[name] = rng.choice(values)
        rows.append(row)
    return rows


NESTED = (
    {"lines": {"columns": {"n": {"name": "n", "data_type": "decimal"}}}},
    {"lines": {"columns": {"n": {"name": "n", "data_type": "text"}, "later": {"name": "later", "data_type": "bool"}}}},
    {"lines": {"schema_contract": {"columns": "discard_value"}}},
    {"lines": {"columns": {"n": {"name": "n", "description": "number"}}}},
)


def hints_of(rng, names):
    # Columns without a type or a value are a decision of their own in dlt: they are announced, and never made.
    columns = {name: TYPED[name][0] for name in names}
    return {
        **({"columns": columns} if columns else {}),
        **some(rng, 0.4, primary_key=rng.choice(("id", ["id"], ["id", "part no"])) if rng.random() < 0.7 else None),
        **some(rng, 0.2, merge_key="id", nested_hints=rng.choice(NESTED)),
        **some(rng, 0.3, max_table_nesting=rng.randint(0, 2)),
        **some(rng, 0.2, additional_table_hints={"x-owner": "us", "x-levels": {"a": 1}}),
        **some(rng, 0.15, references=[{"referenced_table": "other", "columns": ["id"], "referenced_columns": ["id"]}]),
    }


def hints(rng):
    """Several resources with hints; some fill one table. In the second run the hints are others."""
    count = rng.randint(1, 3)
    runs = []
    for _ in range(rng.randint(1, 2)):
        files, resources = {}, []
        for number in range(count):
            table = some(rng, 0.3, table_name=rng.choice(("shared", "Own Name")))
            names = rng.sample(sorted(TYPED), rng.randint(0, 5))
            files[f"{number}/rows.jsonl"] = [{**row, "part no": number} for row in typed_rows(rng, names)]
            resource = {"name": f"events {number}", "file_glob": f"{number}/*.jsonl", **hints_of(rng, names)}
            resources.append({**resource, **table})
        runs.append(run_of(rng, files, resources, **some(rng, 0.3, max_table_nesting=rng.randint(0, 2))))
    return runs


# ---- files by their time ----

BEGIN = 1700000000


def changing_files(rng, names, count, rows_of):
    """The files of each run: some are new, some changed, some late, some have the time of another."""
    files, now, runs = {}, BEGIN, []
    for _ in range(count):
        for name in rng.sample(names, rng.randint(0 if runs else 1, 3)):
            late = name not in files and rng.random() < 0.25
            now += rng.choice((0, 0, 1, 60.5, 86400))
            rows = rows_of()
            files[name] = File(lines_of(rng, rows), name, time=now - 5000 * late, packed=name.endswith(".gz"))
        if runs and rng.random() < 0.2:
            del files[rng.choice(sorted(files))]
        runs.append(list(files.values()))
    return runs


FILES = ("a.jsonl", "b c.jsonl", "d.jsonl.gz", "sub/e.jsonl", "sub/dü&er.jsonl", "sub/x/f.jsonl.gz")


def files_by_time(rng):
    """Only files that are new or changed are read."""
    number = itertools.count()
    maker = Maker(rng, names=PLAIN[:4], kinds=(integer, words, LIST), depth=2, length=2)

    def rows_of():
        return [{"id": next(number), **maker.object()} for _ in range(rng.randint(1, 4))]

    globs = rng.choice((["**/*.jsonl*"], ["*.jsonl*"], ["*.jsonl", "sub/**/*.jsonl*"], ["sub/*"]))
    cursor = {"cursor_path": "modification_date"}
    # In order of time, or by one, several files come into question as pages: then dlt sorts them, weir does not.
    cursor.update(some(rng, 0.2, initial_value=datetime.datetime.fromtimestamp(BEGIN + 30, datetime.UTC)))
    cursor.update(some(rng, 0.15, range_start="open"))
    resources = [
        {"name": f"events {place}", "file_glob": glob, **some(rng, 0.2, write_disposition="replace")}
        for place, glob in enumerate(globs)
    ]
    return [
        Run(files, pipeline={"incremental": cursor, "resources": resources})
        for files in changing_files(rng, FILES, rng.randint(2, 4), rows_of)
    ]


# ---- all at once ----


def mixtures(rng):
    """Cursors, tables by a field, contracts, hints and files by their time, together."""
    clock, put = Clock(rng), at_place(rng)[1]
    path = "at"
    maker = Maker(rng, names=PLAIN[5:10], kinds=(integer, words, null, LIST, OBJECT), mix=2, depth=3, width=4, length=2)
    kinds = rng.sample(KINDS, 2)
    count, window = rng.randint(2, 3), itertools.count(0, 3)

    def rows_of():
        low = next(window)
        return [
            {
                **{"id": rng.randint(1, 9), "of kind": rng.choice(kinds), "at": clock.value(low + rng.randint(0, 4))},
                **{key: value for key, value in maker.object().items() if key != "at"},
            }
            for _ in range(rng.randint(2, 6))
        ]

    cursor = {"cursor_path": path, **some(rng, 0.3, initial_value=clock.value(2), lag=clock.lag, primary_key="id")}
    resource = {"name": "events", "file_glob": "**/*.jsonl*", **some(rng, 0.6, incremental=cursor)}
    resource.update(some(rng, 0.5, table_name={"field": "of kind"}, schema_contract=contract(rng)))
    resource.update(some(rng, 0.3, columns={"id": {"data_type": "decimal"}}))
    source = some(rng, 0.4, incremental={"cursor_path": "modification_date"}, max_table_nesting=2)
    source.update(some(rng, 0.3, schema_contract=contract(rng)))
    resource.update(limited(rng, count, resource, source))
    other = {"name": "all of it", "file_glob": "*.jsonl", **some(rng, 0.5, write_disposition="replace")}
    resources = [resource, other] if rng.random() < 0.4 else [resource]
    return [
        Run(files, pipeline={**source, "resources": resources})
        for files in changing_files(rng, FILES[:4], count, rows_of)
    ]


# ---- what both refuse ----


def broken_contract(rng):
    """A new table, column or type where it is frozen, in the second run."""
    entity = rng.choice(ENTITIES)
    frozen = {"schema_contract": rng.choice(("freeze", {entity: "freeze"}))}
    change = {"tables": {"more": [1]}, "columns": {"new": 1}, "data_type": {"id": "x"}}[entity]
    later = [{"id": 2}, {"id": 3, **change}, {"id": 4}]
    of_source = rng.random() < 0.5
    resource = {"name": "events", "file_glob": "*.jsonl"}
    last = {**resource, **({} if of_source else frozen)}
    return [
        run_of(rng, {"0.jsonl": [{"id": 1}]}, [resource]),
        run_of(rng, {"0.jsonl": later}, [last], **(frozen if of_source else {})),
    ]


def frozen_hints(rng):
    """A table or a column that a hint brings where it is frozen."""
    resource = {"name": "events", "file_glob": "*.jsonl", "schema_contract": "freeze"}
    second = rng.choice(({"table_name": "another"}, {"columns": {"v": {"data_type": "text"}}}))
    rows = {"0.jsonl": [{"v": 1}]}
    first = {key: value for key, value in resource.items() if key != "schema_contract"}
    return [run_of(rng, rows, [first]), run_of(rng, rows, [{**resource, **second}])]


def lost_cursor(rng):
    """A row without a value of the cursor, or with one of another kind."""
    cursor = {"cursor_path": rng.choice(("at", "$.at", "meta.at"))}
    bad = rng.choice(({"id": 2}, {"id": 2, "at": None, "meta": None}))
    rows = [{"id": 1, "at": 5, "meta": {"at": 5}}, bad]
    if rng.random() < 0.4:
        rows[1] = {"id": 2, "at": "x", "meta": {"at": "x"}}
    resource = {"name": "events", "file_glob": "*.jsonl", "incremental": cursor}
    return [run_of(rng, {"0.jsonl": rows}, [resource])]


def lost_key(rng):
    """A row without the key that tells rows of one cursor value apart."""
    cursor = {"cursor_path": "at", "primary_key": rng.choice(("id", ["id", "no"]))}
    rows = [{"id": 1, "no": 1, "at": 5}, {"no": 2, "at": 5}]
    return [run_of(rng, {"0.jsonl": rows}, [{"name": "events", "file_glob": "*.jsonl", "incremental": cursor}])]


def refused_pipelines(rng):
    return rng.choice((broken_contract, broken_contract, frozen_hints, lost_cursor, lost_key))(rng)


MAKERS = (
    *(cursors, contracts, kept_contracts, table_by_field, hints, files_by_time, mixtures, refused_pipelines),
)
FEATURES = {maker.__name__: maker for maker in MAKERS}
