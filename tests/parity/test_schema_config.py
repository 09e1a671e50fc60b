"""The settings of a schema from the configuration, `schema.json_normalizer`, through weir and through dlt 1.31."""

import json

import pytest
from harness import dataset, loads

ROW = {"id": 1, "obj": {"a": 1, "b": {"c": 2}}, "kids": [{"x": 1, "sub": {"z": 1}, "grand": [{"y": 1, "gg": [1]}]}], "lol": [[1, 2], [3]]}
PLACES = ["SCHEMA__JSON_NORMALIZER", "SOURCES__SCHEMA__JSON_NORMALIZER", "SOURCES__SHOP__SCHEMA__JSON_NORMALIZER"]
CONFIGS = {
    "none": ({"max_nesting": 0}, PLACES[0]),
    "one_level": ({"max_nesting": 1}, PLACES[1]),
    "two_levels": ({"max_nesting": 2}, PLACES[2]),
    "root_keys": ({"max_nesting": 3, "root_key_propagation": True}, PLACES[0]),
    "propagation": ({"propagation": {"root": {"id": "shop_id"}}}, PLACES[2]),
    "empty": ({}, PLACES[0]),
}


@pytest.mark.parametrize("config, place", CONFIGS.values(), ids=CONFIGS)
def test_the_normaliser_is_configured_as_in_dlt(config, place, tmp_path, dlt):
    load = {
        "pipeline": "shop",
        "dataset": "data",
        "resources": [{"name": "orders"}],
        "runs": [{"orders": [ROW]}, {"orders": [{**ROW, "id": 2}]}],
    }
    env = {place: json.dumps({"module": "relational", "config": config})}

    file = loads.weir_all(tmp_path / "weir", load, emit="json", **env)

    dataset.check_same(file, loads.dlt_all(dlt, tmp_path / "dlt", load, env=env))
