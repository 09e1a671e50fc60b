"""
Generated pipelines that read generated APIs, through weir and through dlt's rest_api: same requests, tables, schema and state.
WEIR_REST_CASES=20 WEIR_PARITY_SEED=7 runs other ones, and more.
"""

import os
from collections import Counter

import generate_rest
import pytest
from harness import rest
from harness.replay import Replay

SEED = os.environ.get("WEIR_PARITY_SEED", "1")
CASES = int(os.environ.get("WEIR_REST_CASES", 5))  # of each paginator


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    made = rest.Beside(tmp_path_factory.mktemp("rest"))
    yield made
    made.close()


def compared(made, beside):
    """What differs, as one text; nothing when all is the same."""
    with Replay(made.api, made.plan) as server:
        lines, by_dlt = beside.compare(made.case, server)
    if by_dlt["run"] is not None:
        lines.append(f"dlt refuses it: {by_dlt['reason'][-900:]}")
    shown = "\n  ".join(line[:900] for line in lines[:6])
    return f"{made.case.name}, {made.kinds}, plan {made.plan}\n{made.case.texts[0]}\n  {shown}" if lines else None


@pytest.mark.parametrize("paginator", generate_rest.PAGINATORS)
def test_a_generated_api_lands_as_with_dlt(paginator, beside, capsys):
    cases = [generate_rest.make(paginator, number, SEED) for number in range(CASES)]

    failures = [text for text in (compared(made, beside) for made in cases) if text]

    kinds = Counter(made.kinds[what] for made in cases for what in ("auth", "dependency", "incremental") if made.kinds[what] != "none")
    told = " ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    with capsys.disabled():
        print(f"\nparity rest_api {paginator}: {len(cases)} cases, {len(failures)} differ ({told})", end="")
    assert not failures, f"{len(failures)} cases differ, seed {SEED}\n\n" + "\n\n".join(failures)
