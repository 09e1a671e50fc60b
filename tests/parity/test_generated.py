"""
Generated JSON-lines files through `weir copy` or a pipeline in TOML, and through dlt 1.31: the two DuckDB files must hold
the same. WEIR_PARITY_CASES=1000 WEIR_PARITY_SEED=7 runs other ones, and more.
"""

import os

import generate
import generate_pipelines
import pytest
from harness import beside

SEED = os.environ.get("WEIR_PARITY_SEED", "1")
MAKERS = {**generate.FEATURES, **generate_pipelines.FEATURES}
REFUSED = ("refused", "refused_pipelines")  # features whose cases both refuse, all of them; no other is
CASES = int(os.environ.get("WEIR_PARITY_CASES", 16 * len(MAKERS)))
PER_FEATURE = -(-CASES // len(MAKERS))
SHRUNK = 3  # of one feature's failures are made small; that takes time


def report(failures, both):
    """The failures of a feature, the first ones shrunk."""
    texts = [beside.shrunk(both, *failure) for failure in failures[:SHRUNK]]
    others = [f"{case.name}: {said[0]}" for case, said in failures[SHRUNK:]]
    return "\n\n".join([f"{len(failures)} cases differ, seed {SEED}", *texts, *others])


@pytest.mark.parametrize("feature", MAKERS)
def test_generated_files_land_as_with_dlt(feature, both, capsys):
    cases = [generate.case(MAKERS[feature], number, SEED) for number in range(PER_FEATURE)]

    outcomes = list(both.compare_all(cases))

    failures = [(case, outcome.differences) for case, outcome in zip(cases, outcomes) if outcome.differences]
    refused = sum(outcome.refused for outcome in outcomes)
    with capsys.disabled():
        print(f"\nparity {feature}: {len(cases)} cases, {len(failures)} differ, {refused} refused by both", end="")
    assert not failures, report(failures, both)
    assert refused == (len(cases) if feature in REFUSED else 0)
