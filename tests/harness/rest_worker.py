"""
Loads APIs through dlt's own rest_api: reads one case per line from the standard input, as JSON, and answers with one line
each. Its pipelines are weir's TOML files; what dlt wants as Python functions, they name, and it is made here.
"""

import datetime
import sys
import tomllib
from pathlib import Path

import dlt
from dlt.common import jsonpath
from dlt.sources.rest_api import rest_api_source

sys.path[0] = str(Path(__file__).resolve().parents[1])
from harness import engine  # noqa: E402: the folder of the tests has to be on the path

SETTINGS = ("name", "section", "max_table_nesting", "root_key", "schema_contract")


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


CONVERSIONS = {
    "epoch_ms": lambda text: str(round(moment(text) * 1000)),
    "epoch_s": lambda text: str(round(moment(text))),
    "date": lambda text: text[:10],
}


def members_of(given):
    """One record for each member of an object, with some fields of the record that the object is in."""

    def records(record):
        kept = {name: record[name] for name in given.get("keep", []) if name in record}
        [members] = jsonpath.find_values(given["members"], record)
        for name, value in members.items():
            yield {**kept, given["key"]: name, given["value"]: value}

    return records


def days_of(given):
    """A page of days, from where the last run stopped."""
    days = given["days"]
    first, last = (datetime.date.fromisoformat(days[end]) for end in ("from", "to"))

    @dlt.resource(name=given["name"], selected=given.get("selected", True))
    def of_days(date=dlt.sources.incremental(**given["incremental"]) if "incremental" in given else None):
        begin = max(first, datetime.date.fromisoformat(date.last_value)) if date else first
        yield [{"date": (begin + datetime.timedelta(n)).isoformat()} for n in range((last - begin).days + 1)]

    return of_days


def with_functions(resource):
    """A resource as dlt wants it."""
    if isinstance(resource, str):
        return resource
    if "days" in resource:
        return days_of(resource)
    for step in resource.get("processing_steps", []):
        step["yield_map"] = members_of(step["yield_map"])
    endpoint = resource.get("endpoint", {})
    incremental = endpoint.get("incremental", {}) if isinstance(endpoint, dict) else {}
    if "convert" in incremental:
        incremental["convert"] = CONVERSIONS[incremental["convert"]]
    return resource


def without_options(auth):
    """What comes from the configuration, dlt finds there by itself."""
    return {key: value for key, value in auth.items() if not isinstance(value, dict) or "option" not in value}


def source_of(run, name):
    given = tomllib.loads(Path(run["pipeline"]).read_text())["source"]["rest_api"]
    settings = {"name": name, **{key: given.pop(key) for key in SETTINGS if key in given}}
    if isinstance(given["client"].get("auth"), dict):
        given["client"]["auth"] = without_options(given["client"]["auth"])
    given["resources"] = [with_functions(resource) for resource in given["resources"]]
    return rest_api_source(given, **settings)


def main():
    load = lambda case: engine.load(case, case["name"], lambda run: source_of(run, case["name"]))
    engine.answer_all(load, providers=["Environment Variables"])


main()
