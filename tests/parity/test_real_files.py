"""JSON that other programs made, as it is on this machine, through `weir copy` and through dlt 1.31."""

import importlib.metadata
import importlib.resources
import json
import subprocess
from pathlib import Path

import duckdb
import pytest
from harness import beside, weir
from harness.runs import Case, File, Run

CMAKE = "/usr/share/cmake-*/"
PROGRAM = """struct point { int x, y; };
static int add(int a, int b) { return a + b * 2; }
int main(void) { struct point p = { 1, 2 }; for (int i = 0; i < 3; i++) p.x = add(p.x, i); return p.x > 3 ? p.y : 0; }
"""


def one(pattern):
    """The only file of a pattern."""
    path = Path(pattern)
    (found,) = Path(path.anchor).glob(str(path.relative_to(path.anchor)))
    return found


def file(pattern):
    document = json.loads(one(pattern).read_bytes())
    return document if isinstance(document, list) else [document]


def flags(tool):
    return file(f"{CMAKE}Templates/MSBuild/FlagTables/{tool}.json")


def pairs(document):
    """An object of many names as rows."""
    return [
        {"name": name, **(value if isinstance(value, dict) else {"value": value})} for name, value in document.items()
    ]


def parts(package):
    """What a Python package says it is made of (a CycloneDX document)."""
    files = [path for path in importlib.metadata.files(package) if path.name.endswith("cyclonedx.json")]
    return [json.loads(path.locate().read_bytes()) for path in files]


def countries():
    folder = importlib.resources.files("countryinfo") / "data"
    return [json.loads(path.read_bytes()) for path in sorted(folder.iterdir(), key=str) if path.name.endswith(".json")]


def packages():
    """What is installed here. The description is all of a README."""
    return [found.metadata.json for found in sorted(importlib.metadata.distributions(), key=lambda found: found.name)]


def functions():
    """Some of DuckDB's catalogue of functions, with their lists of parameters."""
    listed = duckdb.sql(
        "SELECT to_json(f)::VARCHAR FROM duckdb_functions() f WHERE schema_name = 'main' ORDER BY 1 LIMIT 1500"
    )
    return [json.loads(text) for (text,) in listed.fetchall()]


def said_by(*command, text=None):
    return json.loads(subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout)


def syntax():
    """The tree of a C program; node ids are addresses."""
    return [said_by("clang-14", "-x", "c", "-fsyntax-only", "-Xclang", "-ast-dump=json", "-", text=PROGRAM)]


CASES = {
    "countries": (lambda: countries()[:60], None),
    "countries_flat": (countries, 1),
    "country_provinces": (
        lambda: [{"name": country["name"], "provinces": country.get("provinces")} for country in countries()],
        None,
    ),
    "packages": (packages, None),
    "parts_of_orjson": (lambda: parts("orjson"), None),
    "parts_of_pendulum": (lambda: [part for document in parts("pendulum") for part in document["components"]], None),
    "flags_of_compilers": (lambda: flags("v143_CL") + flags("v143_CSharp"), None),
    "flags_of_linkers": (lambda: flags("v143_Link") + flags("v10_LIB"), None),
    "flags_of_cuda": (lambda: flags("v10_Cuda"), 0),
    "schema_of_presets": (lambda: file(f"{CMAKE}Help/manual/presets/schema.json"), 3),
    "definitions_of_presets": (lambda: pairs(file(f"{CMAKE}Help/manual/presets/schema.json")[0]["definitions"]), 2),
    "presets": (lambda: file(weir.ROOT / "CMakePresets.json"), None),
    "capabilities": (lambda: [said_by("cmake", "-E", "capabilities")], None),
    "functions": (functions, None),
    "syntax": (syntax, None),
    "syntax_flat": (syntax, 4),
}


@pytest.mark.parametrize("name", CASES)
def test_real_files_land_as_with_dlt(name, both):
    documents, nesting = CASES[name]
    lines = [json.dumps(document, ensure_ascii=False) for document in documents()]
    assert lines

    case = Case("real", name, [Run([File(lines)]), Run([File(lines[: len(lines) // 2 + 1])])], nesting=nesting)
    outcome = both.compare(case)

    assert not outcome.refused
    assert not outcome.differences, beside.described(case, outcome.differences)
