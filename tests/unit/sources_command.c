/* Tests of the input `command`, weir/input.h. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <weir/input.h>

#include "base/buf.h"
#include "base/cancel.h"
#include "base/ctx.h"
#include "base/mem.h"
#include "base/str.h"
#include "harness/test.h"

/* The input over a script of the shell. */
typedef struct fixture {
    weir_ctx cx;
    weir_command spec;
    const char *words[8];
    void *self;
    wr_buf chunks;
} fixture;

static void close_input(fixture *f)
{
    if (f->self)
        weir_input_command.close(f->self);
    wr_free(f->self);
    f->self = NULL;
}

static void wr_cleanup_fixture(fixture *f)
{
    close_input(f);
    wr_buf_done(&f->chunks);
    wr_ctx_done(&f->cx);
}

static void fixture_begin(fixture *f)
{
    *f = (fixture){ .chunks = wr_buf_max(1 << 20) };
    wr_ctx_init(&f->cx, NULL);
}

#define FIXTURE(f)                                                                                 \
    wr_auto(fixture) fixture f;                                                                    \
    fixture_begin(&(f))

static weir_status open_script(fixture *f, const char *script)
{
    f->words[0] = "sh";
    f->words[1] = "-c";
    f->words[2] = script;
    f->words[3] = "program";
    f->spec.words = f->words;
    f->self = wr_alloc(weir_input_command.self_size);
    return weir_input_command.open(&f->cx, f->self, &f->spec);
}

/* The chunks that are left, each as `name:line+rows "text" `. */
static weir_status read_chunks(fixture *f)
{
    for (;;) {
        weir_chunk chunk;
        bool found;
        WEIR_TRY(weir_input_command.next(&f->cx, f->self, &chunk, &found));
        if (!found)
            return WEIR_OK;
        if (chunk.len < 1000)
            wr_buf_printf(&f->chunks, "%.*s:%lld+%lld \"%.*s\" ", WR_STR(chunk.name),
                          (long long)chunk.first_line, (long long)chunk.rows, (int)chunk.len,
                          chunk.text);
        weir_input_command.done(f->self, &chunk);
    }
}

static weir_status run_script(fixture *f, const char *script)
{
    WEIR_TRY(open_script(f, script));
    return read_chunks(f);
}

TEST(what_a_program_prints_is_read_as_lines)
{
    FIXTURE(f);

    CHECK_OK(run_script(&f, "echo 1; echo 2; printf 3"));

    CHECK_STR(wr_buf_text(&f.chunks), "sh:1+3 \"1\n2\n3\" ");
}

TEST(a_program_that_prints_nothing_has_no_rows)
{
    FIXTURE(f);

    CHECK_OK(run_script(&f, "true"));

    CHECK_INT(f.chunks.len, 0);
}

TEST(a_program_that_fails_gives_nothing_of_its_end)
{
    FIXTURE(f);

    CHECK_INT(run_script(&f, "echo 1; printf '{\"a\":'; echo one >&2; printf two >&2; exit 4"),
              WEIR_INVALID);

    CHECK_STR(weir_error_message(&f.cx),
              "the program 'sh' ended with exit status 4, and said at last:\none\ntwo");
    CHECK_INT(f.chunks.len, 0);
}

TEST(a_program_that_is_killed_fails)
{
    FIXTURE(f);

    CHECK_INT(run_script(&f, "echo 1; kill -KILL $$"), WEIR_INVALID);

    CHECK_STR(weir_error_message(&f.cx),
              "the program 'sh' ended with signal 9, Killed, and said nothing");
}

TEST(how_it_ends_counts_also_when_it_says_no_more)
{
    FIXTURE(f);

    CHECK_INT(run_script(&f, "echo 1; exec >&-; sleep 0.05; exit 5"), WEIR_INVALID);
}

TEST(of_much_that_is_said_the_end_is_told)
{
    FIXTURE(f);

    CHECK_INT(run_script(&f, "i=0; while [ $i -lt 20000 ]; do echo \"line $i\" >&2; "
                             "i=$((i+1)); done; exit 1"),
              WEIR_INVALID);

    const weir_str message = weir_str_of(weir_error_message(&f.cx));
    CHECK(wr_str_ends(message, wr_lit("\nline 19998\nline 19999")));
    CHECK(message.len < 3000);
}

TEST(placeholders_are_files_that_go_with_the_program)
{
    FIXTURE(f);
    f.spec.config = "{\"key\":1}";
    f.words[4] = "--config={config}";
    f.words[5] = "{config}";
    f.words[6] = "{other}";

    CHECK_OK(open_script(&f,
                         "f=$2; stat -c '%a' $f; echo \"${1%/config}\" | grep -c '^--config=/'; "
                         "cat $f; [ $WEIR_CONFIG = $f ] && echo; echo $3; dirname $f"));
    CHECK_OK(read_chunks(&f));

    const char *text = wr_buf_text(&f.chunks);
    CHECK(wr_str_starts(weir_str_of(text), wr_lit("sh:1+5 \"600\n1\n{\"key\":1}\n{other}\n/")));
    char folder[200] = "";
    (void)sscanf(strstr(text, "{other}\n") + 8, "%199[^\n]", folder);
    struct stat info;
    CHECK(stat(folder, &info) == 0 && (info.st_mode & 0777) == 0700);
    close_input(&f);
    CHECK(stat(folder, &info) != 0);
}

TEST(a_tap_gets_its_state_back)
{
    FIXTURE(f);
    f.spec.format = WEIR_COMMAND_SINGER;
    f.words[4] = "{state}";
    CHECK_OK(open_script(&f, "echo '{\"type\":\"SCHEMA\",\"stream\":\"s\",\"schema\":{}}'; "
                             "echo \"{\\\"type\\\":\\\"RECORD\\\",\\\"stream\\\":\\\"s\\\","
                             "\\\"record\\\":$(cat $1)}\"; "
                             "echo '{\"type\":\"STATE\",\"value\":{\"n\":2}}'"));

    CHECK_OK(weir_input_command.resume(&f.cx, f.self, wr_lit("{\"n\":1}")));
    CHECK_OK(read_chunks(&f));

    CHECK(strstr(wr_buf_text(&f.chunks), " {\"n\":1} ") != NULL);
    CHECK_TEXT(weir_input_command.position(f.self), "{\"n\":2}");
}

TEST(a_tap_without_its_file_is_refused)
{
    FIXTURE(f);
    f.spec.format = WEIR_COMMAND_SINGER;
    f.words[4] = "{catalog}";

    CHECK_INT(run_script(&f, "true"), WEIR_CONFIG);

    CHECK_STR(weir_error_message(&f.cx),
              "the argument '{catalog}' stands for a file, but there is no catalog");
}

TEST(variables_are_set_on_top_of_ours)
{
    FIXTURE(f);
    const char *const env[] = { "WEIR_TEST_A=1", "HOME=/nowhere", NULL };
    f.spec.env = env;
    f.spec.folder = "/";

    CHECK_OK(run_script(&f, "echo \"$WEIR_TEST_A $HOME\"; pwd; env | grep -c '^HOME='; "
                            "echo ${PATH:+path}"));

    CHECK_STR(wr_buf_text(&f.chunks), "sh:1+4 \"1 /nowhere\n/\n1\npath\n\" ");
}

TEST(a_program_that_hangs_ends_with_the_run)
{
    FIXTURE(f);
    wr_cancel cancel = { 0 };
    f.cx.cancel = &cancel;
    CHECK_OK(open_script(&f, "trap '' TERM; echo 1; sleep 1000 & wait; wait"));
    weir_chunk chunk;
    bool found;

    wr_cancel_raise(&cancel, 2);

    CHECK_INT(weir_input_command.next(&f.cx, f.self, &chunk, &found), WEIR_CANCELLED);
    close_input(&f);
}

TEST(a_program_whose_rows_nobody_wants_is_ended)
{
    FIXTURE(f);
    CHECK_OK(
        open_script(&f, "while :; do echo '{\"n\": \"0123456789012345678901234567890\"}'; done"));
    weir_chunk chunk;
    bool found;

    CHECK_OK(weir_input_command.next(&f.cx, f.self, &chunk, &found));
    CHECK(found);
    weir_input_command.done(f.self, &chunk);
    close_input(&f);
}

TEST(an_input_that_was_never_read_starts_no_program)
{
    FIXTURE(f);
    const char *path = test_tempdir();
    char script[300];
    snprintf(script, sizeof(script), "touch %s/there", path);

    CHECK_OK(open_script(&f, script));
    close_input(&f);

    snprintf(script, sizeof(script), "%s/there", path);
    CHECK(access(script, F_OK) != 0);
}
