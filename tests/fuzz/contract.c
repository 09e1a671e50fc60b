/* A schema that evolves at first, then a contract, and more rows: what is not to evolve never grows, rows are dropped or
 * kept but never lost, and where frames end makes no difference. Then a table is announced under the same contract.
 *
 * The first byte is the contract: two bits each for tables, columns and data types, one for where it stands. The second
 * one says where frames end, the third how many rows come before the contract; the rest is what tables and rows are made
 * of. */
#include "schema/contract.h"

#include "../harness/fed.h"
#include "../harness/made.h"
#include "schema/schema_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define FRAMES_MAX 8
#define OF_TABLE 64 /* the contract is the table's, not the schema's */

typedef struct input {
    wr_contract contract;
    bool of_table;
    wr_buf announced; /* a table */
    wr_buf text;
    fed_frame before;
    fed_frame frames[FRAMES_MAX];
    size_t count;
    fed_frame after; /* all of them */
} input;

static const char *const MODES[] = { "evolve", "freeze", "discard_row", "discard_value" };

/* ---- input ---- */

static void make_table(made *m, wr_buf *out)
{
    static const char *const NAMES[] = { FED_TABLE, FED_TABLE "__a", FED_TABLE "__list", "u" };
    static const char *const COLUMNS[] = { "a", "b", "id", "b__v_text", "c", "x", "_dlt_id" };
    static const char *const TYPES[] = { "text", "bigint", "double", "timestamp", "json" };
    const char *name = MADE_PICK(m, NAMES);
    wr_buf_printf(out, "{\"name\":\"%s\",\"columns\":{", name);
    const uint8_t flags = made_byte(m);
    for (size_t i = 0; i < 7; i++) {
        if (!(flags >> i & 1))
            continue;
        const uint8_t hints = made_byte(m);
        wr_buf_printf(out, "%s\"%s\":{\"name\":\"%s\"", flags & ((1 << i) - 1) ? "," : "",
                      COLUMNS[i], COLUMNS[i]);
        if (hints & 1)
            wr_buf_printf(out, ",\"data_type\":\"%s\"", MADE_PICK(m, TYPES));
        wr_buf_printf(out, ",\"nullable\":%s", hints & 2 ? "false" : "true");
        wr_buf_cstr(out, hints & 4 ? ",\"variant\":true}" : "}");
    }
    const bool nested = strchr(name, '_') != NULL;
    wr_buf_printf(out, "},%s}",
                  nested ? "\"parent\":\"" FED_TABLE "\"" : "\"resource\":\"" FED_TABLE "\"");
}

static fed_frame made_frame(made *m, wr_buf *text, size_t rows)
{
    const size_t from = text->len;
    fed_frame ret = { .kind = WR_FRAME_JSON };
    for (; ret.rows < rows && made_left(m) && text->len < (1 << 13); ret.rows++) {
        made_row(m, text);
        wr_buf_char(text, '\n');
    }
    ret.lines = (weir_str){ text->ptr + from, text->len - from };
    return ret;
}

/* Frames of one to eight rows. */
static void make_frames(input *in, made *m, uint8_t borders, size_t first)
{
    (void)wr_buf_room(&in->text, 1 << 16); /* so that it does not move */
    in->before = made_frame(m, &in->text, first);
    while (in->count < FRAMES_MAX && made_left(m)) {
        const fed_frame frame = made_frame(m, &in->text, 1 + (size_t)(borders >> in->count) % 8);
        if (frame.rows == 0)
            return;
        if (in->count == 0)
            in->after = (fed_frame){ .lines = { frame.lines.ptr, 0 }, .kind = frame.kind };
        in->after.rows += frame.rows;
        in->after.lines.len += frame.lines.len;
        in->frames[in->count++] = frame;
    }
}

static void read_input(input *in, const uint8_t *data, size_t len)
{
    *in = (input){
        .contract = { data[0] & 3, data[0] >> 2 & 3, data[0] >> 4 & 3 },
        .of_table = data[0] & OF_TABLE,
        .announced = wr_buf_max(1 << 16),
        .text = wr_buf_max((size_t)1 << 20),
    };
    made m = { .at = data + 3, .end = data + len };
    make_table(&m, &in->announced);
    make_frames(in, &m, data[1], data[2] % 8);
}

/* ---- set-up ---- */

static wr_normalizer *new_worker(weir_ctx *cx)
{
    wr_normalizer_args args = {
        .load_id = wr_lit("1700000000.1"),
        .max_nesting = WR_MAX_NESTING,
        .column_max = WR_COLUMN_MAX,
        .part_cells = SIZE_MAX,
    };
    wr_assert(wr_naming_find(cx, wr_lit("snake_case"), 0, &args.naming) == WEIR_OK);
    return wr_normalizer_new(&args);
}

static wr_node *contract_doc(weir_ctx *cx, wr_arena *arena, const wr_contract *contract)
{
    wr_node *ret = NULL;
    const weir_str text = wr_arena_printf(
        arena, "{\"tables\":\"%s\",\"columns\":\"%s\",\"data_type\":\"%s\"}",
        MODES[contract->tables], MODES[contract->columns], MODES[contract->data_type]);
    wr_assert(wr_node_parse(cx, arena, text, &ret) == WEIR_OK);
    wr_assert(wr_contract_check(cx, ret) == WEIR_OK);
    return ret;
}

/* A copy of the schema that has the contract. */
static wr_schema *under_contract(weir_ctx *cx, const wr_schema *schema, const input *in)
{
    wr_schema *ret = wr_schema_clone(schema);
    wr_node *contract = contract_doc(cx, &ret->arena, &in->contract);
    if (in->of_table) {
        wr_node *table = wr_node_new(&ret->arena, WR_NODE_OBJECT);
        wr_node_set(&ret->arena, table, wr_lit("name"),
                    wr_node_text(&ret->arena, wr_lit(FED_TABLE)));
        wr_node_set(&ret->arena, table, wr_lit("columns"),
                    wr_node_new(&ret->arena, WR_NODE_OBJECT));
        wr_node_set(&ret->arena, table, wr_lit("schema_contract"), contract);
        wr_assert(wr_schema_merge_table(cx, ret, table) == WEIR_OK);
        return ret;
    }
    wr_node *settings = wr_node_copy(&ret->arena, ret->settings);
    wr_node_set(&ret->arena, settings, wr_lit("schema_contract"), contract);
    ret->settings = settings;
    return ret;
}

/* ---- what must hold ---- */

static bool is_complete(const wr_table *table, ptrdiff_t column)
{
    return column >= 0 && table->pub.columns[column].type != WEIR_NO_TYPE;
}

/* `was` NULL, or without columns: the table is new. */
static void check_table(const wr_table *was, const wr_table *now, const wr_contract *contract)
{
    const bool is_new = wr_table_is_new(was);
    wr_assert(!is_new || contract->tables == WR_EVOLVE || wr_table_is_new(now));
    for (size_t i = 0; i < now->pub.column_count; i++) {
        const weir_column *column = &now->pub.columns[i];
        const ptrdiff_t before = was ? wr_table_column(was, column->name) : -1;
        if (!is_complete(now, (ptrdiff_t)i) || wr_is_dlt_name(column->name))
            continue;
        if (is_complete(was, before))
            wr_assert(contract->data_type == WR_EVOLVE ||
                      was->pub.columns[before].type == column->type);
        else if (column->hints & WEIR_HINT_VARIANT)
            wr_assert(contract->data_type == WR_EVOLVE);
        else
            wr_assert(is_new || contract->columns == WR_EVOLVE);
    }
}

static void check_growth(const wr_schema *was, const wr_schema *now, const wr_contract *contract)
{
    for (size_t i = 0; i < now->tables.len; i++) {
        const wr_table *table = now->tables.ptr[i];
        if (!wr_is_dlt_name(table->pub.name))
            check_table(wr_schema_table(was, table->pub.name), table, contract);
    }
}

static bool has_mode(const wr_contract *contract, wr_contract_mode mode)
{
    return contract->tables == mode || contract->columns == mode || contract->data_type == mode;
}

static int64_t dropped_of(const wr_normalized *result, weir_str table)
{
    for (size_t i = 0; i < result->dropped.len; i++)
        if (wr_str_eq(result->dropped.ptr[i].table, table))
            return result->dropped.ptr[i].rows;
    return 0;
}

/* Every row of the frame is in the table, or was dropped. */
static void check_rows(const fed *f, const fed_frame *frame, int64_t before,
                       const wr_contract *contract)
{
    const fed_table *table = wr_map_get(&f->tables, wr_lit(FED_TABLE));
    const int64_t kept = (table ? table->rows : 0) - before;
    const int64_t dropped = dropped_of(&f->result, wr_lit(FED_TABLE));
    wr_assert(kept + dropped == (int64_t)frame->rows);
    wr_assert(dropped == 0 || has_mode(contract, WR_DISCARD_ROW) ||
              contract->tables == WR_DISCARD_VALUE);
}

static weir_status feed(fed *f, const fed_frame *frame, uint64_t number,
                        const wr_contract *contract)
{
    const fed_table *table = wr_map_get(&f->tables, wr_lit(FED_TABLE));
    const int64_t before = table ? table->rows : 0;
    const weir_status status = fed_feed(f, frame, number);
    if (status == WEIR_OK)
        check_rows(f, frame, before, contract);
    else
        wr_assert(!strstr(weir_error_message(f->cx), "is violated") ||
                  has_mode(contract, WR_FREEZE));
    return status;
}

/* ---- runs ---- */

/* All frames under a contract; the first failure. */
static weir_status feed_all(fed *f, const input *in, const wr_schema *was)
{
    weir_status status = WEIR_OK;
    for (size_t i = 0; i < in->count && status == WEIR_OK; i++)
        status = feed(f, &in->frames[i], i + 1, &in->contract);
    check_growth(was, f->schema, &in->contract);
    return status;
}

/* By a fresh worker in one frame, and by the old one in several again. */
static void check_again(const fed *f, const input *in, wr_schema *was, weir_status expected)
{
    wr_normalizer *worker = new_worker(f->cx);
    fed joint = fed_new(f->cx, worker, was);
    fed again = fed_new(f->cx, f->normalizer, was);
    wr_assert(in->count == 0 || feed(&joint, &in->after, 1, &in->contract) == expected);
    wr_assert(feed_all(&again, in, was) == expected);
    if (expected == WEIR_OK) {
        fed_check_same_tables(f, &joint);
        fed_check_same_schema(f, &joint);
        fed_check_same_ids(f, &again);
    }
    fed_check_same_schema(f, &again);
    wr_cleanup_fed(&joint);
    wr_cleanup_fed(&again);
    wr_normalizer_free(worker);
}

/* What an announced table brings itself, nothing, counts in place of what is stored with it, but not of what stands
 * above. */
static void announce(weir_ctx *cx, const wr_schema *schema, const input *in)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_node *table = NULL;
    wr_node *allowed = NULL;
    wr_assert(wr_node_parse(cx, &arena, wr_buf_view(&in->announced), &table) == WEIR_OK);
    const bool counts = !in->of_table || wr_node_get(table, "parent");
    const wr_contract contract = counts ? in->contract : (wr_contract){ 0 };
    const weir_status status = wr_contract_announce(cx, schema, &arena, table, &allowed);
    wr_assert(status == WEIR_OK || (status == WEIR_SCHEMA && has_mode(&contract, WR_FREEZE)));
    if (status != WEIR_OK || !allowed) {
        wr_assert(status != WEIR_OK || contract.tables >= WR_DISCARD_ROW);
        return;
    }
    wr_schema *grown = wr_schema_clone(schema);
    if (wr_schema_merge_table(cx, grown, allowed) == WEIR_OK)
        check_growth(schema, grown, &contract);
    wr_schema_drop(grown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len < 3)
        return 0;
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    input in;
    read_input(&in, data, len);
    wr_normalizer *worker = new_worker(&cx);
    wr_schema *fresh = fed_schema(&cx);
    fed first = fed_new(&cx, worker, fresh);
    if (in.before.rows == 0 || fed_feed(&first, &in.before, 0) == WEIR_OK) {
        wr_schema *was = under_contract(&cx, first.schema, &in);
        fed f = fed_new(&cx, worker, was);
        const weir_status status = feed_all(&f, &in, was);
        check_again(&f, &in, was, status);
        weir_error_clear(&cx);
        announce(&cx, f.schema, &in);
        wr_cleanup_fed(&f);
        wr_schema_drop(was);
    }
    wr_cleanup_fed(&first);
    wr_schema_drop(fresh);
    wr_normalizer_free(worker);
    wr_buf_done(&in.text);
    wr_buf_done(&in.announced);
    return 0;
}
