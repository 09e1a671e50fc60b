"""
Generated combinations of files, environment, pipeline names and an added provider, resolved by dlt 1.31 and by
`weir config explain`: the same value from the same place. WEIR_PARITY_SEED=7 makes other ones.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import tomlkit
from harness import weir

WORKER = Path(weir.__file__).with_name("config_worker.py")
SEED = os.environ.get("WEIR_PARITY_SEED", "1")
CASES = int(os.environ.get("WEIR_PARITY_CASES", 100))
ENVIRONMENT = "Environment Variables"

SOURCE = r"""
#include <stdio.h>
#include <stdlib.h>
#include <weir.h>

static weir_status rows(weir_ctx *cx, weir_rows *rows)
{
    return weir_emit(rows, weir_kv("id", 1));
}

/* Lines of section, name and value, a tab between them, in the file that VAULT names. */
static weir_status vault(weir_ctx *cx, const void *self, const weir_key *key, weir_value *ret)
{
    static char line[4096];
    char wanted[512];
    const int len = snprintf(wanted, sizeof wanted, "%s\t%s\t", key->section, key->name);
    FILE *file = fopen(getenv("VAULT"), "r");
    while (file && ret->kind == WEIR_ABSENT && fgets(line, sizeof line, file)) {
        if (strncmp(line, wanted, (size_t)len) != 0)
            continue;
        char *value = line + len;
        value[strcspn(value, "\n")] = 0;
        *ret = *value == '"' ? weir_text((weir_str){ value + 1, strlen(value) - 2 })
               : *value == 't' || *value == 'f' ? weir_bool(*value == 't')
               : *value == '{' || *value == '[' ? weir_json_text(weir_str_of(value))
               : strpbrk(value, ".e") ? weir_float(atof(value))
                                      : weir_int(atoll(value));
    }
    if (file)
        fclose(file);
    return WEIR_OK;
}

static const weir_provider provider = { .name = "vault", .get = vault, .by_pipeline = true };

static weir_status setup(weir_ctx *cx)
{
    return weir_provider_add(cx, &provider);
}

static const weir_source name = {
    .name = "name",
    .config = WEIR_OPTIONS({ "limit", WEIR_OPTION_INT, "10" }, { "flag", WEIR_OPTION_BOOL, "false" }, { "title" },
                           { "tags", WEIR_OPTION_LIST }, { "settings", WEIR_OPTION_MAP }, { "api_key", .secret = true },
                           { "credentials", WEIR_OPTION_URL }, { "credentials.database" }, { "credentials.username" },
                           { "credentials.password", .secret = true }, { "credentials.host" },
                           { "credentials.port", WEIR_OPTION_INT, "5432" }),
    .resources = WEIR_RESOURCES({ "rows", rows }),
};

static const weir_pipeline pipe = { .name = "pipe", .destination = "duckdb", .source = "name", .setup = setup };

WEIR_REGISTER(name);
WEIR_REGISTER(pipe);
"""

SECRET = {"api_key", "credentials.password"}
KINDS = {"limit": "int", "credentials.port": "int", "flag": "bool", "tags": "json", "settings": "json"}
PATHS = [["sources", "mod", "name"], ["sources", "mod"], ["sources", "name"], ["sources"], []]
VALUES = {
    "limit": [7, "8", " 9 ", "0x10", "1_000", 10.0, 10.5, True, "ten", "", [1]],
    "flag": [True, False, "yes", "NO", "t", "0", 1, 0, 2.5, "on", "2", " true "],
    "title": ["a title", "", "ünïcode", True, 12, 1.5, 1e16, [1, "a"], {"a": 1}],
    "tags": [["a", "b"], [], '["c"]', "a,b", "null", '{"a": "b"}', 3],  # dlt takes a table for a list
    "settings": [{"a": "b"}, '{"c": "d"}', "[]", "x", 4],
    "api_key": ["s3cret-key", "s3cret-two", 12345],
    "credentials": [
        "postgresql://u1:s3cret-pw@h1:5433/d1",
        "postgresql://u2@h2:5432/d2?sslmode=require",
        "postgres://:s3cret%40pw@[::1]/d%203/x",
        "mysql://u4:p@ss@h4",
        "sqlite:///",
        "no connection string",
        "postgresql://u:s3cret-pw@h:port/d",
        "",
    ],
    "credentials.database": ["dd", "", 5],
    "credentials.username": ["uu", "vv"],
    "credentials.password": ["s3cret-field", " s3cret-blank "],
    "credentials.host": ["hh", "localhost"],
    "credentials.port": [6543, "6544", 5432, "abc"],
}
PLACES = ("environment", "secrets", "config", "vault")


def put(document, path, value):
    """Into nested tables; where something else stands already, that stays."""
    for part in path[:-1]:
        document = document.setdefault(part, {})
        if not isinstance(document, dict):
            return
    document.setdefault(path[-1], value)


def as_text(value):
    return value if isinstance(value, str) else json.dumps(value)


def make_case(number):
    rng = random.Random(f"{SEED} {number}")
    case = {"pipeline": rng.choice(["pipe", "pipe", "other", None]), "environment": {}}
    case |= {place: {} for place in PLACES[1:]}
    for _ in range(rng.randint(2, 14)):
        key, place = rng.choice(list(VALUES)), rng.choice(PLACES)
        if place == "config" and (key in SECRET or key == "credentials") and rng.random() < 0.8:
            place = "secrets"  # else most cases would be about secrets where none may be
        front = rng.choice([[], [], ["pipe"], ["other"]])
        path = front + rng.choice(PATHS) + key.split(".")
        value = rng.choice(VALUES[key][: rng.choice([3, len(VALUES[key])])])
        if place == "environment":
            case[place].setdefault("__".join(path).upper(), as_text(value))
        else:
            put(case[place], path, value)
    return case


def vault_lines(table, path=()):
    for key, value in table.items():
        text = f'"{value}"' if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        yield f"{'.'.join(path)}\t{key}\t{text}\n"
        if isinstance(value, dict):
            yield from vault_lines(value, (*path, key))


def write(folder, case):
    for name in ("secrets", "config"):
        (folder / ".dlt" / f"{name}.toml").write_text(tomlkit.dumps(case[name]))
    (folder / "vault").write_text("".join(vault_lines(case["vault"])))


def explained(folder, case, key):
    """What weir says of one option: {"error"}, or {"value", "place"}."""
    pipeline = ("--pipeline", case["pipeline"]) if case["pipeline"] else ("--pipeline", "")
    words = ("config", "explain", f"sources.mod.name.{key}", "sources/mod/source.c", "--json", *pipeline)
    done = weir.run(folder, *words, expect=None, VAULT=str(folder / "vault"), **case["environment"])
    for secret in ("s3cret", "12345"):
        assert secret not in done.out + done.err, done
    if done.status != 0:
        assert done.status == 3, done
        return {"error": done.err}
    answer = json.loads(done.out)
    place = [answer["provider"], answer["place"]] if answer["given"] else None
    return {"value": answer.get("value"), "place": place}


def same_value(key, ours, theirs):
    if ours is None or theirs is None:
        return ours is None and theirs is None
    if key in SECRET:
        return ours == "****"
    kind = KINDS.get(key)
    if kind == "int":
        return int(ours) == theirs
    if kind == "bool":
        return (ours == "true") == theirs
    if kind == "json":
        return json.loads(ours) == theirs
    return ours == theirs


# What both refuse, in the words of each.
REASONS = {
    "ConfigValueCannotBeCoercedException": "cannot be coerced",
    "InvalidNativeValue": "cannot be read as a connection string",
    "ValueNotSecretException": "cannot hold secret values",
}


def same_error(ours, theirs):
    return any(theirs.startswith(name) and words in ours for name, words in REASONS.items())


def is_decided(case, theirs):
    """dlt refuses a table of credentials without a secret in config.toml, by accident: spec 1.8."""
    if not theirs.get("error", "").startswith("ValueNotSecretException"):
        return False
    path = theirs["error"].split("key `")[1].split("`")[0].split(".")
    value = case["config"]
    for part in path:
        value = value[part]
    return isinstance(value, dict)


def difference(key, ours, theirs):
    if "error" in ours and "error" in theirs:
        return None if same_error(ours["error"], theirs["error"]) else "other errors"
    if "error" in ours or "error" in theirs:
        return "one refuses"
    if ours["place"] != theirs["place"]:
        return "other places"
    return None if same_value(key, ours["value"], theirs["value"]) else "other values"


@pytest.fixture
def project(tmp_path):
    for name in (".dlt", "sources/mod"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "sources/mod/source.c").write_text(SOURCE)
    return tmp_path


@pytest.fixture
def dlt_config(tmp_path_factory):
    home = tmp_path_factory.mktemp("dlt")
    with open(home / "log", "w") as log:
        worker = subprocess.Popen(
            [sys.executable, str(WORKER)],
            env=weir.environment(home, RUNTIME__DLTHUB_TELEMETRY="false"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

        def ask(case):
            worker.stdin.write(json.dumps(case) + "\n")
            worker.stdin.flush()
            line = worker.stdout.readline()
            assert line, (home / "log").read_text()[-3000:]
            return json.loads(line)

        yield ask
        worker.stdin.close()
        worker.wait(timeout=30)


def compare(folder, case, expected, without_credentials):
    """Pairs of an option and what differs, or None."""
    if without_credentials:
        expected = {key: answer for key, answer in expected.items() if "." not in key}
    refused = expected.get("credentials.host", {}).get("error")
    for key in filter(expected.get, keys_of(case)):
        ours = explained(folder, case, key)
        if key.startswith("credentials.") and refused and "error" not in ours:
            continue  # dlt refuses credentials as a whole: another part of them has to be refused here, too
        said = difference(key, ours, expected[key])
        yield key, f"{key}: {said}\n  weir {ours}\n  dlt  {expected[key]}" if said else None
    parts = [f"credentials.{part}" for part in ("database", "username", "password", "host", "port")]
    if refused and not any(same_error(explained(folder, case, key).get("error", ""), refused) for key in parts):
        yield "credentials", f"credentials: only dlt refuses them: {refused}"


def keys_of(case):
    """Those that the case is about, and one that it is not."""
    text = json.dumps([case[place] for place in PLACES]).lower()
    keys = [key for key in VALUES if key != "credentials" and key.split(".")[0] in text]
    return keys or ["limit"]


def test_generated_configurations_resolve_as_with_dlt(project, dlt_config, capsys):
    failures, asked, decided, refused = [], 0, 0, 0
    for number in range(CASES):
        case = make_case(number)
        write(project, case)
        expected = dlt_config({**case, "folder": str(project)})
        is_ours = is_decided(case, expected["credentials.host"])
        decided += is_ours
        compared = list(compare(project, case, expected, is_ours))
        asked += len(compared)
        refused += sum("error" in answer for answer in expected.values())
        failures += [f"case {number}, {said}\n  {case}" for _, said in compared if said]

    with capsys.disabled():
        print(
            f"\nparity configuration: {CASES} cases, {asked} options, {len(failures)} differ, "
            f"{refused} refused by both, {decided} cases decided otherwise",
            end="",
        )
    assert not failures, f"seed {SEED}\n" + "\n".join(failures[:10])
