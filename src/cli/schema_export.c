/* weir schema export: the stored schema of a pipeline, as dlt exports schemas. */
#include <stdio.h>

#include "base/ctx.h"
#include "base/file.h"
#include "cli/schema_stored.h"
#include "cli/tree.h"

static weir_status read_form(weir_ctx *cx, const wr_call *call, wr_schema_form *ret)
{
    const char *format = wr_call_flag(call, "format");
    ret->json = format && strcmp(format, "json") == 0;
    ret->remove_defaults = wr_call_flag(call, "remove-defaults") != NULL;
    if (!format || ret->json || strcmp(format, "yaml") == 0)
        return WEIR_OK;
    (void)weir_fail(cx, WEIR_INVALID, "there is no format '%s'\nhint: one of: yaml, json", format);
    cx->error.native = WR_USAGE;
    return WEIR_INVALID;
}

weir_status wr_command_schema_export(weir_ctx *cx, const wr_call *call)
{
    wr_auto(buf) wr_buf out = wr_buf_max(WR_FILE_MAX);
    wr_auto(stored) wr_stored stored = { 0 };
    wr_auto(schema) wr_schema *schema = NULL;
    wr_schema_form form = { 0 };
    weir_str place;
    WEIR_TRY(read_form(cx, call, &form));
    WEIR_TRY(wr_stored_read_newest(cx, call->words[0], &stored, &schema, &place));

    char hash[WR_SCHEMA_HASH_TEXT];
    wr_schema_export(&out, schema, form, hash);
    if (form.json)
        wr_buf_char(&out, '\n');
    WEIR_TRY(wr_buf_check(cx, &out, "the schema"));
    fwrite(out.ptr, 1, out.len, stdout);
    return WEIR_OK;
}
