/* Any bytes as a schema to import, as YAML and as JSON. What is read is exported and comes back as the same version. */
#include "base/ctx.h"
#include "base/str.h"
#include "schema/schema.h"

#define OUT_MAX ((size_t)64 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_export(weir_ctx *cx, const wr_schema *schema, wr_schema_form form)
{
    wr_auto(buf) wr_buf out = wr_buf_max(OUT_MAX);
    wr_auto(schema) wr_schema *back = NULL;
    char hash[WR_SCHEMA_HASH_TEXT];
    wr_schema_export(&out, schema, form, hash);
    const wr_schema_file file = { "out", form.json, wr_buf_view(&out) };
    if (wr_schema_import(cx, &file, &back) != WEIR_OK)
        return; /* an other line end than \n in a name, see fuzz/yaml.c */
    wr_assert(!form.json || strcmp(back->hash, hash) == 0);
}

static void import(weir_str text, bool json)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(schema) wr_schema *schema = NULL;
    wr_ctx_init(&cx, NULL);
    const wr_schema_file file = { "it", json, text };
    if (wr_schema_import(&cx, &file, &schema) != WEIR_OK) {
        wr_assert(*weir_error_message(&cx));
        return;
    }
    for (int form = 0; form < 8; form++)
        check_export(&cx, schema,
                     (wr_schema_form){
                         .json = form & 1,
                         .remove_defaults = form & 2,
                         .remove_hints = form & 4,
                     });
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const weir_str text = { (const char *)data, size };
    import(text, false);
    import(text, true);
    return 0;
}
