/* The files that dlt keeps beside the tables of a lake: their names and their contents. */
#include "destinations/lake_ledger.h"

#include <inttypes.h>

#include "base/compress.h"
#include "base/ctx.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "format/json.h"

#define SEPARATOR "__"
#define EXTENSION ".jsonl"
#define DATASET_VERSION 2
/* The longest state or schema that is read back. */
#define DOCUMENT_MAX ((size_t)64 << 20)

/* ---- names ---- */

/* Cut off what is behind the last separator; false when there is none. */
static bool cut_last(weir_str *rest, weir_str *ret)
{
    for (size_t i = rest->len; i >= strlen(SEPARATOR); i--) {
        if (memcmp(rest->ptr + i - strlen(SEPARATOR), SEPARATOR, strlen(SEPARATOR)) != 0)
            continue;
        *ret = (weir_str){ rest->ptr + i, rest->len - i };
        rest->len = i - strlen(SEPARATOR);
        return true;
    }
    return false;
}

static weir_str stem_of(weir_str path)
{
    const size_t folder = wr_lake_folder(path).len;
    weir_str name = { path.ptr + folder, path.len - folder };
    if (wr_str_starts(name, wr_lit("/")))
        name = (weir_str){ name.ptr + 1, name.len - 1 };
    const char *dot = memrchr(name.ptr, '.', name.len);
    return dot ? (weir_str){ name.ptr, (size_t)(dot - name.ptr) } : name;
}

static bool read_entry(weir_str path, bool has_hash, wr_lake_entry *ret)
{
    *ret = (wr_lake_entry){ .path = path, .owner = stem_of(path) };
    return (!has_hash || cut_last(&ret->owner, &ret->hash)) && cut_last(&ret->owner, &ret->when);
}

weir_status wr_lake_entries_list(weir_ctx *cx, const wr_lake_store *store, wr_arena *arena,
                                 const char *table, wr_lake_entries *ret)
{
    const bool has_hash = strcmp(table, WR_LAKE_LOADS) != 0;
    wr_lake_paths paths = { 0 };
    WEIR_TRY(wr_lake_store_list(cx, store, arena, weir_str_of(table), &paths));
    *ret = (wr_lake_entries){ .ptr = wr_arena_new_array(arena, paths.len, wr_lake_entry) };
    for (size_t i = 0; i < paths.len; i++)
        ret->len += read_entry(paths.ptr[i], has_hash, &ret->ptr[ret->len]);
    return WEIR_OK;
}

const wr_lake_entry *wr_lake_entries_newest(const wr_lake_entries *entries, weir_str owner)
{
    const wr_lake_entry *ret = NULL;
    for (size_t i = 0; i < entries->len; i++) {
        const wr_lake_entry *entry = &entries->ptr[i];
        if ((owner.len == 0 || wr_str_eq(entry->owner, owner)) &&
            (!ret || wr_str_cmp(entry->when, ret->when) > 0))
            ret = entry;
    }
    return ret;
}

weir_str wr_lake_hex(wr_arena *arena, weir_str hash)
{
    static const char DIGITS[] = "0123456789abcdef";
    uint8_t *bytes = wr_arena_alloc(arena, hash.len);
    size_t len = 0;
    if (!wr_base64_decode(bytes, &len, hash))
        return hash;
    char *text = wr_arena_alloc(arena, len * 2 + 1);
    for (size_t i = 0; i < len; i++) {
        text[2 * i] = DIGITS[bytes[i] >> 4];
        text[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
    return (weir_str){ text, len * 2 };
}

weir_str wr_lake_entry_path(wr_arena *arena, const char *table, weir_str owner, weir_str when,
                            weir_str hash)
{
    const weir_str hex = wr_lake_hex(arena, hash);
    return wr_arena_printf(arena, "%s/%.*s" SEPARATOR "%.*s%s%.*s" EXTENSION, table, WR_STR(owner),
                           WR_STR(when), hex.len > 0 ? SEPARATOR : "", WR_STR(hex));
}

/* ---- init ---- */

weir_status wr_lake_version_read(weir_ctx *cx, const wr_lake_store *store, wr_lake_version *ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    weir_str text = { 0 };
    wr_node *doc = NULL;
    wr_lake_version version = { 0 };
    WEIR_TRY(wr_lake_store_read(cx, store, &arena, wr_lit(WR_LAKE_INIT), &text, &version.exists));
    if (version.exists && wr_str_trim(text).len == 0)
        version.is_old = version.is_behind = true;
    else if (version.exists) {
        WEIR_TRY(wr_context(cx, wr_node_parse(cx, &arena, text, &doc), "file '" WR_LAKE_INIT "'"));
        const int64_t initial = wr_node_get_int(doc, "initial_version", 0);
        const int64_t current = wr_node_get_int(doc, "current_version", 0);
        if (initial < 1 || initial > DATASET_VERSION || current < 1 || current > DATASET_VERSION)
            return weir_fail(cx, WEIR_UNSUPPORTED,
                             "dataset '%.*s' has the versions %" PRId64 " and %" PRId64
                             " in its file '" WR_LAKE_INIT "', weir knows 1 and 2\n"
                             "hint: load it with the program that made it",
                             WR_STR(store->dataset), initial, current);
        version.is_old = initial == 1;
        version.is_behind = current < DATASET_VERSION;
    }
    *ret = version;
    return WEIR_OK;
}

void wr_lake_version_write(wr_buf *out, const wr_lake_version *version)
{
    wr_buf_printf(out, "{\"initial_version\":%d,\"current_version\":%d}",
                  version->is_old ? 1 : DATASET_VERSION, DATASET_VERSION);
}

/* ---- contents ---- */

static void put_text(wr_buf *out, const char *before, weir_str text)
{
    wr_buf_cstr(out, before);
    wr_json_quote(out, text);
}

static void put_now(weir_ctx *cx, wr_buf *out)
{
    char now[WR_TIME_TEXT];
    put_text(out, ",\"inserted_at\":", (weir_str){ now, wr_time_iso(now, wr_now(cx)) });
}

void wr_lake_write_load(weir_ctx *cx, wr_buf *out, const weir_load_job *load)
{
    put_text(out, "{\"load_id\":", load->load_id);
    put_text(out, ",\"schema_name\":", load->schema_name);
    wr_buf_cstr(out, ",\"status\":0");
    put_now(cx, out);
    put_text(out, ",\"schema_version_hash\":", load->schema.hash);
    wr_buf_char(out, '}');
}

void wr_lake_write_schema(weir_ctx *cx, wr_buf *out, const weir_load_job *load)
{
    put_text(out, "{\"version_hash\":", load->schema.hash);
    put_text(out, ",\"schema_name\":", load->schema_name);
    wr_buf_printf(out, ",\"version\":%" PRId64 ",\"engine_version\":%" PRId64, load->schema.version,
                  load->engine_version);
    put_now(cx, out);
    put_text(out, ",\"schema\":", load->schema.json);
    wr_buf_char(out, '}');
}

/* ---- reading back ---- */

/* A member of the document in a file; empty when there is no such file. */
static weir_status read_member(weir_ctx *cx, const wr_lake_store *store, const wr_lake_entry *entry,
                               const char *member, wr_arena *arena, weir_str *ret)
{
    weir_str text = { 0 };
    wr_node *doc = NULL;
    bool found = false;
    if (!entry)
        return WEIR_OK;
    WEIR_TRY(wr_lake_store_read(cx, store, arena, entry->path, &text, &found));
    if (!found)
        return WEIR_OK;
    WEIR_TRY(
        wr_context(cx, wr_node_parse(cx, arena, text, &doc), "file '%.*s'", WR_STR(entry->path)));
    *ret = wr_node_get_text(doc, member);
    return WEIR_OK;
}

/* States are base64 of zlib, or as they are. */
static weir_status read_state(weir_ctx *cx, const wr_lake_store *store, wr_arena *texts,
                              weir_str pipeline, weir_restored *ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_lake_entries states = { 0 };
    weir_str text = { 0 };
    WEIR_TRY(wr_lake_entries_list(cx, store, &arena, WR_LAKE_STATES, &states));
    const wr_lake_entry *newest = wr_lake_entries_newest(&states, pipeline);
    WEIR_TRY(read_member(cx, store, newest, "state", &arena, &text));
    if (text.len == 0)
        return WEIR_OK;
    ret->state_load_id = wr_arena_str(texts, newest->when);
    const weir_status status = wr_inflate_base64(cx, texts, text, DOCUMENT_MAX, &ret->state);
    if (status != WEIR_PARSE)
        return status;
    weir_error_clear(cx);
    ret->state = wr_arena_str(texts, text);
    return WEIR_OK;
}

static weir_status read_schema(weir_ctx *cx, const wr_lake_store *store, wr_arena *texts,
                               weir_str schema, weir_str *ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    wr_lake_entries versions = { 0 };
    weir_str text = { 0 };
    WEIR_TRY(wr_lake_entries_list(cx, store, &arena, WR_LAKE_VERSIONS, &versions));
    WEIR_TRY(
        read_member(cx, store, wr_lake_entries_newest(&versions, schema), "schema", &arena, &text));
    *ret = wr_arena_str(texts, text);
    return WEIR_OK;
}

weir_status wr_lake_restore(weir_ctx *cx, const wr_lake_store *store, wr_arena *texts,
                            weir_str pipeline, weir_str schema, weir_restored *ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    weir_restored restored = { 0 };
    wr_lake_version version;
    wr_lake_entries loads = { 0 };
    WEIR_TRY(wr_lake_version_read(cx, store, &version));
    WEIR_TRY(wr_lake_entries_list(cx, store, &arena, WR_LAKE_LOADS, &loads));
    const wr_lake_entry *last = wr_lake_entries_newest(&loads, (weir_str){ 0 });
    restored.has_dataset = version.exists;
    restored.last_load_id = last ? wr_arena_str(texts, last->when) : (weir_str){ 0 };
    WEIR_TRY(read_state(cx, store, texts, pipeline, &restored));
    WEIR_TRY(read_schema(cx, store, texts, schema, &restored.schema));
    *ret = restored;
    return WEIR_OK;
}
