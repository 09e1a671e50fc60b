"""Killed once at every fault point and run again, by programs that report what the sanitizers find."""

import pytest

from harness import crash, weir


def pytest_generate_tests(metafunc):
    names = dict.fromkeys(name for name, _ in crash.trace("tables", "fresh") if not name.startswith("io."))
    metafunc.parametrize("name", names)


@pytest.mark.parametrize("kind", ["memory", "threads"])
def test_neither_the_killed_run_nor_the_next_one_has_a_report(kind, name):
    site = crash.site("tables", "fresh", weir.sanitized(kind))

    site.run(expect=crash.KILLED, WEIR_FAULT=f"{name}@1=kill")

    site.check_next_run()
