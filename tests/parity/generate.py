"""
Makes JSON-lines files from a seed, for loads that weir and dlt must do alike; generate_pipelines.py makes those that a
pipeline in TOML loads. What weir decides otherwise on purpose is kept out (see test_decisions.py): the comments say
where.
"""

import json
import random

from harness.runs import Case, File, Run

MAX_ROWS = 40


# ---- names ----

PLAIN = ("id", "name", "price", "tags", "city", "at", "flag", "note", "size", "owner", "lines", "kind")

HOSTILE = (
    *("", " ", "_", "_x", "x_", "x__", "___x", "__x__y__", "a__b", "a___b", "a____b", "1st", "9", "٣abc", "²"),
    *("𝟙one", "-1", "+", "@", "*", "|", "!", "$ref", "#", "price ($)", "50% off", "C++", "a.b", "a/b", "a\\b", "a'b"),
    *('a"b', "a`b", "a▶b", "a;b--", "a\tb", "a\nb", "a\0b", " padded ", "\u00a0nbsp\u00a0", "\u200bzero width"),
    *("\ufeffmark", "line\u2028end", "{a}", "[0]", "select", "order", "group", "table", "null", "true", "from"),
    *("rowid", "value", "list", "items", "columns", "_dlt", "dlt_id", "CamelCase", "HTTPResponseCode", "userIDs"),
    *("iPhone15Pro", "ALLCAPS", "MD5sum", "v1Beta2", "snake_case", "kebab-case", "naïve", "Müller", "École", "日本語"),
    *("имя", "Имя_поля", "🦚", "🦚Peacock", "e\u0301", "ﬁ", "Straße", "İstanbul", "\u212aelvin", "x" * 70),
    *("LongName" * 30, "very long name " * 20, "_" * 7, "a" + "_" * 9 + "b", "v__v_text", "x__v_bigint"),
    *("nested__list",),
)

# Each line becomes one name.
MEETING = (
    ("a b", "a_b", "A B", "a-b", "aB", "a.b", "A_b"),
    ("value", "Value", "VALUE", "value ", "VaLue__"),
    ("1", "_1", "-1", "__1"),
    ("x", "X", "_", "*", "日", "🦚", "!"),
    ("", " ", "\t", "\u00a0"),
)

TABLES = (
    *("events", "Events 2024", "1st", "select", "order", "a.b", "HTTPLog", "ünï", "日本", "a__b", "x" * 90, "_under"),
    *("kebab-case",),
)
DATASETS = ("raw", "Raw Data", "main2", "select", "1st", "ÜNÏ", "my__data", "camelCase", "a-b", "d" * 70)

# ---- scalars ----

# Decisions: what is beyond 64 bits, and the sign of a zero.
INTEGERS = (0, 1, -1, 7, 42, -300, 2**31, -(2**31), 2**53, 2**53 + 1, -(2**53) - 1, 10**18, 2**63 - 1, -(2**63) + 1)
SMALL = (0, 1, -1, 5, 86400, 1580405246, 1700000000, -86400, 4102444800)
DOUBLES = (
    *(0.5, -0.1, 1.5, 3.0, 0.0, 100.0, 1e15, 123456.789, 1e-7, 1.1e-5, 5e-324, 2.5e10, 0.1 + 0.2, 33.0, -2.0, 1e-300),
)
# Whole numbers that no bigint column may meet.
WIDE_DOUBLES = (
    *(1e16, 1e22, 1.5e300, -1.7976931348623157e308, 9007199254740993.0, 9.3e18, 1e19, -1e100, 123456789012345680.0),
)
NUMBER_TEXTS = (
    *("12", "-7", "+5", " 7 ", "007", "0", "1", "1.0", "2.5", "1e3", "-1.5E-3", "0x1F", "0xff", "0xZZ", "5.", ".5"),
    *("1,5", "--1", "1 2", ""),
)
BOOL_TEXTS = ("yes", "no", "True", "FALSE", "t", "f", "y", "n", "on", "1", "0", " true", "Y", "tRuE")
TEXTS = (
    *("", "x", "plain text", "grüße, мир, 🦚", "a\tb\nc\\d\"e'f", "it''s", "; DROP TABLE x; --", "%s %d {} $1", "\\N"),
    *("NULL", "null", "z" * 3000, "\u0001\u001f\u007f", "nul\0inside", "\0", "\ufeffmark", "e\u0301", "\U0010ffff"),
    *("\u2028\u2029", " \t ", "[1, 2]", '{"a": 1}', "0.1.2", "E'x'", "\\x41", "-- comment", "/* c */"),
    *("'", '"', "`", "$$", "\\", "\\\\'"),
)
DATES = (
    *("2024-01-02", "2024-02-30", "20240115", "2024", "2024-01", "2024-W05-3", "2024-060", "12:30", "2024/01/02"),
    *("1.1.2024", "01/02/2024", "now"),
)
MOMENTS = (
    *("2024-01-02T03:04:05Z", "2024-01-02T03:04:05.123456+02:00", "2024-01-02 03:04:05"),
    *("1969-12-31T23:59:59.999999Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-02-29T12:00:00-11:30"),
    *("20240115T103015Z", "2024-01-15T10", "2024-01-15T10:30:15,5", "2024-01-15T10:30", "2024-W05-3T01:02:03Z"),
    *("2024-060T01:02:03Z", "2024/01/02 3:04:05", "2024-01-02T03:04:05.123456789Z", "1900-01-01T00:00:00+0130"),
)
NO_MOMENTS = (
    *("2024-13-01T00:00:00Z", "2024-01-02T24:00:00Z", "2024-01-02T03:04:60Z", "2024-01-02t03:04:05Z"),
    *("2024-01-15T10:30:15 Z", "2024-1-5T01:02:03", "Tue, 02 Jan 2024 03:04:05 GMT", "2024-01-02T03:04:05+25:00"),
    *("2024-01-02T", "T03:04", "2023-02-29T00:00:00Z", "2024-01-02T03:04:05Zulu"),
)


def integer(rng):
    if rng.random() < 0.5:
        return rng.choice(INTEGERS)
    return rng.randrange(-(10 ** rng.randint(1, 18)), 10 ** rng.randint(1, 18))


def double(rng):
    return rng.choice(DOUBLES) if rng.random() < 0.6 else round(rng.uniform(-1e6, 1e6), rng.randint(1, 9)) + 0.0


def wide_double(rng):
    if rng.random() < 0.5:
        return rng.choice(WIDE_DOUBLES + DOUBLES)
    return rng.uniform(-1, 1) * 10 ** rng.randint(-300, 300)


def boolean(rng):
    return rng.random() < 0.5


def null(rng):
    return None


def picks(pool):
    return lambda rng: rng.choice(pool)


def words(rng):
    return "".join(rng.choice("abc äöß Ω漢🦚\t'\"\\") for _ in range(rng.randint(0, 30)))


text, number_text, bool_text = picks(TEXTS), picks(NUMBER_TEXTS), picks(BOOL_TEXTS)
date, moment, no_moment = picks(DATES), picks(MOMENTS), picks(NO_MOMENTS)
SCALARS = (integer, double, boolean, null, text, words, number_text, bool_text, date)
OBJECT, LIST = "object", "list"


# ---- documents ----


class Maker:
    """
    Documents that resemble each other. Every place in them (keys from the root, "[]" for elements) has a habit: the
    kinds of values that stand there, `mix` at most; and every object has a few names of its own.
    """

    def __init__(self, rng, names=PLAIN, kinds=SCALARS + (OBJECT, LIST), mix=1, depth=3, width=6, absent=0.2, length=4):
        self.rng, self.names, self.kinds, self.mix = rng, names, kinds, mix
        self.depth, self.width, self.absent, self.length = depth, width, absent, length
        self.habits, self.keys = {}, {}

    def kinds_at(self, place):
        deep = len(place) >= self.depth
        # Tables of blank names and of very long ones are decisions: dlt cannot load them.
        no_list = deep or sum(map(len, place)) > 100 or (place and not place[-1].strip())
        return [kind for kind in self.kinds if not (deep and kind == OBJECT or no_list and kind == LIST)]

    def habit(self, place):
        if place not in self.habits:
            kinds = self.kinds_at(place)
            chosen = self.rng.sample(kinds, min(len(kinds), self.rng.randint(1, self.mix)))
            # A time stamp beside other kinds is a decision: its variant has the type of its name.
            self.habits[place] = [moment] if moment in chosen else chosen
        return self.habits[place]

    def value(self, place):
        kind = self.rng.choice(self.habit(place))
        if kind == OBJECT:
            return self.object(place)
        if kind == LIST:
            return [self.value((*place, "[]")) for _ in range(self.rng.randint(0, self.length))]
        return kind(self.rng)

    def object(self, place=()):
        if place not in self.keys:
            self.keys[place] = self.rng.sample(self.names, min(len(self.names), self.rng.randint(1, self.width)))
        present = [key for key in self.keys[place] if self.rng.random() >= self.absent]
        if self.rng.random() < 0.2:
            self.rng.shuffle(present)
        return {key: self.value((*place, key)) for key in present}

    def rows(self, count=None):
        return [self.object() for _ in range(count or self.rng.randint(5, MAX_ROWS))]


def lines_of(rng, documents):
    plain = rng.random() < 0.5
    return [json.dumps(document, ensure_ascii=plain, separators=(",", ":")) for document in documents]


def run_of(rng, documents, **options):
    return Run([File(lines_of(rng, documents))], **options)


# ---- features: a generator each, which gives the runs, or runs and options of the case ----


def depth(rng):
    maker = Maker(
        rng, kinds=(integer, text, OBJECT, OBJECT, LIST, LIST), depth=rng.randint(4, 9), width=3, length=2, absent=0.1
    )
    maker.habits[("down",)] = [OBJECT]
    rows = [{"down": maker.object(("down",)), "lines": maker.value(("lines",))} for _ in range(rng.randint(5, 15))]
    return [run_of(rng, rows)]


def mixed_types(rng):
    maker = Maker(rng, names=PLAIN[:5], mix=4, depth=3)
    return [run_of(rng, maker.rows()) for _ in range(rng.randint(1, 2))]


def names(rng):
    maker = Maker(rng, names=HOSTILE, width=9, depth=2)
    return [run_of(rng, maker.rows(12)) for _ in range(rng.randint(1, 2))]


def meeting_names(rng):
    """Keys of one object that get one name, and keys that get the name of another object's column."""
    group = rng.choice(MEETING)
    maker = Maker(rng, names=(*group, *PLAIN[:3]), width=8, depth=2, mix=rng.randint(1, 2))
    rows = maker.rows(15)
    for row in rows:
        if rng.random() < 0.5:
            row["deep"] = {"er": rng.choice(SCALARS)(rng)}
        if rng.random() < 0.5:
            row["deep__er"] = rng.choice(SCALARS)(rng)
    return [run_of(rng, rows)], {"nesting": rng.choice((None, None, 1, 2))}


def lists(rng):
    """Lists of everything, of one kind or of all at once."""
    kinds = (*SCALARS, OBJECT, LIST, LIST)
    maker = Maker(
        rng, names=("id", "value", "list", "tags"), kinds=kinds, mix=rng.choice((1, 3, 8)), depth=6, width=2, length=5
    )
    maker.habits[("tags",)] = maker.habits[("list",)] = [LIST]
    rows = [
        {"tags": maker.value(("tags",)), "list": maker.value(("list",)), **maker.object(("id",))}
        for _ in range(rng.randint(5, 15))
    ]
    return [run_of(rng, rows)]


def nulls(rng):
    """Columns that are null at first, later, or always, in rows and in elements of lists."""
    maker = Maker(rng, mix=1, depth=2, names=PLAIN[:6])
    runs = [maker.rows(10) for _ in range(rng.randint(1, 3))]
    for rows in runs:
        never = set(rng.sample(PLAIN[:6], 2))
        for row in rows:
            for key in row:
                if key in never or rng.random() < 0.3:
                    row[key] = rng.choice((None, None, [], {}, [None], {"x": None}))
    return [run_of(rng, rows) for rows in runs]


def numbers(rng):
    """Wide doubles stand in columns of their own: beside integers they are a decision."""
    rows = Maker(rng, kinds=(integer, double, number_text, LIST), mix=3, depth=2).rows()
    for row in rows:
        row["wide"] = wide_double(rng)
        row["or_text"] = {"in": rng.choice((wide_double, text))(rng)}
    rows[0]["or_text"] = {"in": 0.5}
    return [run_of(rng, rows)]


def dates(rng):
    """The first row makes the columns' types: a time stamp takes numbers, dates and, beside it, texts."""
    makers = {
        "stamp": (moment, moment, no_moment, date, picks(SMALL), boolean, null),
        "only": (moment, null),
        "day": (date, no_moment),
        "text": (moment, text, date, no_moment),
        "fraction": (moment, lambda rng: round(rng.uniform(-1e9, 2e9), rng.randint(0, 7)) + 0.0, number_text),
    }
    first = {"stamp": moment(rng), "only": None, "day": "2024-01-02", "text": "x", "fraction": moment(rng)}
    rows = [{key: rng.choice(kinds)(rng) for key, kinds in makers.items() if rng.random() < 0.8} for _ in range(25)]
    for row in rows:
        row["list"] = [rng.choice((moment, null))(rng) for _ in range(rng.randint(0, 2))]
    return [run_of(rng, [first, *rows])]


def texts(rng):
    maker = Maker(rng, kinds=(text, words, LIST, OBJECT), mix=2, depth=2)
    return [run_of(rng, maker.rows())]


def drift(rng):
    """Several runs: new keys, keys that are gone, values of other types, scalars where containers were."""
    maker = Maker(rng, names=PLAIN[:6], mix=1, depth=3, width=5)
    runs = []
    for _ in range(rng.randint(2, 3)):
        runs.append(run_of(rng, maker.rows(rng.randint(5, 15))))
        for place in rng.sample(sorted(maker.habits), min(3, len(maker.habits))):
            del maker.habits[place]
        maker.keys[()] = rng.sample(PLAIN, 5)
    return runs


def replace(rng):
    """Runs that replace and runs that append; some replace by nothing, or have no rows for some of the tables."""
    maker = Maker(rng, names=PLAIN[:5], kinds=(*SCALARS[:5], LIST, OBJECT), depth=3, absent=0.4)
    writes = [rng.choice(("append", "replace")) for _ in range(rng.randint(1, 2))] + ["replace"]
    rng.shuffle(writes)
    runs = [run_of(rng, maker.rows(8), write=write) for write in writes]
    for run in runs[1:]:
        # What a run changes in the schema without storing it is a decision: one that appends nothing stores nothing.
        if run.write == "replace" and rng.random() < 0.3:
            run.files[0].lines = []
    return runs


def nesting(rng):
    """A limit to nesting; what is deeper stays JSON."""
    kinds = (integer, double, boolean, null, words, OBJECT, OBJECT, LIST, LIST)
    maker = Maker(rng, kinds=kinds, mix=rng.randint(1, 2), depth=6, width=4, length=3)
    runs = [run_of(rng, maker.rows(10)) for _ in range(rng.randint(1, 2))]
    return runs, {"nesting": rng.randint(0, 3)}


def spelling(rng):
    """Spellings of the same JSON: blanks, escapes, numbers, duplicate keys, line ends."""
    maker = Maker(rng, mix=2, depth=3, names=(*PLAIN[:5], "ä", 'q"', "\\"))
    lines = [spelled(rng, document) for document in maker.rows(12)]
    return [Run([File(lines, end=rng.choice(("\n", "\r\n")), last_end=rng.random() < 0.5)])]


def places(rng):
    """Names of tables and datasets."""
    maker = Maker(rng, names=PLAIN[:4], mix=1, depth=3)
    runs = [run_of(rng, maker.rows(5)) for _ in range(rng.randint(1, 2))]
    return runs, {"table": rng.choice(TABLES), "dataset": rng.choice(DATASETS)}


def no_objects(rng):
    """Lines that are no objects, beside some that are. (A file that begins with a list is one list.)"""
    maker = Maker(rng, kinds=(*SCALARS, OBJECT, LIST, LIST), mix=6, depth=3, names=("id", "value", "list"))
    maker.habits[()] = maker.habit(("root",)) if rng.random() < 0.5 else [OBJECT, LIST, *SCALARS]
    return [run_of(rng, [{"id": 0}, *(maker.value(()) for _ in range(15))])]


def system_names(rng):
    """Names of dlt's own columns as keys of the data. (Ids in some of the nested rows only are a decision.)"""
    rows = []
    for number in range(10):
        lines = [
            {"_dlt_parent_id": rng.choice(SCALARS)(rng), "x": 1, "_dlt_list_idx": rng.choice(SCALARS)(rng)}
            for _ in range(rng.randint(0, 3))
        ]
        parts = [{"_dlt_id": f"part {number} {index}", "names": ["a"]} for index in range(rng.randint(0, 2))]
        own = rng.choice((f"own {number}", f"own {number}", "", None))
        row = {"id": number, "_dlt_load_id": rng.choice(SCALARS)(rng), "lines": lines, "_dlt_id": own, "parts": parts}
        rows.append({key: row[key] for key in rng.sample(sorted(row), rng.randint(1, 5))})
    return [run_of(rng, rows[:5]), run_of(rng, rows[5:])]


def everything(rng):
    maker = Maker(rng, names=(*PLAIN, *rng.sample(HOSTILE, 8)), mix=rng.randint(1, 3), depth=4, width=6)
    runs = [
        run_of(rng, maker.rows(15), write=rng.choice(("append", "append", "replace"))) for _ in range(rng.randint(1, 3))
    ]
    # With a limit, dlt counts versions that it does not store: the third run would show it.
    limit = rng.choice((None, 1, 2, 3)) if len(runs) < 3 else None
    return runs, {"nesting": limit, "table": rng.choice(TABLES)}


# ---- what both refuse ----

NO_JSON = (
    *("", " ", "\ufeff{}", "{", '{"a":1', '{"a":1,}', "{'a':1}", '{"a":NaN}', '{"a":01}', '{"a":1.}', '{"a":.5}'),
    *('{"a":"\t"}', '{"a":1} {"a":2}', "[1,2", "nul", '{"a" 1}', '{"a":"\\x"}', "\udcff", '{"a":"\udcc3"}'),
    *('{"a":-}', '{"a":1e}', "{a:1}", '"open'),
)


def refused_lines(rng):
    """A line that is no JSON, in the first run or after a good one."""
    maker = Maker(rng, depth=2)
    runs = [run_of(rng, maker.rows(6)) for _ in range(rng.randint(1, 2))]
    runs[-1].files[0].lines.insert(rng.randint(0, 5), rng.choice(NO_JSON))
    return runs


def refused_variants(rng):
    """A value that fits neither its column nor the column that its variant would be."""
    rows = [{"v": integer(rng), "v__v_text": integer(rng)}, {"v": "no number"}]
    return [run_of(rng, [{"id": 1}, *rows])]


def refused_nulls(rng):
    """A null where a column may not be null."""
    key = rng.choice(("_dlt_root_id", "_dlt_parent_id", "_dlt_list_idx"))
    return [run_of(rng, [{"id": 1}, {"id": 2, key: None}])]


def refused(rng):
    return rng.choice((refused_lines, refused_lines, refused_variants, refused_nulls))(rng)


MAKERS = (
    *(depth, mixed_types, names, meeting_names, lists, nulls, numbers, dates, texts, drift, replace, nesting),
    *(spelling, places, no_objects, system_names, everything, refused),
)
FEATURES = {maker.__name__: maker for maker in MAKERS}


def case(maker, number, seed):
    """Case number `number` of a feature: always the same for the same seed."""
    feature = maker.__name__
    made = maker(random.Random(f"{seed}/{feature}/{number}"))
    runs, options = made if isinstance(made, tuple) else (made, {})
    return Case(feature, f"{feature}-{number}", runs, **options)


# ---- spelling ----


def spelled(rng, value):
    """A JSON text of a value, as somebody else might write it."""

    def blank():
        return rng.choice(("", "", "", " ", "  ", "\t"))

    if isinstance(value, dict):
        pairs = list(value.items())
        if pairs and rng.random() < 0.3:
            again = (rng.choice(pairs)[0], rng.choice((None, 1, "first", [1], {"a": 1})))
            pairs.insert(rng.randint(0, len(pairs)), again)
        inner = ",".join(
            f"{blank()}{spelled_text(rng, key)}{blank()}:{blank()}{spelled(rng, v)}{blank()}" for key, v in pairs
        )
        return f"{{{inner or blank()}}}"
    if isinstance(value, list):
        return f"[{','.join(blank() + spelled(rng, v) + blank() for v in value) or blank()}]"
    if isinstance(value, str):
        return spelled_text(rng, value)
    if isinstance(value, float):
        return rng.choice((repr(value), f"{value:.17e}", f"{value:.17E}".replace("E+", "E"), f"{value:.20f}"))
    return json.dumps(value)


def spelled_text(rng, text):
    def char(c):
        if rng.random() < 0.2:
            units = c.encode("utf-16-be")
            return "".join(
                rng.choice(("\\u%04x", "\\u%04X")) % int.from_bytes(units[i : i + 2], "big")
                for i in range(0, len(units), 2)
            )
        return "\\/" if c == "/" else json.dumps(c, ensure_ascii=rng.random() < 0.3)[1:-1]

    return '"' + "".join(map(char, text)) + '"'
