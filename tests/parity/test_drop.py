"""
Drops of resources through weir and through dlt 1.31 (`dlt pipeline drop`): generated pipelines of several runs, with drops
between them. The files must hold the same after each case, staging dataset, schemas and states included; and weir goes on
from the state that dlt has left.
WEIR_DROP_CASES=60 WEIR_PARITY_SEED=7 runs other ones, and more.
"""

import json
import os
import random

import pytest
import test_refresh
from harness import dataset, loads, weir

SEED = os.environ.get("WEIR_PARITY_SEED", "1")
CASES = int(os.environ.get("WEIR_DROP_CASES", 6))  # of each kind
KINDS = ("names", "pattern", "all", "state_only", "paths")


def drop_of(rng, kind, filled, stateful):
    """A drop of this kind that selects something; None: there is nothing that it could select."""
    names = rng.sample(filled, rng.randint(1, len(filled))) if filled else []
    if kind == "state_only":
        return {"resources": rng.sample(stateful, 1), "state_only": True} if stateful else None
    if kind == "paths":
        paths = {"state_paths": [f"resources.{rng.choice(stateful)}.*", "nothing.here"]} if stateful else None
        return {**paths, "resources": names[:1]} if paths and test_refresh.maybe(rng, 0.3) else paths
    if not filled:
        return None
    if kind == "pattern":
        return {"resources": [f"re:{rng.choice([names[0], 'r', f'[x{names[0]}]+', f'({names[0]}|zzz)$'])}"]}
    return {"drop_all": True} if kind == "all" else {"resources": names}


def dropped(name, drop):
    """Roughly: what may be gone counts as gone."""
    words = drop.get("resources", [])
    return drop.get("drop_all") or name in words or any(word.startswith("re:") for word in words)


def drops_of(rng, kind, resources, runs):
    """Drops before each run but the first."""
    filled, drops = set(), []
    for run in runs:
        stateful = {item["name"] for item in resources if "count" in item or "incremental" in item}
        brings_rows = any(run.values())
        drop = drop_of(rng, kind, sorted(filled), sorted(filled & stateful)) if brings_rows and test_refresh.maybe(rng, 0.7) else None
        drops.append([drop] if drop else [])
        if drop:
            filled = {name for name in filled if not dropped(name, drop)} if "state_paths" not in drop else set()
        filled |= {name for name, rows in run.items() if rows or name in stateful and "count" in next(
            item for item in resources if item["name"] == name
        )}
    return drops


def load_of(kind, number):
    load = test_refresh.load_of("drop_data", number)
    del load["refresh"]
    rng = random.Random(f"{SEED} {kind} {number}")
    if kind in ("state_only", "paths"):
        load["resources"].append({"name": "r8", "count": 2})
        load["resources"].append({"name": "r9", "incremental": {"cursor_path": "id"}})
        for run in load["runs"]:
            run.update({"r8": [], "r9": [{"id": number} for number in range(1, 4)]})
    load["drops"] = []
    while not any(load["drops"]):
        load["drops"] = drops_of(rng, kind, load["resources"], load["runs"])
    return load


def without_repeated_states(file):
    """dlt stores a state once more in the run behind a drop: it loses the note that it is stored."""
    form = dataset.canonical(file)
    states = form["data"]["_dlt_pipeline_state"]
    versions = [row[0] for row in states["rows"]]
    states["rows"] = [row for number, row in enumerate(states["rows"]) if row[0] not in versions[:number]]
    return form


@pytest.mark.parametrize("number", range(CASES))
@pytest.mark.parametrize("kind", KINDS)
def test_a_drop_leaves_what_dlt_leaves(kind, number, tmp_path, dlt):
    load = load_of(kind, number)

    file = loads.weir_all(tmp_path / "weir", load, emit="json")

    expected = loads.dlt_all(dlt, tmp_path / "dlt", load)
    dataset.check_equal(without_repeated_states(file), without_repeated_states(expected))
    dataset.check_equal(dataset.definitions(file), dataset.definitions(expected))


def test_what_dlt_has_loaded_is_restored_and_gone_on_with(tmp_path, dlt):
    load = {
        "pipeline": "turns",
        "dataset": "data",
        "resources": [{"name": "counted", "count": 2}, {"name": "seen", "incremental": {"cursor_path": "id"}}],
        "runs": [{"seen": [{"id": 1}, {"id": 2}]}, {"seen": [{"id": 2}, {"id": 3}]}],
    }
    folder = tmp_path / "weir"
    for engine in (folder, tmp_path / "dlt"):
        engine.mkdir()
        dlt.run(load, 0, engine, engine / "dlt")

    weir.run(folder, "pipeline", "sync", "turns", "--destination", "duckdb", "--dataset", "data")

    home = folder / ".weir" / "pipelines" / "turns"
    [[stored]] = dataset.query(folder / "turns.duckdb", "SELECT state FROM data._dlt_pipeline_state")
    [[schema]] = dataset.query(folder / "turns.duckdb", "SELECT schema FROM data._dlt_version ORDER BY version DESC LIMIT 1")
    assert json.loads((home / "state.json").read_text()) == dataset.decode_state(stored)
    assert json.loads((home / "schemas" / "turns.schema.json").read_text()) == json.loads(schema)
    loads.weir_run(folder, load, 1)
    dlt.run(load, 1, tmp_path / "dlt", tmp_path / "dlt" / "dlt")
    dataset.check_same(folder / "turns.duckdb", tmp_path / "dlt" / "turns.duckdb")
