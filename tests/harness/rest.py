"""Loads the same API through weir and through dlt's rest_api, one after the other, and says where the two differ."""

import re
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path

from harness import apis, beside, runs, weir

WORKER = Path(__file__).with_name("rest_worker.py")
DATASET = "api"

# For both: a request that fails is tried again at once.
SETTINGS = {"RUNTIME__REQUEST_BACKOFF_FACTOR": "0.01", "RUNTIME__REQUEST_MAX_RETRY_DELAY": "0.02"}

# What the pipelines of data-pipelines/ find in their secrets: under the tutorial's names, and under dlt's own.
KEYS = {
    "SOURCES__OPEN_EXCHANGE_RATES__API_KEY": apis.APP_ID,
    "SOURCES__OPEN_EXCHANGE_RATES__CREDENTIALS__API_KEY": apis.APP_ID,
    "SOURCES__HUBSPOT__API_KEY": apis.TOKEN,
    "SOURCES__HUBSPOT__CREDENTIALS__TOKEN": apis.TOKEN,
}
# All contacts of HubSpot, one on each page.
LISTED = """[pipeline]
destination = "duckdb"
dataset_name = "api"

[source.rest_api]
client = { base_url = "{url}", auth = { type = "bearer", token = "pat-eu1-test" } }

[[source.rest_api.resources]]
name = "contacts"

[source.rest_api.resources.endpoint]
path = "crm/v3/objects/contacts"
params = { limit = 1, associations = "deals,companies" }
paginator = { type = "cursor", cursor_path = "paging.next.after", cursor_param = "after" }
"""
HOSTS = ("https://openexchangerates.org", "https://api.hubapi.com")


@dataclass
class Case:
    name: str  # of the pipeline
    texts: list  # the TOML file of each run

    @property
    def last(self):
        return len(self.texts) - 1


def pipeline_text(source):
    """A pipeline's file, from what it says of its source; with `{url}` where the server's address goes."""
    lines = [f"{key} = {runs.toml(value)}" for key, value in source.items()]
    return "\n".join(["[pipeline]", 'destination = "duckdb"', f'dataset_name = "{DATASET}"', "", "[source.rest_api]", *lines, ""])


def of_project(name, until=None):
    """A pipeline of data-pipelines/, at the server; `until`: its last day."""
    text = (weir.ROOT / "data-pipelines" / "apis" / f"{name}.toml").read_text()
    for host in HOSTS:
        text = text.replace(host, "{url}")
    return re.sub(r"days = \{(.*) \}", rf'days = {{\1, to = "{until}" }}', text) if until else text


class Beside:
    """A dlt that stays, and a weir for each run. `server.stage` tells the server which run it is."""

    def __init__(self, home, **env):
        self.home, self.env = home, {**SETTINGS, **env}
        self.engine = beside.Engine(home / "dlt-home", WORKER, **self.env)

    def close(self):
        self.engine.close()

    def compare(self, case, server):
        """What differs, a line each: refusals, requests, tables, schema and state."""
        folder = self.home / case.name
        for engine in ("weir/pipelines", "dlt"):
            (folder / engine).mkdir(parents=True)
        by_dlt, asked_by_dlt = self._all(self._by_dlt, folder, case, server)
        by_weir, asked_by_weir = self._all(self._by_weir, folder, case, server)
        lines = differing_refusals(by_weir, by_dlt)
        if not lines:
            files = (folder / engine / f"{case.name}.duckdb" for engine in ("weir", "dlt"))
            lines = differing_requests(asked_by_weir, asked_by_dlt) + beside.differing_files(*files)
        if not lines:
            shutil.rmtree(folder)
        return lines, by_dlt

    def _all(self, run, folder, case, server):
        """The runs by one engine until one is refused; what it said then, and what was asked in all of them."""
        server.begin()
        for number, text in enumerate(case.texts):
            server.stage = number
            file = folder / f"run-{number}.toml"
            file.write_text(text.replace("{url}", server.url))
            reason = run(folder, case, file)
            if reason:
                return {"run": number, "reason": reason}, server.counts
        return {"run": None}, server.counts

    def _by_dlt(self, folder, case, file):
        job = {"folder": str(folder / "dlt"), "name": case.name, "dataset": dataset_of(file), "runs": [{"pipeline": str(file)}]}
        answer = self.engine.answer(job)
        return answer["trace"] if answer["run"] is not None else None

    def _by_weir(self, folder, case, file):
        shutil.copy(file, folder / "weir" / "pipelines" / f"{case.name}.toml")
        result = weir.run(folder / "weir", "run", case.name, expect=None, **self.env)
        return f"status {result.status}: {result.err}" if result.status else None


def dataset_of(file):
    return tomllib.loads(file.read_text())["pipeline"]["dataset_name"]


def differing_refusals(by_weir, by_dlt):
    if by_weir["run"] == by_dlt["run"]:
        return []
    told = {name: by for name, by in (("weir", by_weir), ("dlt", by_dlt)) if by["run"] is not None}
    return [f"refused by {name} in run {by['run']}: {by['reason'][-900:]}" for name, by in told.items()]


def differing_requests(by_weir, by_dlt):
    """Both ask the same, as often; in which order resources take turns, and who fetches a token when, is their own affair."""
    both = sorted(name for name in {*by_weir, *by_dlt} if not name.startswith("POST /token"))
    return [f"{name}: asked {by_weir[name]} times, by dlt {by_dlt[name]}" for name in both if by_weir[name] != by_dlt[name]]
