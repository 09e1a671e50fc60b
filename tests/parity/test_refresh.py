"""
Refresh modes through weir and through dlt 1.31: generated pipelines of several runs, in which some resources run, with a mode
or without. The files must hold the same after each case, staging dataset, schemas and states included.
WEIR_REFRESH_CASES=60 WEIR_PARITY_SEED=7 runs other ones, and more.
"""

import os
import random

import pytest
from harness import dataset, loads

SEED = os.environ.get("WEIR_PARITY_SEED", "1")
CASES = int(os.environ.get("WEIR_REFRESH_CASES", 15))  # of each mode
MODES = ("drop_sources", "drop_resources", "drop_data")


def maybe(rng, chance=0.5):
    return rng.random() < chance


def resource(rng, number):
    name = f"r{number}"
    kind = rng.choice(["plain", "plain", "replace", "merge", "merge", "counter", "cursor", "spread"])
    if kind == "counter":
        return {"name": name, "count": rng.randint(1, 3)}
    if kind == "replace":
        return {"name": name, "write_disposition": "replace"}
    if kind == "merge":
        strategy = rng.choice(["delete-insert", "upsert"])
        return {"name": name, "write_disposition": {"disposition": "merge", "strategy": strategy}, "primary_key": "id"}
    if kind == "cursor":
        return {"name": name, "incremental": {"cursor_path": "id"}}
    if kind == "spread":
        return {"name": name, "table_name_field": "kind"}
    return {"name": name}


def row(rng, run, number, nested, name):
    result = {"id": int(name[1:]) * 100 + run * 10 + number, "kind": f"{name}_{rng.choice('xy')}", f"v{rng.randint(0, 2)}": rng.choice([1, "a", 2.5])}
    if nested and maybe(rng, 0.7):
        result["tags"] = [{"name": rng.choice("pq"), "sizes": [rng.randint(1, 9)]} for _ in range(rng.randint(0, 2))]
    return result


def rows_of(rng, run, nested, name):
    count = 0 if maybe(rng, 0.2) else rng.randint(1, 4)
    return [row(rng, run, number, nested, name) for number in range(1, count + 1)]


def load_of(mode, number):
    rng = random.Random(f"{SEED} {mode} {number}")
    resources = [resource(rng, item) for item in range(rng.randint(1, 3))]
    nested = {item["name"]: maybe(rng) for item in resources}
    count = rng.randint(2, 4)
    modes = [mode if maybe(rng, 0.4) else None for _ in range(count)]
    modes[rng.randint(1, count - 1)] = mode
    runs = []
    for run in range(count):
        names = [item["name"] for item in resources if run == 0 or maybe(rng, 0.7)] or [resources[0]["name"]]
        runs.append({name: rows_of(rng, run, nested[name], name) for name in names})
    return {
        "pipeline": f"case{number}",
        "dataset": "data",
        "resources": resources,
        "runs": runs,
        "refresh": modes,
        "selects": True,
    }


@pytest.mark.parametrize("number", range(CASES))
@pytest.mark.parametrize("mode", MODES)
def test_a_refresh_leaves_what_dlt_leaves(mode, number, tmp_path, dlt):
    load = load_of(mode, number)

    file = loads.weir_all(tmp_path / "weir", load, emit="json")

    expected = loads.dlt_all(dlt, tmp_path / "dlt", load)
    dataset.check_same(file, expected)
