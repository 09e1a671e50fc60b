/* Writes batches into the numbered files of a load. A statement of the engine is one piece of a file: what it wrote is packed
 * as a member of its own, so that nothing has to be kept for a table in between. */
#include "destinations/lake_file.h"

#include <errno.h>

#include "base/ctx.h"
#include "base/str.h"
#include "format/jsonl_write.h"

/* The longest row, as text. */
#define TEXT_MAX ((size_t)1 << 30)

/* ---- options ---- */

static const char *const FORMATS[] = { [WR_LAKE_JSONL] = "jsonl", [WR_LAKE_CSV] = "csv" };
#define FORMAT_COUNT (sizeof(FORMATS) / sizeof(*FORMATS))

weir_status wr_lake_format_find(weir_ctx *cx, const wr_lake_writing *writing, weir_str name,
                                wr_lake_format *ret)
{
    *ret = writing->format;
    if (name.len == 0 || wr_str_eq(name, wr_lit("preferred")))
        return WEIR_OK;
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        if (wr_str_eq(name, weir_str_of(FORMATS[i]))) {
            *ret = (wr_lake_format)i;
            return WEIR_OK;
        }
    }
    return weir_fail(cx, WEIR_UNSUPPORTED,
                     "weir writes no files in the format '%.*s'\nhint: it writes jsonl and csv",
                     WR_STR(name));
}

static weir_status read_csv(weir_ctx *cx, const weir_option_values *options, wr_lake_writing *ret)
{
    const weir_str encoding = weir_option_text(options, "data_writer.encoding");
    if (!wr_str_eq(encoding, wr_lit("utf-8")))
        return weir_fail(cx, WEIR_UNSUPPORTED,
                         "normalize.data_writer.encoding is '%.*s'\nhint: weir writes utf-8",
                         WR_STR(encoding));
    ret->has_header = weir_option_bool(options, "data_writer.include_header");
    ret->csv.delimiter = weir_option_text(options, "data_writer.delimiter");
    ret->csv.line_end = weir_option_text(options, "data_writer.lineterminator");
    WEIR_TRY(wr_csv_quoting_find(cx, weir_option_text(options, "data_writer.quoting"),
                                 &ret->csv.quoting));
    return wr_csv_check(cx, &ret->csv);
}

static weir_status read_max(weir_ctx *cx, const weir_option_values *options, const char *name,
                            int64_t *ret)
{
    *ret = weir_option_int(options, name);
    if (*ret < 0)
        return weir_fail(cx, WEIR_CONFIG, "normalize.%s is %lld\nhint: 0 is no limit", name,
                         (long long)*ret);
    return WEIR_OK;
}

weir_status wr_lake_writing_read(weir_ctx *cx, const weir_option_values *options,
                                 wr_lake_writing *ret)
{
    *ret = (wr_lake_writing){ .has_header = true, .packs = true };
    if (!options)
        return WEIR_OK;
    ret->packs = !weir_option_bool(options, "data_writer.disable_compression");
    WEIR_TRY(read_max(cx, options, "data_writer.file_max_items", &ret->rows_max));
    WEIR_TRY(read_max(cx, options, "data_writer.file_max_bytes", &ret->text_max));
    WEIR_TRY(read_csv(cx, options, ret));
    return wr_lake_format_find(cx, ret, weir_option_text(options, "loader_file_format"),
                               &ret->format);
}

const char *wr_lake_ext(wr_lake_format format, bool packed)
{
    static const char *const PACKED[] = { [WR_LAKE_JSONL] = "jsonl.gz", [WR_LAKE_CSV] = "csv.gz" };
    return packed ? PACKED[format] : FORMATS[format];
}

/* ---- pieces of files ---- */

static weir_status put_packed(weir_ctx *cx, wr_lake_writer *w, const wr_lake_files *files)
{
    const size_t number = files->numbers.ptr[files->numbers.len - 1];
    const weir_status status = wr_lake_store_append(cx, w->store, number, wr_buf_view(&w->packed));
    wr_buf_clear(&w->packed);
    return status;
}

/* What is in `text` goes to the last file. */
static weir_status put_text(weir_ctx *cx, wr_lake_writer *w, wr_lake_files *files)
{
    const size_t number = files->numbers.ptr[files->numbers.len - 1];
    const weir_str text = wr_buf_view(&w->text);
    files->text += (int64_t)text.len;
    weir_status status = WEIR_OK;
    if (!w->writing->packs)
        status = wr_lake_store_append(cx, w->store, number, text);
    else
        status = wr_gzip_add(cx, &w->gzip, text, &w->packed);
    if (status == WEIR_OK && w->packed.len > 0)
        status = put_packed(cx, w, files);
    wr_buf_clear(&w->text);
    return status;
}

/* All that was written is in the file. */
static weir_status end_piece(weir_ctx *cx, wr_lake_writer *w, wr_lake_files *files)
{
    if (!w->writing->packs)
        return WEIR_OK;
    WEIR_TRY(wr_gzip_end(cx, &w->gzip, &w->packed));
    return put_packed(cx, w, files);
}

static size_t complete_columns(const weir_table *table)
{
    size_t count = 0;
    for (size_t i = 0; i < table->column_count; i++)
        count += table->columns[i].type != WEIR_NO_TYPE;
    return count;
}

static weir_status begin_file(weir_ctx *cx, wr_lake_writer *w, wr_lake_files *files,
                              const weir_table *table)
{
    *wr_vec_push(&files->numbers) = ++*w->last_number;
    files->columns = complete_columns(table);
    files->rows_before += files->rows;
    files->rows = files->text = 0;
    if (files->format == WR_LAKE_CSV && w->writing->has_header)
        WEIR_TRY(wr_csv_write_header(cx, &w->writing->csv, table, &w->text));
    return put_text(cx, w, files);
}

/* Does the next row need another file? */
static bool is_full(const wr_lake_writer *w, const wr_lake_files *files)
{
    const wr_lake_writing *writing = w->writing;
    return (writing->rows_max && files->rows >= writing->rows_max) ||
           (writing->text_max && files->rows && files->text >= writing->text_max);
}

static bool fits(const wr_lake_files *files, const weir_table *table)
{
    return files->numbers.len > 0 &&
           (files->format != WR_LAKE_CSV || files->columns == complete_columns(table));
}

weir_status wr_lake_need_file(weir_ctx *cx, wr_lake_writer *w, wr_lake_files *files,
                              const weir_table *table)
{
    if (files->numbers.len > 0)
        return WEIR_OK;
    WEIR_TRY(begin_file(cx, w, files, table));
    return end_piece(cx, w, files);
}

/* ---- rows ---- */

/* Rows up to where the file or the text is full. */
static weir_status write_some(weir_ctx *cx, wr_lake_writer *w, wr_lake_files *files,
                              wr_cells *cells)
{
    const struct ArrowArray *whole = cells->batch;
    struct ArrowArray part = *whole;
    const int64_t from = cells->row;
    const int64_t room = w->writing->rows_max ? w->writing->rows_max - files->rows : INT64_MAX;
    if (part.length - from > room)
        part.length = from + room;
    cells->batch = &part;
    const weir_status status = files->format == WR_LAKE_CSV
                                   ? wr_csv_write(cx, &w->writing->csv, cells, &w->text)
                                   : wr_jsonl_write(cx, cells, &w->text);
    cells->batch = whole;
    files->rows += cells->row - from;
    WEIR_TRY(status);
    return put_text(cx, w, files);
}

static weir_status write_batch(weir_ctx *cx, wr_lake_writer *w, wr_lake_files *files,
                               const weir_table *table, const struct ArrowArray *batch)
{
    wr_cells cells = {
        .table = table,
        .batch = batch,
        .rows_before = files->rows_before + files->rows,
    };
    while (wr_cells_left(&cells)) {
        WEIR_TRY(wr_check_cancel(cx));
        if (is_full(w, files)) {
            WEIR_TRY(end_piece(cx, w, files));
            WEIR_TRY(begin_file(cx, w, files, table));
        }
        WEIR_TRY(write_some(cx, w, files, &cells));
    }
    return WEIR_OK;
}

static weir_status next_batch(weir_ctx *cx, struct ArrowArrayStream *rows, struct ArrowArray *ret)
{
    const int error = rows->get_next(rows, ret);
    if (error == 0)
        return WEIR_OK;
    const char *text = rows->get_last_error(rows);
    return weir_fail(cx, error == ECANCELED ? WEIR_CANCELLED : WEIR_IO, "%s",
                     text ? text : "the rows fail, and give no reason");
}

weir_status wr_lake_write(weir_ctx *cx, wr_lake_writer *w, wr_lake_files *files,
                          const weir_table *table, struct ArrowArrayStream *rows)
{
    if (!fits(files, table))
        WEIR_TRY(begin_file(cx, w, files, table));
    for (;;) {
        struct ArrowArray batch = { 0 };
        WEIR_TRY(next_batch(cx, rows, &batch));
        if (!batch.release)
            return end_piece(cx, w, files);
        const weir_status status = write_batch(cx, w, files, table, &batch);
        batch.release(&batch);
        WEIR_TRY(status);
    }
}

void wr_lake_writer_init(wr_lake_writer *w)
{
    w->text = w->packed = wr_buf_max(TEXT_MAX);
}

void wr_lake_writer_done(wr_lake_writer *w)
{
    wr_gzip_done(&w->gzip);
    wr_buf_done(&w->text);
    wr_buf_done(&w->packed);
}
