/* The log: what was appended comes back, and what is damaged is found. */
#include "pipeline/framelog.h"

#include <string.h>
#include <unistd.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "harness/test.h"

static int open_folder(weir_ctx *cx)
{
    int dir = -1;
    return wr_open_dir(cx, AT_FDCWD, test_tempdir(), false, &dir) == WEIR_OK ? dir : -1;
}

static weir_status append_text(weir_ctx *cx, wr_log_writer *log, const char *content)
{
    char copy[256];
    snprintf(copy, sizeof copy, "%s", content);
    const wr_frame frame = {
        .kind = WR_FRAME_JSON,
        .rows = 1,
        .resource = wr_lit("orders"),
        .table = wr_lit("orders"),
        .place = wr_lit("{\"page\":2}"),
        .content = copy,
        .len = strlen(copy),
    };
    return wr_log_append(cx, log, &frame);
}

/* A log of three frames in a new folder. */
static int write_three(weir_ctx *cx)
{
    const int dir = open_folder(cx);
    wr_log_writer log;
    if (wr_log_create(cx, dir, &log) != WEIR_OK)
        return -1;
    const bool fine =
        append_text(cx, &log, "{\"id\":1}\n") == WEIR_OK &&
        append_text(cx, &log, "{\"id\":2,\"id2\":22222222222222222222222222222222}\n") == WEIR_OK &&
        append_text(cx, &log, "{\"id\":3}\n") == WEIR_OK && wr_log_sync(cx, &log) == WEIR_OK;
    wr_log_writer_close(&log);
    return fine ? dir : -1;
}

static void change_byte(int dir, off_t at)
{
    const int fd = openat(dir, "00000.log", O_RDWR);
    char byte = 0;
    if (pread(fd, &byte, 1, at) == 1) {
        byte ^= 0x20;
        (void)!pwrite(fd, &byte, 1, at);
    }
    close(fd);
}

static int count_frames(weir_ctx *cx, int dir, bool sealed, weir_status *ret)
{
    wr_log_reader log;
    *ret = wr_log_open(cx, dir, sealed, &log);
    if (*ret != WEIR_OK)
        return -1;
    int count = 0;
    bool found = true;
    wr_frame frame;
    while ((*ret = wr_log_next(cx, &log, &frame, &found)) == WEIR_OK && found)
        count++;
    wr_log_reader_close(&log);
    return count;
}

TEST(frames_come_back_as_they_were_appended)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(close) int dir = write_three(&cx);
    CHECK(dir >= 0);

    wr_log_reader log;
    CHECK_OK(wr_log_open(&cx, dir, true, &log));
    wr_frame frame;
    bool found = false;
    CHECK_OK(wr_log_next(&cx, &log, &frame, &found));
    CHECK(found);
    CHECK_TEXT(frame.resource, "orders");
    CHECK_TEXT(frame.place, "{\"page\":2}");
    CHECK_TEXT(((weir_str){ frame.content, frame.len }), "{\"id\":1}\n");
    CHECK_OK(wr_log_next(&cx, &log, &frame, &found));
    CHECK_INT(frame.number, 1);
    wr_log_reader_close(&log);
}

TEST(a_log_that_breaks_off_ends_at_its_last_whole_frame_before_the_seal)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(close) int dir = write_three(&cx);
    CHECK(dir >= 0);
    wr_auto(close) int fd = -1;
    CHECK_OK(wr_open_at(&cx, dir, "00000.log", O_RDWR, &fd));
    int64_t size = 0;
    CHECK_OK(wr_size(&cx, fd, &size));
    CHECK_OK(wr_truncate(&cx, fd, size - 3));

    weir_status status = WEIR_OK;
    CHECK_INT(count_frames(&cx, dir, false, &status), 2);
    CHECK_INT(status, WEIR_OK);

    CHECK_INT(count_frames(&cx, dir, true, &status), 2);
    CHECK_INT(status, WEIR_CORRUPT);
    CHECK(strstr(weir_error_message(&cx), "a frame is cut off"));
    CHECK(strstr(weir_error_hint(&cx), "weir package drop"));
}

TEST(a_changed_byte_anywhere_in_a_sealed_log_is_found)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(close) int dir = write_three(&cx);
    CHECK(dir >= 0);
    wr_auto(close) int fd = -1;
    CHECK_OK(wr_open_at(&cx, dir, "00000.log", O_RDONLY, &fd));
    int64_t size = 0;
    CHECK_OK(wr_size(&cx, fd, &size));

    for (int64_t at = 0; at < size; at++) {
        change_byte(dir, at);
        weir_status status = WEIR_OK;
        (void)count_frames(&cx, dir, true, &status);
        CHECK_INT(status, WEIR_CORRUPT);
        weir_error_clear(&cx);
        change_byte(dir, at);
    }
}

TEST(a_frame_of_an_unknown_kind_is_not_read_as_something_else)
{
    wr_auto(ctx) weir_ctx cx;
    wr_ctx_init(&cx, NULL);
    wr_auto(close) int dir = open_folder(&cx);
    wr_log_writer log;
    CHECK_OK(wr_log_create(&cx, dir, &log));
    char content[] = "1\n";
    const wr_frame frame = { .kind = (wr_frame_kind)9, .rows = 1, .content = content, .len = 2 };
    CHECK_OK(wr_log_append(&cx, &log, &frame));
    wr_log_writer_close(&log);

    weir_status status = WEIR_OK;
    CHECK_INT(count_frames(&cx, dir, false, &status), 0);
    CHECK_INT(status, WEIR_CORRUPT);
    CHECK(strstr(weir_error_message(&cx), "a frame's kind is unknown"));
}
