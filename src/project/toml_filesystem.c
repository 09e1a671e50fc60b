/* Files as a source: [source.filesystem]. */
#include <weir/input.h>

#include "base/mem.h"
#include "base/str.h"
#include "project/toml_source.h"

static const weir_option OPTIONS[] = {
    { "bucket_url", .help = "folder of the files: file://…, or a path from the project's folder" },
    { "file_glob", .help = "which files below it" },
    { 0 },
};

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, c | 0x20) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* The path of a URL, its escapes resolved. */
static weir_str unescape(const wr_toml_source *r, weir_str text)
{
    char *out = wr_arena_alloc(r->arena, text.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        const int high = text.ptr[i] == '%' && i + 2 < text.len ? hex_digit(text.ptr[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text.ptr[i + 2]) : -1;
        if (low >= 0)
            i += 2;
        out[len++] = low >= 0 ? (char)(high * 16 + low) : text.ptr[i];
    }
    return (weir_str){ out, len };
}

static weir_status find_folder(const wr_toml_source *r, const char **ret)
{
    const char *given = NULL;
    WEIR_TRY(wr_toml_source_text(r, r->settings, "bucket_url", &given));
    if (!given)
        WEIR_TRY(wr_toml_source_option(r, &OPTIONS[0], &given));
    if (!given)
        return wr_toml_fail(r->cx, WEIR_CONFIG, r->settings->place,
                            "the source 'filesystem' has no 'bucket_url'\n"
                            "hint: as in bucket_url = \"file:///data/events\", or a path from the "
                            "project's folder; or [sources.filesystem] bucket_url in "
                            ".dlt/config.toml");
    const weir_str url = weir_str_of(given);
    const bool is_file = wr_str_starts(url, wr_lit("file://"));
    if (!is_file && strstr(given, "://"))
        return wr_toml_fail(r->cx, WEIR_UNSUPPORTED, r->settings->place,
                            "files at '%s' cannot be read yet\nhint: file:// or a path", given);
    const weir_str path = is_file ? unescape(r, (weir_str){ url.ptr + 7, url.len - 7 }) : url;
    *ret = wr_toml_source_path(r, path);
    return WEIR_OK;
}

static weir_status check_format(const wr_toml_source *r, const wr_toml *table)
{
    static const char *const KNOWN[] = { "jsonl", "json", NULL };
    const char *format = NULL;
    WEIR_TRY(wr_toml_source_setting(r, table, "format", KNOWN[0], &format));
    for (size_t i = 0; KNOWN[i]; i++)
        if (strcmp(format, KNOWN[i]) == 0)
            return WEIR_OK;
    return wr_toml_fail(r->cx, WEIR_UNSUPPORTED, table->place,
                        "the format '%s' cannot be read\n"
                        "hint: jsonl is lines of JSON, or one list; gzip and zstd are unpacked",
                        format);
}

static weir_status read_files(const wr_toml_source *r, const wr_toml *table, weir_resource *ret)
{
    weir_files *files = wr_arena_new(r->arena, weir_files);
    wr_node *incremental = NULL;
    files->may_be_none = true; /* those of today have not come yet */
    WEIR_TRY(find_folder(r, &files->folder));
    WEIR_TRY(wr_toml_source_setting(r, table, "file_glob", NULL, &files->pattern));
    if (!files->pattern)
        WEIR_TRY(wr_toml_source_option(r, &OPTIONS[1], &files->pattern));
    if (!files->pattern)
        files->pattern = "*";
    WEIR_TRY(check_format(r, table));
    WEIR_TRY(wr_toml_source_bad_row(r, table, &ret->on_bad_row));
    WEIR_TRY(wr_toml_source_incremental(r, r->settings, &incremental));
    if (incremental)
        ret->item_incremental = wr_toml_source_json(r, incremental);
    ret->input = &weir_input_files;
    ret->input_spec = files;
    ret->replayable = true;
    return WEIR_OK;
}

const wr_source_kind wr_toml_filesystem = {
    .name = "filesystem",
    .example = "resources = [{ name = \"events\", file_glob = \"*.jsonl\" }]",
    .keys = (const char *const[]){ "bucket_url", "file_glob", "format", "on_bad_row", "incremental",
                                   NULL },
    .resource_keys = (const char *const[]){ "file_glob", "format", "on_bad_row", NULL },
    .options = OPTIONS,
    .read_resource = read_files,
};
