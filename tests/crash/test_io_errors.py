"""Every system call on files of a run fails once: a clear error, nothing lost, and the next run succeeds."""

import errno
import os
import re

from harness import crash, dataset

ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "short": errno.ENOSPC}

PIPELINE = "tables"


def before_and_after_the_lock():
    """The calls of one run, parted where it takes the pipeline's lock."""
    hits = crash.trace(PIPELINE, "fresh")
    lock = hits.index(("io.lock", 1))
    return ([hit for hit in part if hit[0].startswith("io.")] for part in (hits[:lock], hits[lock:]))


def pytest_generate_tests(metafunc):
    if "hit" not in metafunc.fixturenames:
        return
    before, after = before_and_after_the_lock()
    hits = before if metafunc.function is test_without_the_kept_module_a_run_says_so_or_compiles_again else after
    cases = [(hit, error) for hit in hits for error in ERRORS if error != "short" or hit[0] == "io.write"]
    ids = [f"{name}@{number}-{error}" for (name, number), error in cases]
    metafunc.parametrize(("hit", "error"), cases, ids=ids)


def check_clear(result, error):
    """One error that says what the system said, and of which file."""
    assert result.err.count("weir: error: ") == 1, result
    assert os.strerror(ERRORS[error]) in result.err, result
    assert re.search(r"'[^']*[./][^']*'", result.err), result


def test_a_failing_call_is_reported_and_the_next_run_loads_everything_once(hit, error):
    name, number = hit
    site = crash.site(PIPELINE, "fresh")

    failed = site.run(expect=1, WEIR_FAULT=f"{name}@{number}={error}")

    check_clear(failed, error)
    site.check_next_run()


def test_without_the_kept_module_a_run_says_so_or_compiles_again(hit, error):
    name, number = hit
    site = crash.site(PIPELINE, "fresh")

    result = site.run(expect=None, WEIR_FAULT=f"{name}@{number}={error}")

    if result.status == 0:
        dataset.check_equal(site.content(), crash.undisturbed(PIPELINE, 1))
    else:
        check_clear(result, error)
    site.check_next_run()
