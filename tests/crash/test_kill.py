"""Killed at every fault point, at each time that a load passes it, and run again."""

import json
import re

from harness import crash, dataset, weir

# What is killed: the first run of a load of three tables and three frames, the first run of a resource that keeps its
# position in the state, a run that finds the sealed package of a run that died, a copy of the standard input, rows that are
# sifted, with a cursor, each to the table that it names, and a program that goes on from its state.
SCENARIOS = (
    ("tables", "fresh"),
    ("position", "fresh"),
    ("tables", "sealed"),
    ("stdin", "fresh"),
    ("cursor", "fresh"),
    ("tap", "fresh"),
)

# Copies that go straight into the transaction: they seal no package.
DIRECT = (("files", "fresh"), ("replaced", "fresh"), ("merged", "fresh"), ("changed", "fresh"))

# Copies with lines that go to the quarantine.
SPOILT = (("spoilt_stdin", "fresh"), ("spoilt_files", "fresh"))

# A second run that begins anew: straight into the transaction, and through the log.
REFRESHED = (("dropped", "loaded"), ("emptied", "loaded"))

# A second run whose rows meet those of the first.
SETTLED = tuple((way, "loaded") for way in crash.WAYS)

# The same into a folder of files, where a commit is many calls: in the first two in front of each that changes a file.
FOLDERS = (("lake_replaced", "loaded"), ("lake_files", "fresh"), ("lake_stdin", "fresh"), ("lake_dropped", "loaded"))

CHANGES = ("io.mkdir", "io.write", "io.fsync", "io.rename", "io.unlink")


def folder_points(pipeline, stage):
    hits = crash.trace(pipeline, stage)
    begin, bookkeep, end = (hits.index((name, 1)) for name in ("load.begin", "load.bookkeep", "load.committed"))
    named = [hit for hit in hits[begin : end + 1] if hit[0].startswith("load.") and hit[1] <= 3]
    calls = [hit for hit in hits[bookkeep:end] if hit[0] in CHANGES and (pipeline, stage) in FOLDERS[:2]]
    return named + calls


def points(pipeline, stage):
    """Where to kill: in the first scenario also in front of each system call."""
    hits = crash.trace(pipeline, stage)
    if pipeline in crash.WAYS:
        return steps(hits)
    if (pipeline, stage) != SCENARIOS[0]:
        # How often the standard input is waited for depends on its writer: only the first time is sure.
        hits = [hit for hit in hits if not hit[0].startswith("io.") or hit == ("io.poll", 1)]
    # A copy passes some points hundreds of times: the first and the last passages tell.
    counts = {name: number for name, number in hits}
    return [hit for hit in hits if hit[1] <= 3 or hit[1] == counts[hit[0]] or pipeline in crash.PIPELINES]


def steps(hits):
    """In front of each statement of a way to write, when the rows have come, and around the commit."""
    written = [hit for hit in hits if hit[0] == "load.write"]
    return written[-1:] + [hit for hit in hits if hit[0] in ("load.settle", "load.step", "load.commit", "load.committed")]


def spoilt_points(pipeline, stage):
    """From the first bad line on; in front of each call that changes a file, once the quarantine is complete."""
    hits = crash.trace(pipeline, stage)
    complete = hits.index(("quarantine.sync", 1))
    begun = [hit for hit in hits[:complete] if hit[0].startswith("quarantine.")]
    changes = ("io.write", "io.fsync", "io.rename", "io.unlink")
    return begun + [hit for hit in hits[complete:] if hit[0] in changes or not hit[0].startswith("io.")]


def names_in_source():
    """
    The names of fault points that recovery cares about; those of system calls begin with "io.". Networks that fail are
    played by the servers of the unit tests of net/.
    """
    names = set()
    for file in (weir.ROOT / "src").rglob("*.c"):
        if file.parent.name == "net":
            continue
        names.update(re.findall(r'wr_fault\(\w+, "([^"]+)"\)', file.read_text()))
    return names


def packages_that_count(pipeline, stage, hit):
    """How many packages may be sealed when a run died at `hit`: up to the seal none of its own, behind it one."""
    hits = crash.trace(pipeline, stage)
    earlier = 1 if stage == "sealed" else 0
    if hits.index(hit) <= hits.index(("package.seal", 1)):
        return [earlier]
    if hits.index(hit) >= hits.index(("package.sealed", 1)):
        return [earlier + 1]
    return [earlier, earlier + 1]  # a call of the seal itself


def pytest_generate_tests(metafunc):
    if "hit" in metafunc.fixturenames:
        name = metafunc.function.__name__
        scenarios = DIRECT if "direct" in name else SPOILT if "quarantine" in name else SCENARIOS
        scenarios = REFRESHED + SETTLED if "second_load" in name else FOLDERS if "folder" in name else scenarios
        find = {SPOILT: spoilt_points, FOLDERS: folder_points}.get(scenarios, points)
        cases = [(*scenario, hit) for scenario in scenarios for hit in find(*scenario)]
        ids = [f"{pipeline}-{stage}-{name}@{number}" for pipeline, stage, (name, number) in cases]
        metafunc.parametrize(("pipeline", "stage", "hit"), cases, ids=ids)


def test_a_killed_load_is_finished_by_running_again(pipeline, stage, hit):
    name, number = hit
    site = crash.site(pipeline, stage)

    site.run(expect=crash.KILLED, WEIR_FAULT=f"{name}@{number}=kill")

    left = site.content()
    sealed = site.check_next_run()
    assert sealed in packages_that_count(pipeline, stage, hit)
    assert left in [{}] + [crash.undisturbed(pipeline, runs) for runs in range(1, sealed + 1)]


def test_a_killed_direct_copy_has_done_all_or_nothing(pipeline, stage, hit):
    name, number = hit
    site = crash.site(pipeline, stage)

    site.run(expect=crash.KILLED, WEIR_FAULT=f"{name}@{number}=kill")

    left = site.content()
    committed = left != {}
    assert left == (crash.undisturbed(pipeline, 1) if committed else {})
    site.run()
    assert site.content() == crash.undisturbed(pipeline, 2 if committed else 1)


def test_a_killed_second_load_leaves_the_data_before_it_or_after_it(pipeline, stage, hit):
    name, number = hit
    site = crash.site(pipeline, stage)

    site.run(expect=crash.KILLED, WEIR_FAULT=f"{name}@{number}=kill")

    loads = len(site.load_ids())
    assert site.content() == crash.undisturbed(pipeline, loads)
    loads += len(list(site.home.glob("test/packages/*/package.json"))) if loads == 1 else 0
    site.run()
    assert len(site.load_ids()) == loads + 1
    dataset.check_equal(site.content(), crash.undisturbed(pipeline, loads + 1))


def test_a_killed_load_into_a_folder_is_all_or_nothing_when_it_has_run_again(pipeline, stage, hit):
    name, number = hit
    site = crash.site(pipeline, stage)

    site.run(expect=crash.KILLED, WEIR_FAULT=f"{name}@{number}=kill")

    # What is sealed is finished by the next run; the load that counts already is not loaded again.
    waiting = {path.parent.name for path in site.home.glob("test/packages/*/package.json")}
    loads = len(site.load_ids() | waiting)
    site.run()
    assert len(site.load_ids()) == loads + 1
    dataset.check_equal(site.content(), crash.undisturbed(pipeline, loads + 1))
    assert [path.name for path in (site.folder / "test").iterdir()] == ["data"]


def test_each_committed_load_has_its_quarantine_and_no_other(pipeline, stage, hit):
    name, number = hit
    site = crash.site(pipeline, stage)

    site.run(expect=crash.KILLED, WEIR_FAULT=f"{name}@{number}=kill")
    assert set(site.quarantines()) <= (site.load_ids() if site.content() else set())
    site.run()

    [lines] = {tuple(lines) for lines in site.quarantines().values()}
    assert [json.loads(line)["text"] for line in lines] == ["x", "", "{"]
    assert set(site.quarantines()) == site.load_ids()
    assert site.content() in [crash.undisturbed(pipeline, runs) for runs in (1, 2)]
    assert not list(site.home.glob("test/packages/*"))


def test_every_fault_name_is_hit(capsys):
    hits = {name for scenario in (*SCENARIOS, *DIRECT, *REFRESHED, *SETTLED) for name, _ in points(*scenario)}
    hits |= {name for scenario in SPOILT for name, _ in spoilt_points(*scenario)}
    hits |= {name for scenario in FOLDERS for name, _ in folder_points(*scenario)}
    with capsys.disabled():
        print("\ncrash killed at: " + " ".join(sorted(hits)))
    assert names_in_source() - hits == set()
