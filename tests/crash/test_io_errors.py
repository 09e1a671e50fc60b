"""Every system call on files of a run fails once: a clear error, nothing lost, and the next run succeeds."""

import errno
import os
import re

from harness import crash

ERRORS = {"ENOSPC": errno.ENOSPC, "EIO": errno.EIO, "short": errno.ENOSPC}


def pytest_generate_tests(metafunc):
    if "hit" not in metafunc.fixturenames:
        return
    hits = [(name, number) for name, number in crash.trace("tables", "fresh") if name.startswith("io.")]
    cases = [(hit, error) for hit in hits for error in ERRORS if error != "short" or hit[0] == "io.write"]
    ids = [f"{name}@{number}-{error}" for (name, number), error in cases]
    metafunc.parametrize(("hit", "error"), cases, ids=ids)


def test_a_failing_system_call_is_reported_and_the_next_run_succeeds(hit, error):
    name, number = hit
    site = crash.site("tables", "fresh")

    failed = site.run(expect=1, WEIR_FAULT=f"{name}@{number}={error}")

    assert os.strerror(ERRORS[error]) in failed.err, failed
    assert re.search(r"'[^']*/[^']*'", failed.err), failed
    site.check_next_run()
