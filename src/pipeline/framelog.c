/* The log's bytes: frames out, frames in. */
#include "pipeline/framelog.h"

#include "base/ctx.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"

#define LOG_NAME "00000.log"
#define MAGIC "WEIRLOG1"
#define MAGIC_LEN 8

/* Bytes on disk are little endian, and so are the machines that weir is built for. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the log is written in native order");

typedef struct frame_head {
    uint64_t checksum; /* of all that follows */
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
} frame_head;
_Static_assert(sizeof(frame_head) == 48, "no padding");

/* Texts of a frame are names and one place: a megabyte is far beyond any of them. */
#define TEXTS_MAX ((size_t)1 << 20)
#define FRAME_BYTES_MAX (sizeof(frame_head) + TEXTS_MAX + WR_FRAME_MAX + WR_FRAME_MAX / 64)

static uint64_t checksum_of(const char *frame, size_t len)
{
    return wr_hash64(frame + sizeof(uint64_t), len - sizeof(uint64_t));
}

/* ---- writing ---- */

static weir_status begin_log(weir_ctx *cx, int fd, wr_log_writer *ret)
{
    *ret = (wr_log_writer){ .fd = fd, .out = wr_buf_max(FRAME_BYTES_MAX) };
    const weir_status status = wr_write_all(cx, fd, wr_lit(MAGIC));
    if (status != WEIR_OK)
        wr_log_writer_close(ret);
    ret->bytes = MAGIC_LEN;
    return status;
}

weir_status wr_log_create(weir_ctx *cx, int package_dir, wr_log_writer *ret)
{
    int fd = -1;
    WEIR_TRY(wr_open_at(cx, package_dir, LOG_NAME, O_WRONLY | O_CREAT | O_EXCL, &fd));
    return begin_log(cx, fd, ret);
}

weir_status wr_log_create_nameless(weir_ctx *cx, wr_log_writer *ret)
{
    int fd = -1;
    WEIR_TRY(wr_open_nameless(cx, &fd));
    return begin_log(cx, fd, ret);
}

weir_status wr_log_append(weir_ctx *cx, wr_log_writer *writer, const wr_frame *frame)
{
    WEIR_TRY(wr_fault(cx, "log.append"));
    wr_buf *out = &writer->out;
    wr_buf_clear(out);
    frame_head head = {
        .raw_len = (uint32_t)frame->len,
        .number = writer->frames,
        .first_row = frame->first_row,
        .rows = frame->rows,
        .kind = (uint8_t)frame->kind,
        .packed = true,
        .resource_len = (uint16_t)frame->resource.len,
        .table_len = (uint16_t)frame->table.len,
        .input_len = (uint16_t)frame->input.len,
        .place_len = (uint32_t)frame->place.len,
    };
    wr_buf_append(out, &head, sizeof head);
    wr_buf_str(out, frame->resource);
    wr_buf_str(out, frame->table);
    wr_buf_str(out, frame->input);
    wr_buf_str(out, frame->place);
    const size_t begin = out->len;
    WEIR_TRY(wr_zstd_pack(cx, &writer->zstd, out, (weir_str){ frame->content, frame->len }));
    if (out->len - begin >= frame->len) {
        out->len = begin;
        head.packed = false;
        wr_buf_append(out, frame->content, frame->len);
    }
    WEIR_TRY(wr_buf_check(cx, out, "a frame of the log"));

    head.content_len = (uint32_t)(out->len - begin);
    memcpy(out->ptr, &head, sizeof head);
    head.checksum = checksum_of(out->ptr, out->len);
    memcpy(out->ptr, &head.checksum, sizeof head.checksum);
    WEIR_TRY(wr_write_all(cx, writer->fd, wr_buf_view(out)));
    writer->bytes += (int64_t)out->len;
    writer->frames++;
    return WEIR_OK;
}

weir_status wr_log_sync(weir_ctx *cx, wr_log_writer *writer)
{
    WEIR_TRY(wr_fault(cx, "log.sync"));
    return wr_fsync(cx, writer->fd);
}

void wr_log_writer_close(wr_log_writer *writer)
{
    wr_cleanup_close(&writer->fd);
    wr_zstd_done(&writer->zstd);
    wr_buf_done(&writer->out);
}

/* ---- reading ---- */

static weir_status corrupt(weir_ctx *cx, const wr_log_reader *reader, const char *what)
{
    return weir_fail(cx, WEIR_CORRUPT,
                     "the log '" LOG_NAME "' is damaged at byte %lld: %s\n"
                     "hint: `weir package drop` removes the package; its rows are extracted again "
                     "by the next run",
                     (long long)reader->at, what);
}

static weir_status begin_reading(weir_ctx *cx, int fd, bool sealed, wr_log_reader *ret)
{
    *ret = (wr_log_reader){ .fd = fd, .sealed = sealed, .head = wr_buf_max(FRAME_BYTES_MAX) };

    char magic[MAGIC_LEN];
    size_t len = 0;
    weir_status status = wr_read_at(cx, fd, magic, MAGIC_LEN, 0, &len);
    if (status == WEIR_OK && (len < MAGIC_LEN || memcmp(magic, MAGIC, MAGIC_LEN) != 0))
        status = corrupt(cx, ret, "it does not begin with '" MAGIC "'");
    if (status != WEIR_OK)
        wr_log_reader_close(ret);
    ret->at = MAGIC_LEN;
    return status;
}

weir_status wr_log_open(weir_ctx *cx, int package_dir, bool sealed, wr_log_reader *ret)
{
    int fd = -1;
    WEIR_TRY(wr_open_at(cx, package_dir, LOG_NAME, O_RDONLY, &fd));
    return begin_reading(cx, fd, sealed, ret);
}

weir_status wr_log_reopen(weir_ctx *cx, const wr_log_writer *writer, wr_log_reader *ret)
{
    int fd = -1;
    WEIR_TRY(wr_duplicate(cx, writer->fd, &fd));
    return begin_reading(cx, fd, true, ret);
}

/* The whole frame at reader->at into reader->head; *ret_why says what is wrong with it, NULL: nothing. */
static weir_status read_frame(weir_ctx *cx, wr_log_reader *reader, frame_head *ret,
                              const char **ret_why)
{
    size_t got = 0;
    WEIR_TRY(wr_read_at(cx, reader->fd, ret, sizeof *ret, reader->at, &got));
    *ret_why = got == 0 ? "" : "a frame is cut off";
    if (got < sizeof *ret)
        return WEIR_OK;

    const size_t texts =
        (size_t)ret->resource_len + ret->table_len + ret->input_len + ret->place_len;
    if (texts > TEXTS_MAX || ret->raw_len > WR_FRAME_MAX ||
        ret->content_len > FRAME_BYTES_MAX - texts) {
        *ret_why = "a frame's lengths are impossible";
        return WEIR_OK;
    }
    const size_t len = sizeof *ret + texts + ret->content_len;
    wr_buf_clear(&reader->head);
    char *frame = wr_buf_room(&reader->head, len);
    WEIR_TRY(wr_buf_check(cx, &reader->head, "a frame of the log"));
    WEIR_TRY(wr_read_at(cx, reader->fd, frame, len, reader->at, &got));
    wr_buf_used(&reader->head, got);
    if (got < len)
        return WEIR_OK;
    *ret_why = NULL;
    if (checksum_of(frame, len) != ret->checksum)
        *ret_why = "a frame's checksum is wrong";
    else if (ret->number != reader->next_number)
        *ret_why = "a frame is missing";
    return WEIR_OK;
}

static weir_status unpack(weir_ctx *cx, wr_log_reader *reader, const frame_head *head,
                          weir_str content)
{
    const size_t need = (size_t)head->raw_len + WR_JSON_PADDING;
    if (need > reader->content_cap) {
        reader->content = wr_realloc(reader->content, need);
        reader->content_cap = need;
    }
    memset(reader->content + head->raw_len, 0, WR_JSON_PADDING);
    if (head->packed)
        return wr_zstd_unpack(cx, &reader->zstd, reader->content, head->raw_len, content);
    if (content.len != head->raw_len)
        return corrupt(cx, reader, "a frame's lengths do not agree");
    memcpy(reader->content, content.ptr, content.len);
    return WEIR_OK;
}

static weir_str cut(const char **at, size_t len)
{
    const weir_str ret = { *at, len };
    *at += len;
    return ret;
}

weir_status wr_log_next(weir_ctx *cx, wr_log_reader *reader, wr_frame *ret, bool *ret_found)
{
    frame_head head;
    const char *why = NULL;
    WEIR_TRY(read_frame(cx, reader, &head, &why));
    if (why) {
        *ret_found = false;
        return *why && reader->sealed ? corrupt(cx, reader, why) : WEIR_OK;
    }

    if (head.kind > WR_FRAME_LINES)
        return corrupt(cx, reader, "a frame's kind is unknown");
    const char *at = reader->head.ptr + sizeof head;
    wr_frame frame = {
        .number = head.number,
        .kind = (wr_frame_kind)head.kind,
        .first_row = head.first_row,
        .rows = head.rows,
        .resource = cut(&at, head.resource_len),
        .table = cut(&at, head.table_len),
        .input = cut(&at, head.input_len),
        .place = cut(&at, head.place_len),
        .len = head.raw_len,
    };
    WEIR_TRY(unpack(cx, reader, &head, cut(&at, head.content_len)));
    frame.content = reader->content;
    reader->at += (int64_t)reader->head.len;
    reader->next_number++;
    *ret = frame;
    *ret_found = true;
    return WEIR_OK;
}

void wr_log_reader_close(wr_log_reader *reader)
{
    wr_cleanup_close(&reader->fd);
    wr_zstd_done(&reader->zstd);
    wr_buf_done(&reader->head);
    wr_free(reader->content);
    reader->content = NULL;
}
