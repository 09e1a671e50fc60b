/* Any bytes as a file of AWS profiles. What is refused is refused at a line; what is read has sections and keys, without
 * blanks around them. */
#include "net/aws_profile.h"

#include "base/ctx.h"
#include "base/str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_trimmed(weir_str text)
{
    wr_assert(wr_str_trim(text).len == text.len);
}

static void check_entry(const wr_ini *ini, const wr_ini_entry *entry)
{
    check_trimmed(entry->key);
    check_trimmed(entry->value);
    wr_assert(entry->parent.len == 0 || entry->key.len > 0);
    wr_assert(wr_ini_has(ini, entry->section));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    wr_auto(ctx) weir_ctx cx;
    wr_auto(arena) wr_arena arena = { 0 };
    wr_ctx_init(&cx, NULL);
    wr_ini ini;
    const weir_status status =
        wr_ini_parse(&cx, &arena, "it", (weir_str){ (const char *)data, size }, &ini);
    if (status != WEIR_OK) {
        wr_assert(status == WEIR_CONFIG);
        wr_assert(wr_str_starts(weir_str_of(weir_error_message(&cx)), wr_lit("it:")));
        return 0;
    }
    for (size_t i = 0; i < ini.len; i++)
        check_entry(&ini, &ini.entries[i]);
    const wr_aws_profiles profiles = { ini, ini };
    (void)wr_aws_profile_get(&profiles, wr_lit("default"), "region");
    return 0;
}
