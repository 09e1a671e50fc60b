"""Fixtures of all Python tests. The programs under test come from WEIR_BIN, WEIR_FAULTS_BIN and WEIR_TSAN_BIN."""

import pytest

pytest.register_assert_rewrite("harness")

from harness.beside import Both  # noqa: E402: as below
from harness.reference import Reference, python_126, python_131  # noqa: E402: not before its asserts are rewritten


def _reference(factory, python):
    reference = Reference(python, factory.mktemp("dlt"))
    yield reference
    reference.close()


@pytest.fixture(scope="session")
def dlt(tmp_path_factory):
    """dlt 1.31, the version that weir follows."""
    yield from _reference(tmp_path_factory, python_131())


@pytest.fixture(scope="session")
def dlt_126(tmp_path_factory):
    yield from _reference(tmp_path_factory, python_126())


@pytest.fixture(scope="session")
def both(tmp_path_factory):
    """dlt 1.31 and `weir copy`, side by side."""
    beside = Both(tmp_path_factory.mktemp("both"))
    yield beside
    beside.close()
