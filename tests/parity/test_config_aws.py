"""
Secrets under dlt's own keys, `[providers] enable_aws_secrets`: dlt's provider and weir's ask the same service (moto), and
find the same values at the same places.
"""

import json
import os
import random
import subprocess
from pathlib import Path

import dlt
import pytest
import tomlkit
import yaml
from harness import aws, weir
from test_config import SECRET, SEED, WORKER, difference, explained, put

CASES = int(os.environ.get("WEIR_PARITY_CASES", 16))
KEYS = ["limit", "title", "api_key", "credentials.host", "credentials.password", "credentials.port"]
PIECES = [
    "dlt_secrets_toml",
    "sources",
    "sources/mod",
    "sources/name",
    "pipe/dlt_secrets_toml",
    "pipe/sources",
    "pipe/sources/mod",
    "destination",
    "other/sources",
]
SINGLE = ["sources/mod/name/", "sources/mod/", "sources/name/", "pipe/sources/mod/name/", ""]
PATHS = [["sources", "mod", "name"], ["sources", "mod"], ["sources", "name"], ["sources"], []]
VALUES = {
    "limit": [7, 8, "9"],
    "title": ["from %s", "a title of %s"],
    "api_key": ["s3cret-%s"],
    "credentials.host": ["host.%s"],
    "credentials.password": ["s3cret-%s"],
    "credentials.port": [6543, 6544],
}
WRITERS = [tomlkit.dumps, tomlkit.dumps, yaml.safe_dump, json.dumps]

SOURCE = r"""
#include <weir.h>

static weir_status rows(weir_ctx *cx, weir_rows *rows)
{
    (void)cx;
    return weir_emit(rows, weir_kv("id", 1));
}

static const weir_source name = {
    .name = "name",
    .config = WEIR_OPTIONS({ "limit", WEIR_OPTION_INT, "10" }, { "title" }, { "api_key", .secret = true },
                           { "credentials", WEIR_OPTION_URL }, { "credentials.database" }, { "credentials.username" },
                           { "credentials.password", .secret = true }, { "credentials.host" },
                           { "credentials.port", WEIR_OPTION_INT, "5432" }),
    .resources = WEIR_RESOURCES({ "rows", rows }),
};

static const weir_pipeline pipe = { .name = "pipe", .destination = "duckdb", .source = "name" };

WEIR_REGISTER(name);
WEIR_REGISTER(pipe);
"""


def value_of(rng, key, place):
    value = rng.choice(VALUES[key])
    return value % place if isinstance(value, str) and "%s" in value else value


def places_in(name):
    """A piece holds what is below its own sections. (What else it held would depend on which values were asked for before.)"""
    own = [] if name == "dlt_secrets_toml" else name.removesuffix("/dlt_secrets_toml").split("/")
    paths = [front + path for front in ([], ["pipe"]) for path in PATHS]
    return [path for path in paths if path[: len(own)] == own] or [own]


def make_case(number):
    """Secrets of a prefix of their own, so that one service has those of all cases."""
    rng = random.Random(f"{SEED} aws {number}")
    case = {"pipeline": rng.choice(["pipe", "pipe", "other", None]), "environment": {}, "config": {}, "secrets": {}}
    case |= {"vault": {}, "extras": True, "keys": KEYS, "prefix": rng.choice(["case%d/", "case%d-"]) % number, "stored": {}}
    for name in rng.sample(PIECES, rng.randint(1, 5)):
        document = {}
        for _ in range(rng.randint(1, 4)):
            key = rng.choice(KEYS)
            put(document, [*rng.choice(places_in(name)), *key.split(".")], value_of(rng, key, name))
        case["stored"][name] = rng.choice(WRITERS)(document)
    for prefix in rng.sample(SINGLE, rng.randint(0, 2)):
        key = rng.choice(KEYS[1:4])
        case["stored"].setdefault(prefix + key.replace(".", "/"), str(value_of(rng, key, "a-single-value")))
    if rng.random() < 0.3:
        key = rng.choice(KEYS)
        place = "secrets" if key in SECRET or "." in key else rng.choice(["secrets", "config"])
        put(case[place], [*rng.choice([[], ["pipe"]]), *rng.choice(PATHS), *key.split(".")], value_of(rng, key, place))
    switches = {"secret_name_prefix": case["prefix"], "list_secrets": rng.random() < 0.3}
    for switch in ("only_secrets", "only_toml_fragments"):
        if rng.random() < 0.6:
            switches[switch] = rng.random() < 0.3
    case["config"]["providers"] = {"enable_aws_secrets": True, "aws_secrets": switches}
    return case


def keys_of(case):
    """With `only_secrets`, parts of credentials that are none are found only after their secret was asked for."""
    only_secrets = case["config"]["providers"]["aws_secrets"].get("only_secrets", True)
    return [key for key in KEYS if not only_secrets or "." not in key or key in SECRET]


@pytest.fixture(scope="module")
def cases():
    return [make_case(number) for number in range(CASES)]


@pytest.fixture(scope="module")
def service(tmp_path_factory, cases):
    stored = {case["prefix"] + name: text for case in cases for name, text in case["stored"].items()}
    server = aws.Moto(tmp_path_factory.mktemp("moto"), stored)
    yield server
    server.close()


@pytest.fixture
def dlt_config(tmp_path):
    """dlt beside botocore, which moto's interpreter has: both have wishes for the same packages that no one environment
    fulfils."""
    worker = subprocess.Popen(
        [aws.python(), str(WORKER), str(Path(dlt.__file__).parents[1])],
        env=weir.environment(tmp_path, RUNTIME__DLTHUB_TELEMETRY="false", AWS_EC2_METADATA_DISABLED="true"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=(tmp_path / "log").open("w"),
        text=True,
    )

    def ask(case):
        worker.stdin.write(json.dumps(case) + "\n")
        worker.stdin.flush()
        line = worker.stdout.readline()
        assert line, (tmp_path / "log").read_text()[-3000:]
        return json.loads(line)

    yield ask
    worker.kill()
    worker.wait(timeout=30)


def test_dlts_own_keys_find_the_same_values_at_the_same_places(tmp_path, cases, service, dlt_config, capsys):
    for name in (".dlt", "sources/mod"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "sources/mod/source.c").write_text(SOURCE)
    failures, asked, found = [], 0, 0
    for number, case in enumerate(cases):
        case["environment"] = {**service.keys(), "AWS_DEFAULT_REGION": service.REGION}
        for name in ("secrets", "config"):
            (tmp_path / ".dlt" / f"{name}.toml").write_text(tomlkit.dumps(case[name]))
        expected = dlt_config({**case, "folder": str(tmp_path)})
        for key in keys_of(case):
            asked += 1
            ours = explained(tmp_path, case, key)
            said = difference(key, ours, expected[key])
            found += (expected[key].get("place") or [""])[0] == "AWS Secrets Manager"
            failures += [f"case {number}, {key}: {said}\n  weir {ours}\n  dlt  {expected[key]}\n  {case}"] if said else []

    with capsys.disabled():
        print(f"\nparity secrets: {CASES} cases, {asked} options, {found} found there, "
              f"{len(failures)} differ", end="")  # fmt: skip
    assert not failures, f"seed {SEED}\n" + "\n".join(failures[:5])
