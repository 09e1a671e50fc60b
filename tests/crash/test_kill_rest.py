"""A load from an API that is killed, at each request and at each fault point, and run again: the same rows, state and schema."""

import re
import shutil
import threading

import pytest
from harness import apis, crash, dataset, rest, weir
from harness.replay import Replay

# Days that are asked for one by one, and the pages of three resources.
PIPELINES = {
    "exchange_rates": (rest.of_project("exchange_rates_api", until="2024-03-01"), apis.open_exchange_rates),
    "hubspot": (rest.of_project("hubspot").replace("limit = 100", "limit = 1"), apis.HubSpot()),
}


class Site:
    """A folder in which one pipeline is killed and run again."""

    def __init__(self, folder, name):
        text, answer = PIPELINES[name]
        self.server = Replay(answer)
        self.folder, self.name = folder, name
        (folder / "pipelines").mkdir(parents=True)
        (folder / "pipelines" / f"{name}.toml").write_text(text.replace("{url}", self.server.url))

    def reset(self):
        shutil.rmtree(self.folder / ".weir", ignore_errors=True)
        for file in self.folder.glob("*.duckdb*"):
            file.unlink()
        self.server.begin()

    def run(self, expect=0, **env):
        return weir.run(self.folder, "run", self.name, binary=weir.faults(), expect=expect, **rest.SETTINGS, **rest.KEYS, **env)

    def killed_at_request(self, number):
        """Killed as soon as so many requests have come; the last of them is not answered."""
        started = threading.Event()

        def watch(count):
            started.wait()
            if count == number:
                process.kill()
                process.wait()

        self.server.watch = watch
        process = weir.start(self.folder, "run", self.name, **rest.SETTINGS, **rest.KEYS)
        started.set()
        process.communicate()
        self.server.watch = lambda count: None

    def sealed(self):
        """How many packages have been sealed: they are loaded, or will be by the next run."""
        home = self.folder / ".weir" / "pipelines"
        waiting = {path.parent.name for path in home.glob("*/packages/*/package.json")}
        return len(waiting | {path.stem for path in home.glob("*/loaded/*.json")})

    def content(self):
        file = self.folder / f"{self.name}.duckdb"
        return dataset.canonical(file) if file.exists() else {}

    def answered(self):
        return sum(self.server.answered.values())

    def undisturbed(self, runs):
        """What is there after so many runs, and how many pages they were given."""
        self.reset()
        for _ in range(runs):
            self.run()
        return self.content(), self.answered()


@pytest.fixture(params=PIPELINES, scope="module")
def site(request, tmp_path_factory):
    made = Site(tmp_path_factory.mktemp(request.param), request.param)
    made.calm = [made.undisturbed(runs) for runs in range(3)]
    yield made
    made.server.close()


def check_next_run(site):
    """The next run finishes what was sealed, and loads once more. Returns how many pages were given twice."""
    sealed = site.sealed()
    site.run()
    content, pages = site.calm[sealed + 1]
    dataset.check_equal(site.content(), content)
    return site.answered() - pages


def test_a_load_killed_at_each_page_is_whole_after_the_next_run(site, capsys):
    pages = site.calm[1][1]

    again = 0
    for number in range(1, pages + 1):
        site.reset()
        site.killed_at_request(number)
        assert site.content() == {}
        again = max(again, check_next_run(site))

    with capsys.disabled():
        print(f"\ncrash rest_api {site.name}: killed at each of {pages} pages, at most {again} given twice", end="")


def hits(site):
    """The fault points of a run, without those of system calls."""
    site.reset()
    file = site.folder / "trace"
    site.run(WEIR_FAULT_TRACE=str(file))
    found = file.read_text().splitlines()
    file.unlink()
    return [re.sub(" ", "@", line) for line in found if not line.startswith("io.")]


def test_a_load_killed_at_each_fault_point_is_whole_after_the_next_run(site, capsys):
    points = hits(site)

    for point in points:
        site.reset()
        site.run(expect=crash.KILLED, WEIR_FAULT=f"{point}=kill")
        assert site.content() in [{}, site.calm[1][0]], point
        check_next_run(site)

    names = sorted({point.split("@")[0] for point in points})
    with capsys.disabled():
        print(f"\ncrash rest_api {site.name}: killed {len(points)} times at {' '.join(names)}", end="")
