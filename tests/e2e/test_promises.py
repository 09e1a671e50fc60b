"""
What the tutorial's page promises (spec/tutorial.md, P1 to P15), in the repository's own data-pipelines/: each promise has
its test, as far as this build has what it is about.
"""

import re
import shutil
import socket
import subprocess
import tomllib

import pytest
from harness import aws, dataset, weir

SECRETS = {"dlt/open-exchange-rates": '{"api_key": "from-aws"}'}
KEYS = {"AWS_ACCESS_KEY_ID": "AKIA1", "AWS_SECRET_ACCESS_KEY": "s", "AWS_EC2_METADATA_DISABLED": "true"}
API_KEY = "sources.open_exchange_rates.api_key"

# How a source asks for a database that it reads: tutorial.md, T7.
DATABASE = r"""
#include <weir.h>

static weir_status products(weir_ctx *cx, weir_rows *rows)
{
    return weir_emit(rows, weir_kv("host", weir_config(cx, "credentials.host")),
                     weir_kv("port", weir_config(cx, "credentials.port")),
                     weir_kv("username", weir_config(cx, "credentials.username")));
}

static const weir_source clever_cloud = {
    .name = "clever_cloud",
    .config = WEIR_OPTIONS({ "credentials", WEIR_OPTION_URL }, { "credentials.database", .required = true },
                           { "credentials.username", .required = true }, { "credentials.password", .secret = true },
                           { "credentials.host", .required = true },
                           { "credentials.port", WEIR_OPTION_INT, .standard = "5432" }),
    .resources = WEIR_RESOURCES({ "products", products }),
};

static const weir_pipeline shop = { .name = "flat", .destination = "duckdb", .dataset = "shop", .source = "clever_cloud" };
WEIR_REGISTER(clever_cloud);
WEIR_REGISTER(shop);
"""


def copy_project(folder):
    """As git has it: without what runs in the clone have left."""
    ignored = shutil.ignore_patterns(".weir", "*.duckdb*", "secrets.toml")
    shutil.copytree(weir.ROOT / "data-pipelines", folder, ignore=ignored)
    return folder


@pytest.fixture
def project(tmp_path):
    return copy_project(tmp_path / "data-pipelines")


def query(folder, file, text):
    return dataset.query(folder / file, text)


def explained(folder, *words, **environment):
    return weir.run(folder, "config", "explain", *words, **environment).out


def write_secrets(folder, text):
    (folder / ".dlt" / "secrets.toml").write_text(text)


def test_the_project_runs_as_it_is_and_its_configuration_is_complete(project):
    built = weir.run(project, "build")
    checked = weir.run(project, "config", "check")
    for name in ("currencies", "exchange_rates", "products"):
        weir.run(project, "run", name)

    assert re.findall(r"^\w+(?= +pipelines/)", built.out, re.MULTILINE) == ["currencies", "exchange_rates", "products"]
    assert checked.out == "the configuration is complete\n"
    currencies = query(project, "currencies.duckdb", "select name from open_exchange_rates.currencies where code = 'CRC'")
    assert currencies == [("Costa Rican Colón",)]
    rates = query(project, "exchange_rates.duckdb", "select rates__eur from open_exchange_rates.exchange_rates order by 1")
    assert rates[0] == (0.920555095,) and len(rates) == 4
    assert query(project, "products.duckdb", "select count(*) from shop.products__tags") == [(4,)]


def test_it_is_what_weir_init_makes_but_for_its_sources(project, tmp_path):
    (tmp_path / "new").mkdir()
    weir.run(tmp_path / "new", "init", "data-pipelines")
    made = tmp_path / "new" / "data-pipelines"
    same = (".gitignore", "weir.toml", "prefect.yaml", ".dlt/secrets.toml.example", "flows/README.md")
    same += ("utils/vault_provider.c", "utils/vault_provider.h", "pipelines/currencies.c")

    for path in (*same, "pipelines/exchange_rates.toml", "pipelines/products.toml"):
        assert (project / path).read_text() == (made / path).read_text(), f"copy it from templates/: {path}"


def test_p1_the_first_check_prints_three_lines(project):
    said = weir.run(project, "run", "test_weir.c").out.splitlines()

    assert re.fullmatch(r"Pipeline test completed in \d+\.\d\d seconds", said[0])
    assert said[1] == "1 load package(s) were loaded to destination duckdb and target schema test_data"
    assert said[2] == f"The duckdb destination used duckdb:///{project}/test.duckdb location to store data"
    assert said[-1] == "weir is working!"


def test_p2_max_table_nesting_flattens_one_level_and_is_explained(project):
    (project / "replies" / "products.jsonl").write_text('{"id": 1, "size": {"cm": 5, "of": {"x": 1}}, "tags": [["a"]]}\n')

    said = weir.run(project, "run", "products")

    tables = [name for (name,) in query(project, "products.duckdb", "select table_name from duckdb_tables() where "
              "schema_name = 'shop' and not starts_with(table_name, '_dlt')")]  # fmt: skip
    assert sorted(tables) == ["products", "products__tags"]
    assert query(project, "products.duckdb", "select size__cm, size__of::text from shop.products") == [(5, '{"x":1}')]
    assert "normalize.max_table_nesting = 1 counts" in said.err
    assert explained(project, "normalize.max_table_nesting", "products").startswith(
        "normalize.max_table_nesting = 1\n  from key in config.toml normalize.max_table_nesting, "
    )


@pytest.mark.parametrize("place", ["--destination", "environment", "file"])
def test_p3_the_destination_is_switched_from_outside(project, place):
    pipeline = project / "pipelines" / "products.toml"
    pipeline.write_text(pipeline.read_text().replace('"duckdb"', '"snowflake"'))
    environment = {"DESTINATION__NAME": "duckdb"} if place == "environment" else {}
    words = ["--destination", "duckdb"] if place == "--destination" else []
    if place == "file":
        (project / ".dlt" / "config.toml").write_text('[destination]\nname = "duckdb"\n')

    weir.run(project, "run", "products", *words, **environment)

    assert query(project, "products.duckdb", "select count(*) from shop.products") == [(3,)]
    if not words:
        said = explained(project, "destination.name", "products", **environment)
        assert said.startswith("destination.name = duckdb\n  from ")
        assert "the pipeline 'products' loads into 'duckdb'; the first of these says it: --destination, " in said


def test_p4_the_vault_provider_in_c_answers(project):
    with aws.Vault(SECRETS) as vault:
        said = explained(project, API_KEY, "currencies", AWS_ENDPOINT_URL=vault.url, **KEYS)

    assert said.startswith(f"{API_KEY} = ****\n  from key in AWS Secrets Manager {API_KEY}\n")


def test_p4_the_built_in_provider_answers_the_same(project):
    program = project / "pipelines" / "currencies.c"
    program.write_text(program.read_text().replace("    .setup = register_aws_secrets,\n", ""))
    with open(project / ".dlt" / "config.toml", "a") as config:
        config.write('[providers.aws_secrets_manager]\nregion = "eu-west-2"\n')
        config.write('secrets = { "sources.open_exchange_rates" = "dlt/open-exchange-rates" }\n')

    with aws.Vault(SECRETS) as vault:
        said = explained(project, API_KEY, "currencies", AWS_ENDPOINT_URL=vault.url, **KEYS)

    assert said.startswith(f"{API_KEY} = ****\n  from key in AWS Secrets Manager {API_KEY}\n")


def test_p5_files_and_environment_beat_aws(project):
    write_secrets(project, '[sources.open_exchange_rates]\napi_key = "from-file"\n')

    with aws.Vault(SECRETS) as vault:
        environment = {"AWS_ENDPOINT_URL": vault.url, **KEYS}
        by_file = explained(project, API_KEY, "currencies", **environment)
        by_environment = explained(
            project, API_KEY, "currencies", SOURCES__OPEN_EXCHANGE_RATES__API_KEY="from-environment", **environment
        )

    assert by_file.startswith(f"{API_KEY} = ****\n  from key in secrets.toml ")
    assert by_environment.startswith(f"{API_KEY} = ****\n  from environment variable SOURCES__OPEN_EXCHANGE_RATES__API_KEY")
    assert vault.asked == []


def test_p6_a_laptop_without_aws_needs_none(project):
    write_secrets(project, '[sources.open_exchange_rates]\napi_key = "from-file"\n')
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        nobody.settimeout(0)
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"

        complete = weir.run(project, "run", "currencies", AWS_EC2_METADATA_SERVICE_ENDPOINT=url, AWS_ENDPOINT_URL=url)

        with pytest.raises(BlockingIOError):
            nobody.accept()
    (project / ".dlt" / "secrets.toml").unlink()
    without = weir.run(project, "run", "currencies", AWS_EC2_METADATA_DISABLED="true")

    assert "error" not in complete.err + without.err and "AWS" not in complete.err + without.err


@pytest.mark.parametrize("secrets", [SECRETS, {}], ids=["there", "not_there"])
def test_p7_each_secret_is_fetched_once(project, secrets):
    with aws.Vault(secrets) as vault:
        weir.run(project, "run", "currencies", AWS_ENDPOINT_URL=vault.url, **KEYS)

    assert vault.asked == ["dlt/open-exchange-rates"]


def test_p8_and_p15_credentials_may_be_flat_and_without_a_password(project):
    (project / "pipelines" / "shop.c").write_text(DATABASE)
    write_secrets(project, '[sources.clever_cloud]\nhost = "db.test"\ndatabase = "shop"\nusername = "reader"\n')

    assert weir.run(project, "config", "check").out == "the configuration is complete\n"
    weir.run(project, "run", "flat")

    rows = query(project, "flat.duckdb", "select host, port::bigint, username from shop.products")
    assert rows == [("db.test", 5432, "reader")]


def test_p9_git_sees_nothing_of_what_runs_leave(project):
    def git(*words):
        return subprocess.run(["git", *words], cwd=project, check=True, capture_output=True, text=True).stdout

    git("init", "-q")
    git("add", "-A")
    weir.run(project, "run", "currencies")
    weir.run(project, "run", "test_weir.c")
    write_secrets(project, "")

    assert git("ls-files", "--others", "--exclude-standard") == ""


def test_p10_deleting_the_file_cleans_up(project):
    weir.run(project, "run", "test_weir.c")
    (project / "test.duckdb").unlink()
    weir.run(project, "run", "test_weir.c")

    assert query(project, "test.duckdb", "select count(*) from test_data.test_data") == [(2,)]


def test_p11_projects_with_pipelines_of_the_same_name_are_apart(project, tmp_path):
    other = copy_project(tmp_path / "other")
    weir.run(project, "run", "test_weir.c")
    weir.run(other, "run", "test_weir.c")

    for folder in (project, other):
        assert query(folder, "test.duckdb", "select count(*) from test_data.test_data") == [(2,)]
        assert (folder / ".weir" / "pipelines" / "test").is_dir()


def test_p13_what_is_needed_is_locked_and_development_apart(project):
    weir.run(project, "add", "duckdb", "--dev")

    manifest = tomllib.loads((project / "weir.toml").read_text())
    assert set(manifest["dependencies"]) == {"weir"} and set(manifest["dev-dependencies"]) == {"duckdb"}
    weir.run(project, "build", "--locked")
    lock = project / "weir.lock"
    lock.write_text(re.sub(r'(?<=version = ")[^"]+', "9.9.9", lock.read_text(), count=1))
    weir.run(project, "build", "--locked", expect=3)
