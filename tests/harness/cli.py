"""What the tests of the command line share: files to run, and what a failure must look like."""

from harness import weir

DONE, FAILED, USAGE, CONFIGURATION = 0, 1, 2, 3

PIPELINE = """#include <weir.h>

static weir_status items(weir_ctx *cx, weir_rows *rows)
{
    WEIR_TRY(weir_emit(rows, weir_kv("id", 1), weir_kv("name", "Ada")));
    return weir_emit(rows, weir_kv("id", 2), weir_kv("name", "Grace"));
}

static const weir_pipeline orders = {
    .name = "orders",
    .destination = "duckdb",
    .dataset = "shop",
    .resources = WEIR_RESOURCES({ "items", items }),
};

WEIR_REGISTER(orders);
"""

# Says "ready" from inside the extraction, then emits until it is told to stop, or the file "go" is there.
ENDLESS = """#include <stdio.h>
#include <unistd.h>
#include <weir.h>

static weir_status items(weir_ctx *cx, weir_rows *rows)
{
    puts("ready");
    while (access("go", F_OK) != 0) {
        WEIR_TRY(weir_emit(rows, weir_kv("id", 1)));
        usleep(1000);
    }
    return WEIR_OK;
}

static const weir_pipeline endless = {
    .name = "endless",
    .destination = "duckdb",
    .resources = WEIR_RESOURCES({ "items", items }),
};

WEIR_REGISTER(endless);
"""


def main_function(body, before=""):
    return f"#include <stdio.h>\n#include <weir.h>\n\n{before}\nweir_status weir_main(weir_ctx *cx)\n{{\n{body}\n}}\n"


HELLO = main_function('    puts("hello");\n    return WEIR_OK;')


def write(folder, text, name="file.c"):
    (folder / name).write_text(text)
    return name


def run_text(folder, text, **options):
    return weir.run(folder, "run", write(folder, text), **options)


def check_said(result, status, message, hint=None):
    """Exactly one error, at the end, with this message and hint (a part of it)."""
    assert result.status == status, result
    lines = result.err.splitlines()
    errors = [number for number, line in enumerate(lines) if line.startswith("weir: error: ")]
    assert len(errors) == 1, result
    assert lines[errors[0]] == f"weir: error: {message}", result
    if hint:
        assert hint in lines[errors[0] + 1] and lines[errors[0] + 1].startswith("  hint: "), result
