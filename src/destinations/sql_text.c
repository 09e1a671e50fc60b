/* The text of statements: names, literals, types, tables. Blanks and line ends are those of dlt (spec
 * dlt-load-destinations.md, 2.4), so that a log of statements can be compared. */
#include "base/ctx.h"
#include "base/str.h"
#include "base/time.h"
#include "destinations/sql_parts.h"

static void append_quoted(wr_buf *out, weir_str text, char quote)
{
    wr_buf_char(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == quote)
            wr_buf_char(out, quote);
        /* No database takes NUL in a statement, and none of ours stores it. */
        if (text.ptr[i] != '\0')
            wr_buf_char(out, text.ptr[i]);
    }
    wr_buf_char(out, quote);
}

void wr_sql_ident(wr_buf *out, weir_str name)
{
    append_quoted(out, name, '"');
}

void wr_sql_text(wr_buf *out, weir_str text)
{
    append_quoted(out, text, '\'');
}

void wr_sql_time(wr_buf *out, weir_time time)
{
    char text[WR_TIME_TEXT];
    const size_t len = wr_time_iso(text, time);
    wr_sql_text(out, (weir_str){ text, len });
}

static wr_sql_precision precision_of(const wr_dialect *dialect, const weir_column *column)
{
    const wr_sql_precision own = { column->precision, column->scale };
    return own.precision > 0 ? own : dialect->standard[column->type];
}

static const wr_sql_type *find_type(const wr_dialect *dialect, const weir_column *column)
{
    const bool wall_clock = (column->hints & WEIR_HINT_NO_TIMEZONE) != 0;
    const int precision = precision_of(dialect, column).precision;
    for (const wr_sql_type *type = dialect->types; type->text; type++) {
        if (type->type == column->type && type->wall_clock == wall_clock &&
            (type->up_to == 0 || precision <= type->up_to))
            return type;
    }
    return NULL;
}

static weir_status append_type(weir_ctx *cx, const wr_dialect *dialect, wr_buf *out,
                               const weir_column *column)
{
    const wr_sql_type *type = find_type(dialect, column);
    if (!type)
        return weir_fail(cx, WEIR_UNSUPPORTED,
                         "column '%.*s': the destination has no type for %s of precision %d\n"
                         "hint: declare the column with a smaller precision",
                         WR_STR(column->name), weir_type_name(column->type), column->precision);

    const wr_sql_precision precision = precision_of(dialect, column);
    for (const char *at = type->text; *at; at++) {
        if (strncmp(at, "{p}", 3) != 0 && strncmp(at, "{s}", 3) != 0) {
            wr_buf_char(out, *at);
            continue;
        }
        wr_buf_printf(out, "%d", at[1] == 'p' ? precision.precision : precision.scale);
        at += 2;
    }
    return WEIR_OK;
}

/* Name, type, hints and NOT NULL are joined by single blanks; a part that is empty leaves its blank. */
static weir_status append_column(weir_ctx *cx, const wr_sql *sql, wr_buf *out,
                                 const weir_column *column, bool not_null)
{
    const bool unique = sql->create_indexes && (column->hints & WEIR_HINT_UNIQUE) != 0;
    wr_sql_ident(out, column->name);
    wr_buf_char(out, ' ');
    WEIR_TRY(append_type(cx, &sql->driver->dialect, out, column));
    wr_buf_printf(out, " %s %s", unique ? "UNIQUE" : "", not_null ? "NOT NULL" : "");
    return WEIR_OK;
}

weir_status wr_sql_create_table(weir_ctx *cx, const wr_sql *sql, wr_buf *out, weir_str path,
                                const weir_table *table)
{
    const bool internal = wr_str_starts(table->name, wr_lit("_dlt"));
    wr_buf_printf(out, "CREATE TABLE %s%.*s (\n", internal ? "IF NOT EXISTS " : "", WR_STR(path));
    bool first = true;
    for (size_t i = 0; i < table->column_count; i++) {
        const weir_column *column = &table->columns[i];
        if (column->type == WEIR_NO_TYPE)
            continue;
        wr_buf_cstr(out, first ? "" : ",\n");
        first = false;
        WEIR_TRY(append_column(cx, sql, out, column, (column->hints & WEIR_HINT_NOT_NULL) != 0));
    }
    wr_buf_char(out, ')');
    return WEIR_OK;
}

weir_status wr_sql_add_column(weir_ctx *cx, const wr_sql *sql, wr_buf *out, weir_str path,
                              const weir_column *column)
{
    wr_buf_printf(out, "ALTER TABLE %.*s\nADD COLUMN ", WR_STR(path));
    return append_column(cx, sql, out, column, false);
}

void wr_sql_empty_table(const wr_sql *sql, wr_buf *out, weir_str path)
{
    if (sql->driver->dialect.truncates)
        wr_buf_printf(out, "TRUNCATE TABLE %.*s", WR_STR(path));
    else
        wr_buf_printf(out, "DELETE FROM %.*s WHERE 1=1", WR_STR(path));
}
