/* The log: an append-only file of frames. What a source gave is in here before anything else happens.
 *
 *   file   "WEIRLOG1", then frames
 *   frame  head (fixed, little endian) | texts (resource, table, input, place) | content (zstd, or plain when not smaller)
 *   head   u64 checksum: XXH3 of all that follows in the frame
 *          u32 content_len, u32 raw_len
 *          u64 number: 0, 1, 2 … in the log
 *          u64 first_row: of this resource and input
 *          u32 rows, u8 kind, u8 packed, u16 resource_len, u16 table_len, u16 input_len, u32 place_len
 *
 * A frame that is not whole, or whose checksum is wrong, ends an unsealed log; in a sealed one it is corruption.
 */
#ifndef WR_FRAMELOG_H
#define WR_FRAMELOG_H

#include "base/buf.h"
#include "base/compress.h"
#include "format/json.h"

/* Content of a frame is JSON text, one value per line. */
typedef enum wr_frame_kind {
    WR_FRAME_TYPED, /* rows emitted cell by cell: marked texts are typed values */
    WR_FRAME_JSON,  /* JSON values emitted as such: marks mean nothing */
    WR_FRAME_LINES, /* lines of an input: those that are no JSON go to the quarantine */
} wr_frame_kind;

/* Frames are cut at row borders behind this many bytes of content; a row beyond WR_FRAME_MAX is refused. */
#define WR_FRAME_BYTES ((size_t)1 << 20)
#define WR_FRAME_MAX ((size_t)64 << 20)

typedef struct wr_frame {
    uint64_t number;
    wr_frame_kind kind;
    uint64_t first_row;
    uint32_t rows;
    weir_str resource;
    weir_str table;
    weir_str input; /* file or page that the rows came from; empty */
    weir_str place; /* place in the source behind this frame: JSON; empty */
    char *content;  /* WR_JSON_PADDING writable bytes follow */
    size_t len;
} wr_frame;

typedef struct wr_log_writer {
    int fd;
    wr_zstd zstd;
    wr_buf out;
    int64_t bytes; /* written */
    uint64_t frames;
} wr_log_writer;

/* A new log in the folder of a package. */
weir_status wr_log_create(weir_ctx *cx, int package_dir, wr_log_writer *ret) WEIR_MUST_USE;
/* A new log in a file without a name, which goes with its last descriptor: for plans. */
weir_status wr_log_create_nameless(weir_ctx *cx, wr_log_writer *ret) WEIR_MUST_USE;
/* Append one frame; its number is the writer's count. */
weir_status wr_log_append(weir_ctx *cx, wr_log_writer *writer, const wr_frame *frame) WEIR_MUST_USE;
/* From here on the frames survive a power cut. */
weir_status wr_log_sync(weir_ctx *cx, wr_log_writer *writer) WEIR_MUST_USE;
void wr_log_writer_close(wr_log_writer *writer);

typedef struct wr_log_reader {
    int fd;
    bool sealed;
    int64_t at;
    uint64_t next_number;
    wr_zstd zstd;
    wr_buf head;   /* head, texts and packed content of the present frame */
    char *content; /* unpacked */
    size_t content_cap;
} wr_log_reader;

weir_status wr_log_open(weir_ctx *cx, int package_dir, bool sealed, wr_log_reader *ret)
    WEIR_MUST_USE;
/* What a writer has written so far, complete. */
weir_status wr_log_reopen(weir_ctx *cx, const wr_log_writer *writer, wr_log_reader *ret)
    WEIR_MUST_USE;
/* The next frame, valid until the next call; *ret_found false at the end. WEIR_CORRUPT names file and offset. */
weir_status wr_log_next(weir_ctx *cx, wr_log_reader *reader, wr_frame *ret, bool *ret_found)
    WEIR_MUST_USE;
void wr_log_reader_close(wr_log_reader *reader);

#endif
