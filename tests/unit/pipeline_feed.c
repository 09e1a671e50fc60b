/* The feed: any number of workers gives what one gives, byte for byte. */
#include "pipeline/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ctx.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

#define FRAMES 60
#define ROWS 40

/* Frames of rows whose keys and types drift: made anew for each number, from the number alone. */
typedef struct drifting {
    int next;
    int broken; /* this frame has a line that is no JSON; -1: none */
    int spoilt; /* each row whose number it divides is no JSON, and goes to the quarantine; 0: none */
} drifting;

static uint64_t mixed(uint64_t x)
{
    x ^= x >> 31;
    x *= UINT64_C(0x9E3779B97F4A7C15);
    return x ^ x >> 29;
}

static void add_row(wr_buf *out, int frame, int row)
{
    const uint64_t r = mixed((uint64_t)frame * 1000 + (uint64_t)row + 1);
    wr_buf_printf(out, "{\"id\":%d,\"key_%llu\":%llu", frame * ROWS + row,
                  (unsigned long long)(r % (uint64_t)(frame + 1)), (unsigned long long)(r >> 40));
    if (r % 3 == 0)
        wr_buf_printf(out, ",\"drift\":%s", r % 9 == 0 ? "\"text\"" : r % 6 == 0 ? "1.5" : "7");
    if (r % 5 == 0)
        wr_buf_printf(out, ",\"list_%llu\":[1,{\"x_%llu\":true}]", (unsigned long long)(r % 4),
                      (unsigned long long)(r >> 20 & 7));
    if (r % 7 == 0)
        wr_buf_printf(out, ",\"o\":{\"a_%llu\":\"2024-01-02T03:04:05Z\"}",
                      (unsigned long long)(r >> 10 & 3));
    wr_buf_cstr(out, "}\n");
}

static weir_status next_frame(weir_ctx *cx, void *self, wr_frame **ret)
{
    (void)cx;
    drifting *d = self;
    if (d->next == FRAMES) {
        *ret = NULL;
        return WEIR_OK;
    }
    wr_auto(buf) wr_buf out = wr_buf_max(1 << 20);
    for (int row = 0; row < ROWS; row++) {
        add_row(&out, d->next, row);
        if (d->spoilt && (d->next * ROWS + row) % d->spoilt == 0)
            out.ptr[out.len - 2] = ']';
    }
    if (d->next == d->broken)
        out.ptr[out.len / 2] = '\x01';
    wr_frame *frame = wr_alloc(sizeof(*frame) + out.len + WR_JSON_PADDING);
    *frame = (wr_frame){
        .number = (uint64_t)d->next++,
        .kind = d->spoilt ? WR_FRAME_LINES : WR_FRAME_JSON,
        .rows = ROWS,
        .resource = wr_lit("t"),
        .table = wr_lit("t"),
        .input = wr_lit("t.jsonl"),
        .place = wr_lit("{\"line\":1,\"offset\":0}"),
        .content = (char *)(frame + 1),
        .len = out.len,
    };
    memcpy(frame->content, out.ptr, out.len);
    *ret = frame;
    return WEIR_OK;
}

static void frame_done(void *self, wr_frame *frame)
{
    (void)self;
    wr_free(frame);
}

static void hash_builder(wr_sha3 *sha, const weir_column *column, const wr_builder *builder)
{
    wr_sha3_update(sha, column->name.ptr, column->name.len);
    wr_sha3_update(sha, builder->validity, ((size_t)builder->rows + 7) / 8);
    if (builder->layout == WR_LAYOUT_TEXT) {
        wr_sha3_update(sha, builder->offsets, ((size_t)builder->rows + 1) * sizeof(int32_t));
        wr_sha3_update(sha, builder->data, builder->data_len);
    } else if (builder->layout == WR_LAYOUT_BIT) {
        wr_sha3_update(sha, builder->data, ((size_t)builder->rows + 7) / 8);
    } else {
        wr_sha3_update(sha, builder->data, (size_t)builder->rows * 8);
    }
}

/* Cells of a batch in the order of its table's columns: the order in the batch is the worker's, and whether a column
 * without values is in it. */
static void hash_batch(wr_sha3 *sha, const wr_fed *fed)
{
    const wr_table *table = wr_schema_table(fed->schema, fed->batch->table);
    wr_sha3_update(sha, fed->batch->table.ptr, fed->batch->table.len);
    for (size_t i = 0; i < table->pub.column_count; i++) {
        for (size_t k = 0; k < fed->batch->columns.len; k++) {
            const wr_builder *builder = &fed->batch->builders.ptr[k];
            if (wr_str_eq(fed->batch->columns.ptr[k].name, table->pub.columns[i].name) &&
                builder->nulls < builder->rows)
                hash_builder(sha, &fed->batch->columns.ptr[k], builder);
        }
    }
}

static const char PLAIN[] =
    "{\"columns\":{},\"write_disposition\":\"append\",\"name\":\"t\",\"resource\":\"t\"}";

static wr_schema *announced(weir_ctx *cx, const char *table)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_schema *schema = wr_schema_new(wr_lit("test"));
    wr_node *doc = NULL;
    if (wr_node_parse(cx, &arena, weir_str_of(table), &doc) != WEIR_OK ||
        wr_schema_merge_table(cx, schema, doc) != WEIR_OK)
        abort();
    return schema;
}

typedef struct setting {
    const char *table;
    size_t workers;
    int broken;
    int spoilt;
    wr_quarantine *quarantine;
    size_t part_cells;
} setting;

/* What a feed gives: a digest of all batches, the losses and the schema; the status of its end. */
static weir_status digest(weir_ctx *cx, setting how, char ret[WR_DIGEST256_TEXT],
                          int64_t *ret_redone)
{
    drifting source = { .broken = how.broken, .spoilt = how.spoilt };
    wr_schema *schema = announced(cx, how.table);
    wr_feed_args args = {
        .normalizer = { .load_id = wr_lit("1700000000.1"),
                        .max_nesting = WR_MAX_NESTING,
                        .column_max = WR_COLUMN_MAX,
                        .part_cells = how.part_cells,
                        .idle_bytes = (size_t)1 << 20 },
        .frames = { next_frame, frame_done, &source },
        .quarantine = how.quarantine,
        .schema = schema,
        .workers = how.workers,
        .budget = (size_t)1 << 20,
    };
    WEIR_TRY(wr_naming_find(cx, wr_lit("snake_case"), 0, &args.normalizer.naming));
    wr_feed feed = { 0 };
    weir_status status = wr_feed_start(cx, &feed, &args);
    wr_sha3 sha;
    wr_sha3_256_init(&sha);
    while (status == WEIR_OK) {
        void *item = NULL;
        size_t size = 0;
        status = wr_queue_receive(cx, feed.queue, &item, &size);
        if (status != WEIR_OK || !item)
            break;
        hash_batch(&sha, item);
        wr_fed_release(item);
    }
    wr_schema *last = NULL;
    if (status == WEIR_OK)
        status = wr_feed_finish(cx, &feed, &last);
    if (status == WEIR_OK) {
        wr_auto(buf) wr_buf json = wr_buf_max(1 << 22);
        wr_schema_write(&json, last, WR_JSON_COMPACT);
        for (size_t i = 0; i < feed.losses.tables.len; i++) {
            const wr_table_losses *lost = feed.losses.tables.entries[i].value;
            wr_buf_printf(&json, "%.*s %lld %lld %zu,", WR_STR(lost->table), (long long)lost->rows,
                          (long long)lost->values, lost->nulls.len);
        }
        wr_sha3_update(&sha, json.ptr, json.len);
        wr_digest256_of(ret, &sha);
        *ret_redone = feed.redone;
    }
    wr_schema_drop(last);
    wr_feed_close(cx, &feed);
    wr_schema_drop(schema);
    return status;
}

/* Any number of workers gives what one gives; several have to do frames again. */
static void check_workers(const char *table, size_t part_cells)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    char one[WR_DIGEST256_TEXT];
    int64_t redone = 0;
    setting how = { .table = table, .workers = 1, .broken = -1, .part_cells = part_cells };
    CHECK_OK(digest(&cx, how, one, &redone));
    CHECK_INT(redone, 0);

    static const size_t counts[] = { 2, 3, 8 };
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
        char many[WR_DIGEST256_TEXT];
        how.workers = counts[i];
        CHECK_OK(digest(&cx, how, many, &redone));
        CHECK_STR(many, one);
        CHECK(redone > 0);
    }
}

TEST(one_two_and_eight_workers_give_the_same_bytes_of_drifting_rows)
{
    check_workers(PLAIN, 0);
}

TEST(any_number_of_workers_cuts_frames_into_the_same_parts)
{
    check_workers(PLAIN, 100);
}

TEST(any_number_of_workers_discards_the_same_rows)
{
    check_workers("{\"columns\":{},\"schema_contract\":{\"data_type\":\"discard_row\"},"
                  "\"name\":\"t\",\"resource\":\"t\",\"write_disposition\":\"append\"}",
                  0);
    check_workers("{\"columns\":{\"id\":{\"name\":\"id\",\"data_type\":\"bigint\"}},"
                  "\"schema_contract\":{\"columns\":\"evolve\",\"data_type\":\"discard_value\","
                  "\"tables\":\"discard_row\"},"
                  "\"name\":\"t\",\"resource\":\"t\",\"write_disposition\":\"append\"}",
                  0);
}

TEST(any_number_of_workers_makes_the_same_ids_of_keys)
{
    check_workers("{\"columns\":{\"id\":{\"name\":\"id\",\"nullable\":false,\"primary_key\":true}},"
                  "\"x-merge-strategy\":\"upsert\",\"write_disposition\":\"merge\","
                  "\"name\":\"t\",\"resource\":\"t\"}",
                  0);
}

TEST(a_broken_row_is_reported_alike_by_any_number_of_workers)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    char text[WR_DIGEST256_TEXT];
    int64_t redone = 0;
    CHECK_INT(digest(&cx, (setting){ PLAIN, 1, .broken = 33 }, text, &redone), WEIR_PARSE);
    char message[512];
    snprintf(message, sizeof(message), "%s", weir_error_message(&cx));

    weir_error_clear(&cx);
    CHECK_INT(digest(&cx, (setting){ PLAIN, 8, .broken = 33 }, text, &redone), WEIR_PARSE);
    CHECK_STR(weir_error_message(&cx), message);
}

/* What a feed gives of rows of which each seventh is bad: its digest, and the quarantine's file. */
static weir_status digest_spoilt(weir_ctx *cx, wr_arena *arena, size_t workers,
                                 char ret[WR_DIGEST256_TEXT], weir_str *ret_file)
{
    wr_auto(home) wr_home home = { .dir = -1, .lock = -1 };
    bool found = false;
    setenv("WEIR_DATA_DIR", test_tempdir(), 1);
    WEIR_TRY(wr_home_open(cx, arena, wr_lit("feed"), true, &home, &found));
    unsetenv("WEIR_DATA_DIR");

    const wr_package package = { .load_id = wr_arena_printf(arena, "%zu", workers) };
    wr_quarantine quarantine;
    wr_quarantine_begin(&quarantine, &home, &package);
    const setting how = { PLAIN, workers, .broken = -1, .spoilt = 7, .quarantine = &quarantine };
    int64_t redone = 0;
    weir_status status = digest(cx, how, ret, &redone);
    if (quarantine.rows != (FRAMES * ROWS + 6) / 7)
        abort();
    if (status == WEIR_OK)
        status = wr_file_read(cx, arena, quarantine.dir, WR_BAD_ROWS, ret_file, &found);
    wr_quarantine_end(&quarantine);
    return status;
}

TEST(any_number_of_workers_puts_the_same_lines_into_the_same_quarantine)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    wr_ctx_init(&cx, NULL);
    char one[WR_DIGEST256_TEXT];
    char many[WR_DIGEST256_TEXT];
    weir_str one_file;
    weir_str many_file;
    CHECK_OK(digest_spoilt(&cx, &arena, 1, one, &one_file));
    CHECK_OK(digest_spoilt(&cx, &arena, 8, many, &many_file));

    CHECK_STR(many, one);
    CHECK_TEXT(many_file, one_file.ptr);
}
