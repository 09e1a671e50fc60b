/* Any bytes as a log, sealed and not. A sealed log is read to its last byte or is corrupt; one that is not gives the same
 * frames as far as they go; and frames that were read can be written and read again.
 *
 * The first byte has switches: with one of them the frames in the rest get right checksums and numbers, without which
 * nothing behind the checksum would ever be reached. */
#include "pipeline/framelog.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { NO_MAGIC = 1, REPAIRED = 2 };

#define LOG "00000.log"
#define MAGIC "WEIRLOG1"

/* ---- folders ---- */

typedef struct folder {
    char path[sizeof(P_tmpdir "/weir-fuzz-XXXXXX")];
    int fd;
} folder;

static folder folder_new(weir_ctx *cx)
{
    folder ret = { .path = P_tmpdir "/weir-fuzz-XXXXXX" };
    wr_assert(mkdtemp(ret.path));
    wr_assert(wr_open_dir(cx, AT_FDCWD, ret.path, false, &ret.fd) == WEIR_OK);
    return ret;
}

static void wr_cleanup_folder(folder *f)
{
    (void)unlinkat(f->fd, LOG, 0);
    (void)rmdir(f->path);
    wr_cleanup_close(&f->fd);
}

/* ---- the file ---- */

/* As the format says, see framelog.h. */
typedef struct head {
    uint64_t checksum;
    uint32_t content_len;
    uint32_t raw_len;
    uint64_t number;
    uint64_t first_row;
    uint32_t rows;
    uint8_t kind;
    uint8_t packed;
    uint16_t resource_len;
    uint16_t table_len;
    uint16_t input_len;
    uint32_t place_len;
} head;

/* Give the frames that are whole the checksums and numbers that they should have. */
static void repair(char *frames, size_t len)
{
    uint64_t number = 0;
    while (len >= sizeof(head)) {
        head h;
        memcpy(&h, frames, sizeof(h));
        const size_t size = sizeof(h) + (size_t)h.content_len + h.resource_len + h.table_len +
                            h.input_len + h.place_len;
        if (size > len)
            return;
        h.number = number++;
        memcpy(frames, &h, sizeof(h));
        h.checksum = wr_hash64(frames + sizeof(h.checksum), size - sizeof(h.checksum));
        memcpy(frames, &h, sizeof(h));
        frames += size;
        len -= size;
    }
}

static void write_file(weir_ctx *cx, int dir, weir_str bytes, uint8_t flags)
{
    wr_auto(buf) wr_buf file = wr_buf_max((size_t)1 << 24);
    wr_buf_cstr(&file, flags & NO_MAGIC ? "" : MAGIC);
    const size_t from = file.len;
    wr_buf_str(&file, bytes);
    if (flags & REPAIRED && file.len > from)
        repair(file.ptr + from, file.len - from);

    wr_auto(close) int fd = -1;
    wr_assert(wr_open_at(cx, dir, LOG, O_WRONLY | O_CREAT | O_EXCL, &fd) == WEIR_OK);
    wr_assert(wr_write_all(cx, fd, wr_buf_view(&file)) == WEIR_OK);
}

/* ---- reading ---- */

static void check_frame(const wr_frame *frame)
{
    wr_assert(frame->kind <= WR_FRAME_LINES);
    wr_assert(frame->len <= WR_FRAME_MAX);
    for (size_t i = 0; i < WR_JSON_PADDING; i++)
        wr_assert(frame->content[frame->len + i] == 0);
}

/* All frames, one digest each; appended to `copy` as well, if there is one. */
static weir_status read_log(weir_ctx *cx, int dir, bool sealed, wr_log_writer *copy, wr_buf *ret)
{
    wr_log_reader log;
    WEIR_TRY(wr_log_open(cx, dir, sealed, &log));
    weir_status status;
    bool found = true;
    wr_frame frame;
    while ((status = wr_log_next(cx, &log, &frame, &found)) == WEIR_OK && found) {
        check_frame(&frame);
        wr_buf_printf(ret, "%u %d %.*s|%.*s|%.*s|%.*s %zu %llx\n", frame.rows, (int)frame.kind,
                      WR_STR(frame.resource), WR_STR(frame.table), WR_STR(frame.input),
                      WR_STR(frame.place), frame.len,
                      (unsigned long long)wr_hash64(frame.content, frame.len));
        if (copy)
            wr_assert(wr_log_append(cx, copy, &frame) == WEIR_OK);
    }
    int64_t size = 0;
    wr_assert(wr_size(cx, log.fd, &size) == WEIR_OK);
    wr_assert(status != WEIR_OK || !sealed || log.at == size);
    wr_log_reader_close(&log);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    if (len == 0)
        return 0;
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(folder) folder first = folder_new(&cx);
    wr_auto(folder) folder second = folder_new(&cx);
    wr_auto(buf) wr_buf sealed = wr_buf_max((size_t)1 << 26);
    wr_auto(buf) wr_buf open = wr_buf_max((size_t)1 << 26);
    wr_auto(buf) wr_buf again = wr_buf_max((size_t)1 << 26);
    write_file(&cx, first.fd, (weir_str){ (const char *)data + 1, len - 1 }, data[0]);

    wr_log_writer copy;
    wr_assert(wr_log_create(&cx, second.fd, &copy) == WEIR_OK);
    const weir_status status = read_log(&cx, first.fd, true, &copy, &sealed);
    wr_log_writer_close(&copy);
    wr_assert(status == WEIR_OK || status == WEIR_CORRUPT);
    const weir_status status2 = read_log(&cx, first.fd, false, NULL, &open);
    wr_assert(status2 == WEIR_OK || status == WEIR_CORRUPT);
    wr_assert(wr_str_eq(wr_buf_view(&sealed), wr_buf_view(&open)));

    wr_assert(read_log(&cx, second.fd, true, NULL, &again) == WEIR_OK);
    wr_assert(wr_str_eq(wr_buf_view(&sealed), wr_buf_view(&again)));
    return 0;
}
