/* Rows of one table on their way into files: their format, packing, and where one file ends. */
#ifndef WR_LAKE_FILE_H
#define WR_LAKE_FILE_H

#include <weir/destination.h>

#include "base/compress.h"
#include "destinations/lake_store.h"
#include "format/csv_write.h"

typedef enum wr_lake_format { WR_LAKE_JSONL, WR_LAKE_CSV } wr_lake_format;

/* How all files are written: `[normalize] loader_file_format` and `[normalize.data_writer]`. */
typedef struct wr_lake_writing {
    wr_lake_format format; /* of tables that say nothing */
    wr_csv_form csv;
    bool has_header;
    bool packs;
    int64_t rows_max; /* of a file; 0: any number */
    int64_t text_max; /* bytes of a file, before it is packed; 0: any number */
} wr_lake_writing;

/* `options` NULL: the defaults. */
weir_status wr_lake_writing_read(weir_ctx *cx, const weir_option_values *options,
                                 wr_lake_writing *ret) WEIR_MUST_USE;
/* A table's `file_format`: "jsonl", "csv"; empty or "preferred": that of `writing`. WEIR_UNSUPPORTED for others. */
weir_status wr_lake_format_find(weir_ctx *cx, const wr_lake_writing *writing, weir_str name,
                                wr_lake_format *ret) WEIR_MUST_USE;
/* "jsonl.gz" */
const char *wr_lake_ext(wr_lake_format format, bool packed);

/* The files of one table in one load. */
typedef struct wr_lake_files {
    wr_lake_format format;
    wr_vec(size_t) numbers; /* in the store, in order; the last one is written to */
    size_t columns;         /* that the last one has: csv cannot get more */
    int64_t rows;           /* in the last one */
    int64_t text;           /* bytes in the last one, before they are packed */
    int64_t rows_before;    /* in the ones before */
} wr_lake_files;

/* What writing needs; `*last_number` is that of the file that was made last, of any table. */
typedef struct wr_lake_writer {
    wr_lake_store *store;
    const wr_lake_writing *writing;
    size_t *last_number;
    wr_gzip gzip;
    wr_buf text;
    wr_buf packed;
} wr_lake_writer;

/* Make a file, with nothing but a header in it, if there is none yet. */
weir_status wr_lake_need_file(weir_ctx *cx, wr_lake_writer *writer, wr_lake_files *files,
                              const weir_table *table) WEIR_MUST_USE;
weir_status wr_lake_write(weir_ctx *cx, wr_lake_writer *writer, wr_lake_files *files,
                          const weir_table *table, struct ArrowArrayStream *rows) WEIR_MUST_USE;
/* Set `store`, `writing` and `last_number` first. */
void wr_lake_writer_init(wr_lake_writer *writer);
void wr_lake_writer_done(wr_lake_writer *writer);

#endif
