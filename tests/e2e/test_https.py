"""Secrets over TLS, from a server with certificates of an authority of our own: those that are right, and those that are not."""

import json
import subprocess
import time
from pathlib import Path

import pytest
from harness import aws, dataset, weir

CONFIG = 3  # exit status
SECRET = json.dumps({"api_key": "k-5d10", "base": "EUR"})
KEYS = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s", "AWS_MAX_ATTEMPTS": "1"}

PROGRAM = r"""
#include <weir.h>

static weir_status rates(weir_ctx *cx, weir_rows *rows)
{
    return weir_emit(rows, weir_kv("base", weir_config(cx, "base")));
}

static const weir_source rates_source = {
    .name = "rates",
    .config = WEIR_OPTIONS({ "api_key", .secret = true, .required = true }, { "base" }),
    .resources = WEIR_RESOURCES({ "rates", rates }),
};

static const weir_pipeline p = { .name = "p", .destination = "duckdb", .dataset = "raw", .source = "rates" };
WEIR_REGISTER(rates_source);
WEIR_REGISTER(p);
"""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    subprocess.run([aws.python(), Path(aws.__file__).with_name("certificates.py"), folder], check=True)
    return folder


@pytest.fixture
def project(tmp_path):
    (tmp_path / ".dlt").mkdir()
    (tmp_path / ".dlt" / "config.toml").write_text(
        '[providers.aws_secrets_manager]\nregion = "eu-west-2"\nsecrets = { "sources.rates" = "dlt/rates" }\n'
    )
    (tmp_path / "p.c").write_text(PROGRAM)
    return tmp_path


def run(folder, server, expect=0, **environment):
    began = time.monotonic()
    url = server.url.replace("http:", "https:")
    result = weir.run(folder, "run", "p.c", expect=expect, AWS_ENDPOINT_URL=url, **KEYS, **environment)
    assert time.monotonic() - began < 20
    return result


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"])
def test_an_authority_of_ones_own_is_trusted_when_it_is_named(project, certificates, variable):
    with aws.Vault({"dlt/rates": SECRET}, certificates / "good.pem") as server:
        run(project, server, **{variable: str(certificates / "own.pem")})

    assert dataset.query(project / "p.duckdb", "select base from raw.rates") == [("EUR",)]


REFUSALS = {
    "unknown_authority": ("good", None, "SSL_CERT_FILE names the file of an authority of your own"),
    "other_authority": ("good", "other.pem", "nobody whom this machine trusts has signed the certificate"),
    "expired": ("expired", "own.pem", "the certificate of the server has expired"),
    "wrong_host": ("elsewhere", "own.pem", "the certificate is for another host"),
    "no_such_file": ("good", "gone.pem", "correct the file that SSL_CERT_FILE names"),
    "no_tls": (None, "own.pem", "does the server speak TLS at this port"),
}


@pytest.mark.parametrize("certificate, trusted, hint", REFUSALS.values(), ids=REFUSALS)
def test_a_server_that_cannot_be_trusted_is_not_used(project, certificates, certificate, trusted, hint):
    environment = {"SSL_CERT_FILE": str(certificates / trusted)} if trusted else {}

    with aws.Vault({"dlt/rates": SECRET}, certificate and certificates / f"{certificate}.pem") as server:
        result = run(project, server, expect=CONFIG, **environment)

    assert "secret 'dlt/rates': GetSecretValue in 'eu-west-2': POST https://127.0.0.1:" in result.err
    assert hint in result.err, result
    assert "k-5d10" not in result.err
