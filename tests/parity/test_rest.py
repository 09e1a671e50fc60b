"""
The pipelines of data-pipelines/ that read APIs, and others, through weir and through dlt's rest_api, from a server that plays
the APIs and fails in all its ways: same requests, rows, schema and state.
"""

import itertools
import re

import pytest
from harness import apis, rest
from harness.replay import CLOSED, CUT, FAILED, THROTTLED, Replay

PLANS = {
    "calm": {},
    "throttled": {".": [THROTTLED]},
    "failing": {".": [FAILED, FAILED]},
    "breaking": {".": [CUT, CLOSED]},
    "all": {"2024|contacts": [THROTTLED, CUT, FAILED, CLOSED], ".": [CUT, FAILED]},
}
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    made = rest.Beside(tmp_path_factory.mktemp("rest"), **rest.KEYS)
    yield made
    made.close()


def check(beside, case, answer, plan):
    with Replay(answer, PLANS[plan]) as server:
        lines, by_dlt = beside.compare(case, server)
    assert by_dlt["run"] is None, by_dlt["reason"]
    assert not lines, "\n".join(line[:900] for line in lines)


def case(name, *texts):
    return rest.Case(f"{name}_{next(NUMBERS)}", list(texts))


@pytest.mark.parametrize("plan", PLANS)
def test_currencies_land_as_with_dlt(plan, beside):
    text = rest.of_project("currencies_api")

    check(beside, case("currencies", text, text), apis.open_exchange_rates, plan)


@pytest.mark.parametrize("plan", PLANS)
def test_exchange_rates_go_on_day_by_day_as_with_dlt(plan, beside):
    until = [rest.of_project("exchange_rates_api", until=day) for day in ("2024-02-28", "2024-02-28", "2024-03-01")]

    check(beside, case("exchange_rates", *until), apis.open_exchange_rates, plan)


@pytest.mark.parametrize("params", ('base = "USD", symbols = "EUR,GBP"', 'symbols = "XAU"'))
def test_exchange_rates_of_some_currencies_are_the_same_as_with_dlt(params, beside):
    text = rest.of_project("exchange_rates_api", until="2024-02-29").replace('base = "USD"', params)

    check(beside, case("exchange_rates", text), apis.open_exchange_rates, "calm")


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("limit", (1, 2, 100))
def test_hubspot_lands_as_with_dlt(limit, plan, beside):
    text = rest.of_project("hubspot").replace("limit = 100", f"limit = {limit}")

    check(beside, case("hubspot", text, text, text), apis.hubspot_in_time(), plan)


LATEST = """[pipeline]
destination = "duckdb"
dataset_name = "api"

[source.rest_api]
client = { base_url = "{url}/api/", auth = { type = "api_key", name = "Authorization", api_key = "Token TESTAPPID" } }
resources = ["latest.json", "currencies.json"]
"""


def test_an_unpivoted_reply_is_as_wide_as_with_dlt(beside):
    check(beside, case("latest", LATEST), apis.open_exchange_rates, "all")


def test_contacts_are_listed_as_with_dlt(beside):
    check(beside, case("contacts", rest.LISTED), apis.hubspot_in_time(), "throttled")


def test_without_a_paginator_only_the_first_page_is_read_as_with_dlt(beside):
    text = re.sub("paginator = .*", "", rest.LISTED)
    assert text != rest.LISTED

    check(beside, case("contacts", text), apis.hubspot_in_time(), "calm")
