/* JSON lines to Arrow batches, all duties included, against what yyjson alone takes to parse the same lines and to visit
 * each value. In turns, on one thread; reading the file is not counted.
 *
 * usage: bench-batches FILE TIMES
 *
 * Prints a line for each turn: seconds of CPU of yyjson, of weir, then rows, tables and bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <yyjson.h>

#include "base/ctx.h"
#include "base/str.h"
#include "pipeline/load.h"
#include "pipeline/normalize.h"

/* ---- frames: about a megabyte of whole lines ---- */

enum { BLOCK = 1 << 20, LINE_MAX_BYTES = 1 << 20 };

typedef struct reader {
    FILE *file;
    char block[BLOCK + LINE_MAX_BYTES];
    size_t filled;
    char text[BLOCK + LINE_MAX_BYTES + WR_JSON_PADDING]; /* is parsed in place */
    wr_frame frame;
} reader;

static void fail(const char *what)
{
    fprintf(stderr, "bench-batches: %s\n", what);
    exit(1);
}

static void rewind_reader(reader *r)
{
    rewind(r->file);
    r->filled = 0;
    r->frame = (wr_frame){
        .kind = WR_FRAME_JSON,
        .resource = wr_lit("events"),
        .table = wr_lit("events"),
        .content = r->text,
    };
}

static size_t behind_last_line(const char *text, size_t len)
{
    const char *end = memrchr(text, '\n', len);
    return end ? (size_t)(end - text) + 1 : 0;
}

static uint32_t count_lines(const char *text, size_t len)
{
    uint32_t ret = 0;
    for (size_t i = 0; i < len; i++)
        ret += text[i] == '\n';
    return ret;
}

/* False at the end of the file. */
static bool next_frame(reader *r)
{
    if (r->frame.len)
        r->frame.number++;
    r->filled += fread(r->block + r->filled, 1, sizeof(r->block) - r->filled, r->file);
    const size_t wanted = r->filled < BLOCK ? r->filled : BLOCK;
    size_t len = behind_last_line(r->block, wanted);
    if (len == 0 && r->filled > 0)
        fail("a line is longer than a megabyte, or the last one has no end");
    memcpy(r->text, r->block, len);
    memset(r->text + len, 0, WR_JSON_PADDING);
    memmove(r->block, r->block + len, r->filled - len);
    r->filled -= len;
    r->frame.first_row += r->frame.rows;
    r->frame.len = len;
    r->frame.rows = count_lines(r->text, len);
    return len > 0;
}

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- yyjson alone ---- */

/* Look at each value, as somebody who wants it would. */
static uint64_t visit(yyjson_val *value);

static uint64_t visit_object(yyjson_val *object)
{
    uint64_t ret = 0;
    yyjson_obj_iter members = yyjson_obj_iter_with(object);
    for (yyjson_val *key = yyjson_obj_iter_next(&members); key;
         key = yyjson_obj_iter_next(&members))
        ret += yyjson_get_len(key) + visit(yyjson_obj_iter_get_val(key));
    return ret;
}

static uint64_t visit_array(yyjson_val *array)
{
    uint64_t ret = 0;
    yyjson_arr_iter elements = yyjson_arr_iter_with(array);
    for (yyjson_val *v = yyjson_arr_iter_next(&elements); v; v = yyjson_arr_iter_next(&elements))
        ret += visit(v);
    return ret;
}

static uint64_t visit(yyjson_val *value)
{
    switch (yyjson_get_type(value)) {
    case YYJSON_TYPE_OBJ: return visit_object(value);
    case YYJSON_TYPE_ARR: return visit_array(value);
    case YYJSON_TYPE_STR: return yyjson_get_len(value) + (uint64_t)*yyjson_get_str(value);
    case YYJSON_TYPE_NUM: return yyjson_get_uint(value);
    default: return 1;
    }
}

static volatile uint64_t visited; /* so that no compiler leaves the visits out */

static void parse_bare(const wr_frame *frame, const yyjson_alc *memory)
{
    const yyjson_read_flag flags = YYJSON_READ_INSITU | YYJSON_READ_STOP_WHEN_DONE;
    size_t at = 0;
    while (at < frame->len) {
        if (frame->content[at] == '\n') {
            at++;
            continue;
        }
        yyjson_doc *doc =
            yyjson_read_opts(frame->content + at, frame->len - at, flags, memory, NULL);
        if (!doc)
            fail("a line is no JSON");
        visited = visited + visit(yyjson_doc_get_root(doc));
        at += yyjson_doc_get_read_size(doc);
        yyjson_doc_free(doc);
    }
}

static double time_bare(reader *r)
{
    const size_t size = yyjson_read_max_memory_usage(sizeof(r->text), YYJSON_READ_INSITU);
    char *block = malloc(size);
    yyjson_alc memory;
    if (!block || !yyjson_alc_pool_init(&memory, block, size))
        fail("no memory");
    double ret = 0;
    rewind_reader(r);
    while (next_frame(r)) {
        const double start = cpu_seconds();
        parse_bare(&r->frame, &memory);
        ret += cpu_seconds() - start;
    }
    free(block);
    return ret;
}

/* ---- weir ---- */

typedef struct normalizing {
    weir_ctx cx;
    wr_normalizer *normalizer;
    wr_schema *schema;
    wr_normalized result;
    int64_t rows;
} normalizing;

static void check(normalizing *n, weir_status status)
{
    if (status != WEIR_OK)
        fail(weir_error_message(&n->cx));
}

static void begin(normalizing *n)
{
    static const char table[] = "{\"name\":\"events\",\"columns\":{},\"write_disposition\":"
                                "\"append\",\"resource\":\"events\"}";
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *document = NULL;
    wr_normalizer_args args = {
        .load_id = wr_lit("1732440000.100000"),
        .max_nesting = WR_MAX_NESTING,
        .strips_nul = true,
        .column_max = WR_COLUMN_MAX,
        .idle_bytes = WR_LOAD_MEMORY / 8,
    };
    wr_ctx_init(&n->cx, NULL);
    args.started = wr_now(&n->cx);
    check(n, wr_naming_find(&n->cx, wr_lit("snake_case"), 0, &args.naming));
    n->schema = wr_schema_new(wr_lit("bench"));
    check(n, wr_node_parse(&n->cx, &arena, weir_str_of(table), &document));
    check(n, wr_schema_merge_table(&n->cx, n->schema, document));
    n->normalizer = wr_normalizer_new(&args);
}

/* As the feed does it: a new snapshot when data brought columns. */
static void evolve(normalizing *n)
{
    if (!n->result.additions.len)
        return;
    wr_schema *next = wr_schema_clone(n->schema);
    for (size_t i = 0; i < n->result.additions.len; i++) {
        const wr_addition *a = &n->result.additions.ptr[i];
        check(n, wr_schema_add_columns(&n->cx, next, a->table, a->parent, a->columns, a->count));
    }
    wr_schema_drop(n->schema);
    n->schema = next;
}

static void take(normalizing *n, wr_frame *frame)
{
    wr_frame_mark mark = { 0 };
    do {
        check(n, wr_normalize(&n->cx, n->normalizer, n->schema, frame, &mark, &n->result));
        evolve(n);
        while (n->result.batches) {
            wr_batch *batch = n->result.batches;
            n->result.batches = batch->next;
            n->rows += batch->rows;
            wr_batch_release(batch);
        }
    } while (!wr_frame_ends(frame, &mark));
}

static void end(normalizing *n)
{
    wr_normalized_done(&n->result);
    wr_normalizer_free(n->normalizer);
    wr_schema_drop(n->schema);
    wr_ctx_done(&n->cx);
}

static double time_weir(reader *r, int64_t *ret_rows, size_t *ret_tables)
{
    normalizing n = { 0 };
    double start = cpu_seconds();
    begin(&n);
    double ret = cpu_seconds() - start;
    rewind_reader(r);
    while (next_frame(r)) {
        start = cpu_seconds();
        take(&n, &r->frame);
        ret += cpu_seconds() - start;
    }
    *ret_rows = n.rows;
    *ret_tables = n.schema->tables.len - 2; /* dlt's own two */
    end(&n);
    return ret;
}

int main(int argc, char **argv)
{
    static reader r;
    if (argc != 3) {
        fputs("usage: bench-batches FILE TIMES\n", stderr);
        return 2;
    }
    r.file = fopen(argv[1], "rb");
    if (!r.file)
        fail("cannot open the file");
    for (long left = strtol(argv[2], NULL, 10); left > 0; left--) {
        int64_t rows;
        size_t tables;
        const double bare = time_bare(&r);
        const double weir = time_weir(&r, &rows, &tables);
        printf("%.6f %.6f %lld %zu %ld\n", bare, weir, (long long)rows, tables, ftell(r.file));
    }
    return fclose(r.file);
}
