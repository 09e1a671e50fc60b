/* What DuckDB takes for the rows of bench/rows/rows.c when they are at hand as Arrow batches, in the columns that weir
 * makes of them: one INSERT … SELECT from a stream, in one transaction. Prints the seconds, wall and CPU, from opening the
 * library to the closed file; the batches are made before.
 *
 * usage: bench-bare_insert LIBDUCKDB FILE ROWS   (the file is called bench.duckdb) */
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <weir/arrow.h>

#include "duck.h"
#include "rows/values.h"

enum { BATCH_ROWS = 8192, COLUMNS = 10 };

static const struct {
    const char *name;
    const char *format; /* of Arrow */
    const char *type;   /* of DuckDB */
} columns[COLUMNS] = {
    { "id", "l", "BIGINT" },
    { "name", "u", "VARCHAR" },
    { "price", "g", "DOUBLE" },
    { "active", "b", "BOOLEAN" },
    { "at", "tsu:UTC", "TIMESTAMP WITH TIME ZONE" },
    { "city", "u", "VARCHAR" },
    { "quantity", "l", "BIGINT" },
    { "note", "u", "VARCHAR" },
    { "_dlt_load_id", "u", "VARCHAR NOT NULL" },
    { "_dlt_id", "u", "VARCHAR NOT NULL" },
};

/* ---- one batch ---- */

typedef struct cells {
    void *fixed; /* int64_t, double, or bits */
    int32_t *ends;
    char *text;
    struct ArrowArray array;
    const void *buffers[3];
} cells;

typedef struct batch {
    cells columns[COLUMNS];
    struct ArrowArray *children[COLUMNS];
    struct ArrowArray array;
    const void *buffers[1];
} batch;

static void *take(size_t size)
{
    void *ret = calloc(1, size);
    duck_check(!ret, "memory");
    return ret;
}

static void released(struct ArrowArray *array)
{
    array->release = NULL; /* batches live as long as the program */
}

static void cells_init(cells *c, const char *format, int64_t rows)
{
    const int is_text = format[0] == 'u';
    c->fixed = is_text ? NULL : take((size_t)rows * 8);
    c->ends = is_text ? take(((size_t)rows + 1) * sizeof(int32_t)) : NULL;
    c->text = is_text ? take((size_t)rows * VALUE_TEXT_MAX) : NULL;
    c->buffers[1] = is_text ? (void *)c->ends : c->fixed;
    c->buffers[2] = c->text;
    c->array = (struct ArrowArray){
        .length = rows,
        .n_buffers = is_text ? 3 : 2,
        .buffers = c->buffers,
        .release = released,
    };
}

static void put_text(cells *c, int64_t row, const char *text)
{
    const size_t len = strlen(text);
    memcpy(c->text + c->ends[row], text, len);
    c->ends[row + 1] = c->ends[row] + (int32_t)len;
}

/* As long, and as hard to compress, as an id that weir makes. */
static void make_row_id(int64_t id, char ret[15])
{
    uint64_t random = ((uint64_t)id + 1) * UINT64_C(0x9E3779B97F4A7C15);
    for (int i = 0; i < 14; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        ret[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[random % 64];
    }
    ret[14] = '\0';
}

static void put_row(cells *c, int64_t row, int64_t id)
{
    const values v = values_of(id);
    char row_id[15];
    make_row_id(id, row_id);

    ((int64_t *)c[0].fixed)[row] = id;
    put_text(&c[1], row, v.name);
    ((double *)c[2].fixed)[row] = v.price;
    if (v.active)
        ((uint8_t *)c[3].fixed)[row / 8] =
            (uint8_t)(((uint8_t *)c[3].fixed)[row / 8] | 1 << row % 8);
    ((int64_t *)c[4].fixed)[row] = v.at;
    put_text(&c[5], row, v.city);
    ((int64_t *)c[6].fixed)[row] = v.quantity;
    put_text(&c[7], row, v.note);
    put_text(&c[8], row, "1732440000.100000");
    put_text(&c[9], row, row_id);
}

static batch *batch_new(int64_t first, int64_t rows)
{
    batch *b = take(sizeof(*b));
    for (int i = 0; i < COLUMNS; i++) {
        cells_init(&b->columns[i], columns[i].format, rows);
        b->children[i] = &b->columns[i].array;
    }
    for (int64_t row = 0; row < rows; row++)
        put_row(b->columns, row, first + row);
    b->array = (struct ArrowArray){
        .length = rows,
        .n_buffers = 1,
        .buffers = b->buffers,
        .n_children = COLUMNS,
        .children = b->children,
        .release = released,
    };
    return b;
}

/* ---- the stream ---- */

typedef struct source {
    batch **batches;
    int64_t count;
    int64_t next;
} source;

static void schema_released(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *ret)
{
    static struct ArrowSchema children[COLUMNS];
    static struct ArrowSchema *pointers[COLUMNS];
    (void)stream;
    for (int i = 0; i < COLUMNS; i++) {
        children[i] = (struct ArrowSchema){
            .format = columns[i].format,
            .name = columns[i].name,
            .flags = ARROW_FLAG_NULLABLE,
            .release = schema_released,
        };
        pointers[i] = &children[i];
    }
    *ret = (struct ArrowSchema){
        .format = "+s",
        .name = "",
        .n_children = COLUMNS,
        .children = pointers,
        .release = schema_released,
    };
    return 0;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *ret)
{
    source *s = stream->private_data;
    *ret = s->next < s->count ? s->batches[s->next++]->array : (struct ArrowArray){ 0 };
    return 0;
}

static const char *last_error(struct ArrowArrayStream *stream)
{
    (void)stream;
    return NULL;
}

static void stream_released(struct ArrowArrayStream *stream)
{
    stream->release = NULL;
}

/* ---- the load ---- */

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void create_table(void *connection)
{
    char sql[1024] = "CREATE TABLE rows (";
    for (int i = 0; i < COLUMNS; i++) {
        const size_t len = strlen(sql);
        snprintf(sql + len, sizeof(sql) - len, "%s\"%s\" %s", i ? ", " : "", columns[i].name,
                 columns[i].type);
    }
    strncat(sql, ")", sizeof(sql) - strlen(sql) - 1);
    duck_run(connection, sql);
}

static void insert(const char *file, struct ArrowArrayStream *stream)
{
    duck_session session = duck_begin(file);
    void *connection = session.connection;
    create_table(connection);
    duck_run(connection, "ATTACH ':memory:' AS stage; USE stage");
    duck_check(duck_arrow_scan(connection, "batches", stream), "arrow scan");
    duck_run(connection, "USE bench");

    duck_run(connection, "BEGIN");
    duck_run(connection, "INSERT INTO rows SELECT * FROM stage.main.batches");
    duck_run(connection, "COMMIT");
    duck_end(&session);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("usage: bench-bare_insert LIBDUCKDB FILE ROWS\n", stderr);
        return 2;
    }
    const int64_t rows = strtoll(argv[3], NULL, 10);
    source s = { .count = (rows + BATCH_ROWS - 1) / BATCH_ROWS };
    s.batches = take((size_t)s.count * sizeof(*s.batches));
    for (int64_t i = 0; i < s.count; i++)
        s.batches[i] =
            batch_new(i * BATCH_ROWS,
                      rows - i * BATCH_ROWS < BATCH_ROWS ? rows - i * BATCH_ROWS : BATCH_ROWS);
    struct ArrowArrayStream stream = {
        .get_schema = get_schema,
        .get_next = get_next,
        .get_last_error = last_error,
        .release = stream_released,
        .private_data = &s,
    };

    const double wall = seconds(CLOCK_MONOTONIC);
    const double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    duck_load(argv[1]);
    insert(argv[2], &stream);
    printf("%.6f %.6f\n", seconds(CLOCK_MONOTONIC) - wall, seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    return 0;
}
