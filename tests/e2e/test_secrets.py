"""Secrets stay in memory: whatever a run prints, logs and writes is searched for them, also when it fails or crashes."""

import json
import os
import resource
import signal

import pytest
from harness import weir
from harness.aws import Moto

FROM_FILE = "file-s3cret-8d1f"
FROM_ENVIRONMENT = "env-s3cret-77aa"
FROM_AWS = "aws-s3cret-5c0e"
SECRETS = (FROM_FILE, FROM_ENVIRONMENT, FROM_AWS)

# It says all that it knows: in log lines, in its error, in what it prints of a message.
PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <weir.h>

static weir_status rows(weir_ctx *cx, weir_rows *rows)
{
    WEIR_TRY(weir_emit(rows, weir_kv("id", 1)));
    weir_info(cx, "with %s", weir_config(cx, "token"));
    weir_warn(cx, "and %s", weir_config(cx, "password"));
    if (getenv("HANGS"))
        for (;;)
            WEIR_TRY(weir_emit(rows, weir_kv("id", 2)));
    if (getenv("FAILS"))
        return weir_fail(cx, WEIR_NETWORK, "GET /?key=%s&token=%s&password=%s refused\nhint: is %s right?",
                         weir_config(cx, "api_key"), weir_config(cx, "token"), weir_config(cx, "password"),
                         weir_config(cx, "api_key"));
    return WEIR_OK;
}

static const weir_source talker = {
    .name = "talker",
    .config = WEIR_OPTIONS({ "api_key", .secret = true, .required = true }, { "token", .secret = true, .required = true },
                           { "password", .secret = true, .required = true }),
    .resources = WEIR_RESOURCES({ "rows", rows }),
};

static const weir_pipeline p = { .name = "p", .destination = "duckdb", .dataset = "raw", .source = "talker" };
WEIR_REGISTER(talker);
WEIR_REGISTER(p);
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    server = Moto(tmp_path_factory.mktemp("moto"), {"dlt/talker": json.dumps({"api_key": FROM_AWS})})
    yield server
    server.close()


@pytest.fixture
def project(tmp_path, aws):
    """The folder, and an environment; one secret is in a file, one in the environment, one at AWS."""
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt" / "config.toml").write_text(
        '[providers.aws_secrets_manager]\nregion = "eu-west-2"\nsecrets = { "sources.talker" = "dlt/talker" }\n'
    )
    (tmp_path / ".dlt" / "secrets.toml").write_text(f'[sources.talker]\ntoken = "{FROM_FILE}"\n')
    (tmp_path / "p.c").write_text(PROGRAM)
    return tmp_path, {**aws.keys(), "SOURCES__TALKER__PASSWORD": FROM_ENVIRONMENT}


def written(folder):
    files = [file for file in folder.rglob("*") if file.is_file() and file.name != "secrets.toml"]
    assert files
    return b"".join(file.read_bytes() for file in files)


def check_nothing_leaked(folder, aws, *said):
    everything = "".join(said).encode() + written(folder)
    for secret in (*SECRETS, aws.secret):
        assert secret.encode() not in everything


def test_a_run_that_ends_well_leaves_no_secret_behind(project, aws):
    folder, environment = project

    result = weir.run(folder, "run", "p.c", WEIR_LOG="debug", **environment)

    assert "with ****" in result.err and "and ****" in result.err
    check_nothing_leaked(folder, aws, result.out, result.err)


def test_a_run_that_fails_leaves_no_secret_behind(project, aws):
    folder, environment = project

    result = weir.run(folder, "run", "p.c", expect=1, WEIR_LOG="debug", FAILS="1", **environment)
    looked = weir.run(folder, "package", "list", "--json", expect=None)

    assert "GET /?key=****&token=****&password=**** refused" in result.err
    assert "hint: is **** right?" in result.err
    check_nothing_leaked(folder, aws, result.out, result.err, looked.out)


@pytest.fixture
def cores_allowed():
    """As far as this machine allows them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    yield "unlimited" if hard == resource.RLIM_INFINITY else str(hard)
    resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


def crash(project, **more):
    """Start it, let it get going, kill it as a crash would. Returns its limits of cores and its status."""
    folder, environment = project
    process = weir.start(folder, "run", "p.c", HANGS="1", WEIR_LOG="info", **environment, **more)
    while "with ****" not in process.stderr.readline():
        assert process.poll() is None
    limits = open(f"/proc/{process.pid}/limits").read()
    os.kill(process.pid, signal.SIGSEGV)
    process.communicate()
    [cores] = [line.split()[4:6] for line in limits.splitlines() if line.startswith("Max core file size")]
    return cores, process.returncode


def test_a_crash_leaves_no_core(project, cores_allowed, aws):
    cores, status = crash(project)

    assert cores == ["0", "0"]
    assert status == -signal.SIGSEGV
    assert not list(project[0].glob("core*"))
    check_nothing_leaked(project[0], aws)


def test_a_core_may_be_asked_for(project, cores_allowed):
    cores, status = crash(project, WEIR_CORE="1")

    assert cores == [cores_allowed, cores_allowed]
    assert status == -signal.SIGSEGV
