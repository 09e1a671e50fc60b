/* Tests of destinations/lake_layout.h. What paths have to be was recorded from dlt 1.31's create_path(). */
#include "destinations/lake_layout.h"

#include <inttypes.h>

#include "base/ctx.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "config/config.h"
#include "harness/fixture.h"
#include "harness/test.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static const weir_option options[] = {
    { "layout", .standard = "{table_name}/{load_id}.{file_id}.{ext}" },
    { "extra_placeholders", WEIR_OPTION_MAP },
    { "current_datetime" },
    { "warn_unsafe_layout_separators", WEIR_OPTION_BOOL, "true" },
    { 0 },
};

/* 2024-04-14T08:32:00Z */
static const weir_time APRIL = INT64_C(1713083520000000);

static wr_lake_name name_at(weir_time time)
{
    return (wr_lake_name){
        .schema = wr_lit("schema-name"),
        .table = wr_lit("mocked-table"),
        .load_id = wr_lit("mocked-load-id"),
        .load_time = time,
        .file_id = wr_lit("mocked-file-id"),
        .ext = wr_lit("jsonl"),
    };
}

/* Read a layout; settings are pairs of keys and values, ending with NULL. */
static weir_status read_layout(fixture *f, const char *layout, const char *const *settings,
                               wr_lake_layout *ret)
{
    wr_auto(config) wr_config *config = wr_config_new();
    const weir_option_values *values = NULL;
    const wr_scope scope = { .config = config, .section = WR_SECTION("lake") };
    wr_config_set(config, "lake.layout", weir_str_of(layout));
    for (size_t i = 0; settings && settings[i]; i += 2)
        wr_config_set(config, settings[i], weir_str_of(settings[i + 1]));
    WEIR_TRY(wr_config_resolve(&f->cx, &scope, options, &f->arena, &values));
    return wr_lake_layout_read(&f->cx, &f->arena, values, ret);
}

/* The path of a file by the layout; the error when there is none. */
static const char *path_by(fixture *f, const char *text, const char *const *settings,
                           wr_lake_name name)
{
    wr_lake_layout layout;
    wr_buf_clear(&f->out);
    if (read_layout(f, text, settings, &layout) != WEIR_OK ||
        wr_lake_layout_path(&f->cx, &layout, &name, &f->out) != WEIR_OK)
        return weir_error_message(&f->cx);
    return wr_buf_text(&f->out);
}

TEST(a_layout_gives_the_paths_of_dlt)
{
    static const struct {
        const char *layout;
        const char *path;
    } cases[] = {
        { "{schema_name}/{table_name}/{load_id}.{file_id}.{ext}",
          "schema-name/mocked-table/mocked-load-id.mocked-file-id.jsonl" },
        { "{table_name}/{curr_date}/{load_id}.{file_id}.{ext}{timestamp}",
          "mocked-table/2024-04-14/mocked-load-id.mocked-file-id.jsonl1713083520" },
        { "{table_name}/{YYYY}-{MMM}-{D}/{load_id}.{file_id}.{ext}",
          "mocked-table/2024-apr-14/mocked-load-id.mocked-file-id.jsonl" },
        { "{table_name}/{DD}/{HH}/{m}/{load_id}.{file_id}.{ext}",
          "mocked-table/14/08/32/mocked-load-id.mocked-file-id.jsonl" },
        { "{table_name}/{Q}/{MM}/{ddd}/{load_id}.{file_id}.{ext}",
          "mocked-table/2/04/sun/mocked-load-id.mocked-file-id.jsonl" },
        { "{table_name}/{timestamp}/{d}/{load_id}.{file_id}.{ext}",
          "mocked-table/1713083520/0/mocked-load-id.mocked-file-id.jsonl" },
        { "{table_name}/ms={SSS}/mcs={SSSS}/{load_id}.{file_id}.{ext}",
          "mocked-table/ms=000/mcs=0000/mocked-load-id.mocked-file-id.jsonl" },
        { "{table_name}88{load_id}-u-{file_id}.{ext}",
          "mocked-table88mocked-load-id-u-mocked-file-id.jsonl" },
        { "{table_name}/{load_package_timestamp}/{load_package_timestamp_ms}.{file_id}",
          "mocked-table/1713083520/1713083520000.mocked-file-id.jsonl" },
    };
    static const char *const quiet[] = { "lake.warn_unsafe_layout_separators", "false", NULL };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        CHECK_STR(path_by(&f, cases[i].layout, quiet, name_at(APRIL)), cases[i].path);
}

#define ALL_DATES                                                                                  \
    "{table_name}/{YYYY}_{YY}_{Y}_{MMMM}_{MMM}_{MM}_{M}_{DD}_{D}_{HH}_{H}_{mm}_{m}_{ss}_{s}_"      \
    "{SSSS}_{SSS}_{SS}_{S}_{dddd}_{ddd}_{dd}_{d}_{Q}_{curr_date}_{timestamp}_{timestamp_ms}."      \
    "{load_id}.{ext}"

TEST(dates_in_paths_are_those_of_dlt)
{
    static const struct {
        const char *time;
        const char *path;
    } cases[] = {
        { "2024-01-01T00:00:00.012345Z",
          "2024_24_2024_january_jan_01_1_01_1_00_0_00_0_00_0_0123_012_01_0_monday_mon_mo_1_1_"
          "2024-01-01_1704067200_1704067200012" },
        { "2023-12-31T23:59:59.999999Z",
          "2023_23_2023_december_dec_12_12_31_31_23_23_59_59_59_59_9999_999_99_9_sunday_sun_su_0_4_"
          "2023-12-31_1704067199_1704067199999" },
        { "2000-02-29T12:05:06.7Z",
          "2000_00_2000_february_feb_02_2_29_29_12_12_05_5_06_6_7000_700_70_7_tuesday_tue_tu_2_1_"
          "2000-02-29_951825906_951825906700" },
        { "1999-09-05T03:04:05Z",
          "1999_99_1999_september_sep_09_9_05_5_03_3_04_4_05_5_0000_000_00_0_sunday_sun_su_0_3_"
          "1999-09-05_936500645_936500645000" },
        { "2025-05-05T13:14:15.5Z",
          "2025_25_2025_may_may_05_5_05_5_13_13_14_14_15_15_5000_500_50_5_monday_mon_mo_1_2_"
          "2025-05-05_1746450855_1746450855500" },
        { "2025-08-08T13:14:15.5Z",
          "2025_25_2025_august_aug_08_8_08_8_13_13_14_14_15_15_5000_500_50_5_friday_fri_fr_5_3_"
          "2025-08-08_1754658855_1754658855500" },
    };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *const settings[] = { "lake.current_datetime", cases[i].time, NULL };
        const weir_str expected =
            wr_arena_printf(&f.arena, "mocked-table/%s.mocked-load-id.jsonl", cases[i].path);
        CHECK_STR(path_by(&f, ALL_DATES, settings, name_at(APRIL)), expected.ptr);
    }
}

TEST(placeholders_of_the_user_stand_in_paths)
{
    static const char *const settings[] = {
        "lake.extra_placeholders", "{\"owner\":\"team a\",\"shard\":7,\"load_id\":\"mine\"}", NULL
    };
    wr_auto(fixture) fixture f = fixture_new();

    CHECK_STR(
        path_by(&f, "{table_name}/{owner}/{shard}\\{load_id}.{file_id}", settings, name_at(APRIL)),
        "mocked-table/team a/7/mine.mocked-file-id.jsonl");
}

TEST(layouts_by_which_files_are_not_told_apart_are_refused)
{
    static const struct {
        const char *layout;
        const char *why;
    } cases[] = {
        { "{load_id}/{file_id}.{ext}", "has no {table_name}" },
        { "{load_id}/{table_name}/{file_id}.{ext}",
          "has another placeholder than {schema_name} before {table_name}" },
        { "{table_name}{file_id}.{ext}", "has a placeholder right behind {table_name}" },
        { "{table_name}/data.{ext}", "has neither {load_id} nor {file_id}" },
        { "{table_name}/{file_id}.{what}", "has the unknown placeholder 'what'" },
        { "{table_name}/{file_id}.{}", "has the unknown placeholder '{}'" },
    };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        wr_lake_layout layout;
        CHECK_INT(read_layout(&f, cases[i].layout, NULL, &layout), WEIR_CONFIG);
        CHECK(strstr(weir_error_message(&f.cx), cases[i].why));
        CHECK(*weir_error_hint(&f.cx));
        weir_error_clear(&f.cx);
    }
}

TEST(a_path_never_leaves_the_dataset)
{
    static const char *const tables[] = { "../up", "a//b", "./x", ".." };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
        wr_lake_name name = name_at(APRIL);
        name.table = weir_str_of(tables[i]);
        CHECK(strstr(path_by(&f, "{table_name}/{load_id}", NULL, name),
                     "gives no path in the dataset"));
        weir_error_clear(&f.cx);
    }
}

static void keep_line(void *self, wr_log_level level, weir_str line)
{
    if (level == WR_LOG_WARN)
        snprintf(self, 1024, "%.*s", WR_STR(line));
}

TEST(a_layout_whose_tables_share_a_beginning_is_warned_of)
{
    static const struct {
        const char *layout;
        bool unsafe;
    } cases[] = {
        { "{table_name}/{load_id}", false },
        { "{table_name}.{load_id}", false },
        { "{table_name}-{load_id}", false },
        { "{table_name}_{load_id}", true },
        { "{table_name}88{load_id}", true },
        { "{schema_name}/{table_name}/{load_id}", false },
        { "{schema_name}_{table_name}/{load_id}", true },
    };
    wr_auto(fixture) fixture f = fixture_new();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char line[1024] = "";
        wr_lake_layout layout;
        wr_log_sink(keep_line, line);
        CHECK_OK(read_layout(&f, cases[i].layout, NULL, &layout));
        wr_log_sink(NULL, NULL);
        CHECK_INT(strstr(line, "can go on into that of another") != NULL, cases[i].unsafe);
    }
}

TEST(the_files_of_a_table_are_found_by_how_they_begin)
{
    wr_auto(fixture) fixture f = fixture_new();
    wr_lake_layout layout;
    CHECK_OK(read_layout(&f, "{schema_name}/{table_name}.{load_id}.{ext}", NULL, &layout));

    wr_lake_layout_prefix(&layout, wr_lit("shop"), wr_lit("orders"), &f.out);
    CHECK_STR(wr_buf_text(&f.out), "shop/orders.");
    wr_buf_clear(&f.out);
    wr_lake_layout_prefix(&layout, wr_lit("shop"), wr_lit("_dlt_loads"), &f.out);
    CHECK_STR(wr_buf_text(&f.out), "_dlt_loads/");
}
