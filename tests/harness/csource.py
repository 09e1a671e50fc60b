"""Writes a load, given as resources and the rows of each run, as the C file that a user would write."""

import datetime
import json
from decimal import Decimal

from harness import typed

PIPELINE = """#include <weir.h>

{functions}
weir_status weir_main(weir_ctx *cx)
{{
    weir_load_info info;
    WEIR_TRY(weir_pipeline_run(
        cx, &(weir_pipeline){{ .name = {pipeline}, .destination = {destination}, .dataset = {dataset}{paths} }},
        .resources = WEIR_RESOURCES({resources}){refresh}, .info = &info));
    weir_print(&info);
    return WEIR_OK;
}}
"""

RESOURCE = """static weir_status {function}(weir_ctx *cx, weir_rows *rows)
{{
    (void)cx;
{body}}}
"""

COUNTER = """    const weir_value last = weir_state_get(rows, "last");
    const int64_t first = last.kind == WEIR_INT ? last.as.i : 0;
    for (int64_t i = 1; i <= {count}; i++)
        WEIR_TRY(weir_emit(rows, weir_kv("id", first + i)));
    return weir_state_set(rows, "last", weir_int(first + {count}));
"""


def literal(text):
    """A C string literal of any text; every byte outside printable ASCII is an octal escape."""
    plain = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _-+*/.,:;<>=()[]{}!#$%&'@^`|~"
    return '"' + "".join(chr(b) if b in plain else f"\\{b:03o}" for b in text.encode()) + '"'


def text_value(text):
    return f"(weir_str){{ {literal(text)}, {len(text.encode())} }}"


def cell(value):
    """The C expression of one cell."""
    value = typed.decode(value)
    if value is None:
        return "weir_null()"
    if isinstance(value, bool):
        return f"weir_bool({str(value).lower()})"
    if isinstance(value, int):
        return f"weir_int(INT64_C({value}))" if value > -(2**63) else "weir_int(INT64_MIN)"
    if isinstance(value, float):
        return f"weir_float({value!r})"
    if isinstance(value, str):
        return f"weir_text({text_value(value)})"
    if isinstance(value, Decimal):
        return f"weir_decimal({literal(str(value))})"
    if isinstance(value, bytes):
        escaped = "".join(f"\\{b:03o}" for b in value)
        return f'weir_bytes("{escaped}", {len(value)})'
    if isinstance(value, datetime.datetime):
        return f"weir_timestamp(INT64_C({(value - typed.EPOCH) // datetime.timedelta(microseconds=1)}))"
    if isinstance(value, datetime.date):
        return f"weir_date({(value - typed.EPOCH.date()).days})"
    if isinstance(value, datetime.time):
        seconds = value.hour * 3600 + value.minute * 60 + value.second
        return f"weir_time_of_day(INT64_C({seconds * 1_000_000 + value.microsecond}))"
    return f"weir_json_text({text_value(json.dumps(value, ensure_ascii=False))})"


def emit_cells(row):
    cells = ", ".join(f"weir_field_of({literal(name)}, {cell(value)})" for name, value in row.items())
    return f"    WEIR_TRY(weir_emit(rows, {cells}));\n"


def emit_json(value):
    return f"    WEIR_TRY(weir_emit_json(rows, {text_value(json.dumps(value, ensure_ascii=False))}));\n"


def body(resource, rows, emit):
    """No rows are an empty page, however rows are emitted: dlt gets a list, too."""
    if "count" in resource:
        return COUNTER.format(count=resource["count"])
    if not rows:
        return emit_json([]) + "    return WEIR_OK;\n"
    if emit == "cells":
        return "".join(map(emit_cells, rows)) + "    return WEIR_OK;\n"
    if emit == "json":
        return "".join(map(emit_json, rows)) + "    return WEIR_OK;\n"
    assert emit == "page"
    return emit_json(rows) + "    return WEIR_OK;\n"


NOT_HINTS = ("name", "count", "primary_key", "table_name", "table_name_field")


def hints_of(resource):
    """dlt's arguments for which the struct has no field."""
    hints = {key: value for key, value in resource.items() if key not in NOT_HINTS}
    if hints.get("write_disposition") in ("append", "replace"):
        del hints["write_disposition"]
    return hints


def definition(resource, function):
    parts = [literal(resource["name"]), function]
    if resource.get("write_disposition") == "replace":
        parts.append(".write = WEIR_REPLACE")
    if "primary_key" in resource:
        keys = resource["primary_key"]
        parts.append(f".primary_key = {literal(keys if isinstance(keys, str) else ','.join(keys))}")
    if "table_name" in resource:
        parts.append(f".table = {literal(resource['table_name'])}")
    if "table_name_field" in resource:
        parts.append(f".table_field = {literal(resource['table_name_field'])}")
    if hints_of(resource):
        parts.append(f".hints = {literal(json.dumps(hints_of(resource)))}")
    return "{ " + ", ".join(parts) + " }"


def chosen(load, run):
    """The resources of a run: those that have an entry in it, where the load says that it `selects`."""
    return [item for item in load["resources"] if not load.get("selects") or item["name"] in load["runs"][run]]


def drops(load, run):
    """What is dropped before a run: a list of arguments, empty for most."""
    return load["drops"][run] if "drops" in load else []


def refresh(load, run):
    return load["refresh"][run] if "refresh" in load else None


def pipeline(load, run, emit="cells"):
    """
    The C text of one run. `load`: {"pipeline", "dataset", "resources", "runs": [{resource: rows}]}, and perhaps "refresh",
    a mode or None for each run. `emit`: rows cell by cell ("cells"), each as JSON ("json"), or all in one JSON list
    ("page").
    """
    mode = refresh(load, run)
    functions, definitions = [], []
    for number, resource in enumerate(chosen(load, run)):
        function = f"resource_{number}"
        rows = load["runs"][run].get(resource["name"], [])
        functions.append(RESOURCE.format(function=function, body=body(resource, rows, emit)))
        definitions.append(definition(resource, function))
    return PIPELINE.format(
        functions="\n".join(functions),
        pipeline=literal(load["pipeline"]),
        destination=literal(load.get("destination", "duckdb")),
        dataset=literal(load["dataset"]),
        paths="".join(
            f", .{path} = {literal(load[path])}" for path in ("import_schema_path", "export_schema_path") if path in load
        ),
        resources=", ".join(definitions),
        refresh=f", .refresh = {literal(mode)}" if mode else "",
    )
