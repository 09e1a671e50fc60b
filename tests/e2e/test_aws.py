"""Secrets of AWS, from a service that checks signatures and policies (moto), and on a laptop that has none."""

import json
import re
import socket
import time

import pytest
from harness import dataset, weir
from harness.aws import Moto

CONFIG = 3  # exit status
API_KEY = "k-1f0c9e77"
SECRETS = {
    "dlt/rates": json.dumps({"api_key": API_KEY, "base": "EUR"}),
    "dlt/plain": API_KEY,
    "dlt/open-exchange-rates": json.dumps({"api_key": API_KEY, "base": "CHF"}),
}

RATES = r"""
#include <weir.h>

static weir_status rates(weir_ctx *cx, weir_rows *rows)
{
    return weir_emit(rows, weir_kv("base", weir_config(cx, "base")),
                     weir_kv("key_length", (int64_t)strlen(weir_config(cx, "api_key"))));
}

static const weir_source rates_source = {
    .name = "rates",
    .config = WEIR_OPTIONS({ "api_key", .secret = true, .required = true }, { "base", .standard = "USD" }),
    .resources = WEIR_RESOURCES({ "rates", rates }),
};
"""

PIPELINE = r"""
static const weir_pipeline p = { .name = "p", .destination = "duckdb", .dataset = "raw", .source = "rates" };
WEIR_REGISTER(rates_source);
WEIR_REGISTER(p);
"""

# The tutorial's provider, in C.
VAULT = r"""
static weir_status get_secret(weir_ctx *cx, const void *self, const weir_key *key, weir_value *ret)
{
    if (strcmp(key->section, "sources.rates") != 0)
        return WEIR_OK;
    return weir_aws_secret(cx, "dlt/rates", key->name, self, ret);
}

static const weir_provider vault = {
    .name = "AWS Secrets Manager", .get = get_secret, .self = "eu-west-2", .optional = true
};

static weir_status register_aws_secrets(weir_ctx *cx)
{
    return weir_provider_add(cx, &vault);
}

static const weir_pipeline p = { .name = "p", .destination = "duckdb", .dataset = "raw", .source = "rates",
                                 .setup = register_aws_secrets };
WEIR_REGISTER(rates_source);
WEIR_REGISTER(p);
"""

NO_METADATA = {"AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    server = Moto(tmp_path_factory.mktemp("moto"), SECRETS)
    yield server
    server.close()


def project(folder, secret="dlt/rates", region="eu-west-2", program=RATES + PIPELINE):
    (folder / ".dlt").mkdir()
    if secret:
        (folder / ".dlt" / "config.toml").write_text(
            f'[providers.aws_secrets_manager]\nregion = "{region}"\n'
            f'[providers.aws_secrets_manager.secrets]\n"sources.rates" = "{secret}"\n'
        )
    (folder / "p.c").write_text(program)
    (folder / ".aws").mkdir()


def loaded(folder):
    return dataset.query(folder / "p.duckdb", "select base, key_length from raw.rates")


def all_bytes(folder):
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file() and ".aws" not in file.parts)


def test_a_source_gets_its_secret_and_leaves_it_nowhere(tmp_path, aws):
    project(tmp_path)

    result = weir.run(tmp_path, "run", "p.c", WEIR_LOG="debug", **aws.keys())
    explained = weir.run(tmp_path, "config", "explain", "sources.rates.api_key", "p.c", **aws.keys())

    assert loaded(tmp_path) == [("EUR", len(API_KEY))]
    assert "AWS Secrets Manager" in explained.out
    said = (result.out + result.err + explained.out + explained.err).encode() + all_bytes(tmp_path)
    for secret in (API_KEY, aws.secret, aws.id):
        assert secret.encode() not in said


def test_a_provider_in_c_works_as_the_built_in_one(tmp_path, aws):
    project(tmp_path, secret=None, program=RATES + VAULT)

    weir.run(tmp_path, "run", "p.c", **aws.keys())

    assert loaded(tmp_path) == [("EUR", len(API_KEY))]


def test_files_and_environment_beat_aws(tmp_path, aws):
    project(tmp_path)
    (tmp_path / ".dlt" / "secrets.toml").write_text('[sources.rates]\napi_key = "local"\n')

    weir.run(tmp_path, "run", "p.c", SOURCES__RATES__BASE="GBP", **aws.keys())

    assert loaded(tmp_path) == [("GBP", 5)]


def test_the_guide_shows_a_table_that_works(tmp_path, aws):
    page = (weir.ROOT / "docs" / "guide" / "configuration.md").read_text()
    [table] = re.findall(r"^```toml\n# as text\n(\[providers\..*?)^```$", page, re.DOTALL | re.MULTILINE)
    program = re.search(r"^```c\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)[1]
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt" / "config.toml").write_text(table)
    (tmp_path / "currencies.c").write_text(program)

    weir.run(tmp_path, "run", "currencies.c", **aws.keys())

    assert dataset.query(tmp_path / "currencies.duckdb", "select base from currencies_dataset.rates") == [("CHF",)]


def credentials(aws, folder, kind):
    """The environment, and files in the home folder, for one kind of credentials."""
    own = f"aws_access_key_id = {aws.id}\naws_secret_access_key = {aws.secret}\n"
    process = {"Version": 1, "AccessKeyId": aws.id, "SecretAccessKey": aws.secret}
    (folder / ".aws" / "keys.json").write_text(json.dumps(process))
    files = {
        "profile": ("credentials", f"[work]\n{own}"),
        "role": ("config", f"[profile work]\nrole_arn = {aws.role}\nsource_profile = base\n[profile base]\n{own}"),
        "process": ("config", f"[profile work]\ncredential_process = cat '{folder}/.aws/keys.json'\n"),
    }
    name, text = files[kind]
    (folder / ".aws" / name).write_text(text)
    return {"AWS_PROFILE": "work", "AWS_ENDPOINT_URL": aws.url, "AWS_REGION": aws.REGION}


@pytest.mark.parametrize("kind", ["profile", "role", "process"])
def test_credentials_are_found_where_awss_own_tools_find_them(tmp_path, aws, kind):
    project(tmp_path)

    weir.run(tmp_path, "run", "p.c", **credentials(aws, tmp_path, kind))

    assert loaded(tmp_path) == [("EUR", len(API_KEY))]


def test_a_secret_that_is_no_json_has_one_field(tmp_path, aws):
    project(tmp_path, secret="dlt/plain", program=(RATES + PIPELINE).replace("api_key", "value"))

    weir.run(tmp_path, "run", "p.c", **aws.keys())

    assert loaded(tmp_path) == [("USD", len(API_KEY))]


REFUSALS = {
    "no_fields": ("loader", {"secret": "dlt/plain"}, {}, ["no JSON object: it has the field 'value'", 'store it as {"']),
    "access_denied": ("stranger", {}, {}, ["AccessDenied", "the policy of this user or role"]),
    "no_secret": ("loader", {"secret": "dlt/raets"}, {}, ["no secret 'dlt/raets' in 'eu-west-2'", "is the name right"]),
    "wrong_region": ("loader", {"region": "eu-west-1"}, {}, ["no secret 'dlt/rates' in 'eu-west-1'", "per region"]),
    "wrong_key": ("loader", {}, {"AWS_SECRET_ACCESS_KEY": "slip"}, ["Signature", "is the secret access key right"]),
    "unknown_key": ("loader", {}, {"AWS_ACCESS_KEY_ID": "AKIAX"}, ["InvalidClientTokenId", "log in again"]),
}


@pytest.mark.parametrize("user, settings, changed, expected", REFUSALS.values(), ids=REFUSALS)
def test_why_there_was_no_secret_is_told_with_what_is_missing(tmp_path, aws, user, settings, changed, expected):
    project(tmp_path, **settings)

    result = weir.run(tmp_path, "run", "p.c", expect=CONFIG, **{**aws.keys(user), **changed})

    assert "provider `AWS Secrets Manager` could not answer: " in result.err
    for text in expected:
        assert text in result.err
    assert API_KEY not in result.err and aws.secret not in result.err


def silent():
    """A port that takes connections and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_on_a_laptop_with_complete_files_nothing_of_aws_is_asked(tmp_path):
    project(tmp_path)
    (tmp_path / ".dlt" / "secrets.toml").write_text('[sources.rates]\napi_key = "local"\nbase = "EUR"\n')
    listener, url = silent()
    listener.settimeout(0)

    weir.run(tmp_path, "run", "p.c", AWS_EC2_METADATA_SERVICE_ENDPOINT=url, AWS_ENDPOINT_URL=url)

    assert loaded(tmp_path) == [("EUR", 5)]
    with pytest.raises(BlockingIOError):
        listener.accept()
    listener.close()


def test_on_a_laptop_without_aws_a_missing_value_waits_for_a_second_at_most(tmp_path):
    project(tmp_path)
    weir.run(tmp_path, "build", "p.c", expect=None)  # compiling is not what is measured
    listener, url = silent()

    began = time.monotonic()
    result = weir.run(
        tmp_path, "config", "check", "p.c", expect=CONFIG, AWS_EC2_METADATA_SERVICE_ENDPOINT=url,
        AWS_EC2_METADATA_V1_DISABLED="true",
    )  # fmt: skip
    took = time.monotonic() - began

    assert "no AWS credentials were found" in result.out + result.err
    assert took < 2.5
    listener.close()


def test_an_endpoint_that_never_answers_ends_in_bounded_time(tmp_path):
    project(tmp_path)
    listener, url = silent()
    keys = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s", "AWS_MAX_ATTEMPTS": "1", **NO_METADATA}

    began = time.monotonic()
    result = weir.run(tmp_path, "run", "p.c", expect=CONFIG, AWS_ENDPOINT_URL=url, **keys)

    assert "GetSecretValue in 'eu-west-2'" in result.err
    assert time.monotonic() - began < 20
    listener.close()
