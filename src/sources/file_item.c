/* Writes the items of files. */
#include "sources/file_item.h"

#include "base/file.h"
#include "base/str.h"
#include "format/json.h"
#include "schema/coerce.h"

/* As Python's Path.as_uri(): all but letters, digits and "_.-~/" is escaped. */
static void put_url(wr_buf *out, weir_str path)
{
    static const char PLAIN[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~/";
    wr_buf_cstr(out, "\"file://");
    for (size_t i = 0; i < path.len; i++) {
        const char c = path.ptr[i];
        if (c && strchr(PLAIN, c))
            wr_buf_char(out, c);
        else
            wr_buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
    }
    wr_buf_char(out, '"');
}

static weir_str name_of(weir_str path)
{
    const char *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;
    const size_t folder = slash ? (size_t)(slash - path.ptr) + 1 : 0;
    return (weir_str){ path.ptr + folder, path.len - folder };
}

weir_status wr_file_item(weir_ctx *cx, int dir, const wr_found_file *file, wr_buf *ret)
{
    wr_auto(arena) wr_arena arena = { 0 };
    weir_str real;
    WEIR_TRY(wr_real_path(cx, &arena, dir, file->path.ptr, &real));
    wr_buf_cstr(ret, "{\"file_name\":");
    wr_json_quote(ret, name_of(file->path));
    wr_buf_cstr(ret, ",\"relative_path\":");
    wr_json_quote(ret, file->path);
    wr_buf_cstr(ret, ",\"file_url\":");
    put_url(ret, real);
    wr_buf_cstr(ret, ",\"modification_date\":");
    wr_typed_encode(ret, weir_int_of(WEIR_TIMESTAMP, file->modified));
    wr_buf_printf(ret, ",\"size_in_bytes\":%lld}", (long long)file->size);
    return wr_buf_check(cx, ret, "the item of a file");
}
