/* Reads cells of the Arrow arrays that schema/batch.c lays out. */
#include "format/cells.h"

#include "base/str.h"
#include "base/time.h"

static int64_t int64_at(const struct ArrowArray *array, int64_t at)
{
    int64_t ret;
    memcpy(&ret, (const char *)array->buffers[1] + at * (int64_t)sizeof(ret), sizeof(ret));
    return ret;
}

static int32_t int32_at(const struct ArrowArray *array, int64_t at)
{
    int32_t ret;
    memcpy(&ret, (const char *)array->buffers[1] + at * (int64_t)sizeof(ret), sizeof(ret));
    return ret;
}

static weir_value float_at(const struct ArrowArray *array, int64_t at)
{
    double number;
    memcpy(&number, (const char *)array->buffers[1] + at * (int64_t)sizeof(number), sizeof(number));
    return weir_float(number);
}

static bool bit_at(const void *bits, int64_t at)
{
    return ((const uint8_t *)bits)[at / 8] >> (at % 8) & 1;
}

static weir_str text_at(const struct ArrowArray *array, int64_t at)
{
    const int32_t from = int32_at(array, at);
    return (weir_str){ (const char *)array->buffers[2] + from,
                       (size_t)(int32_at(array, at + 1) - from) };
}

weir_value wr_cells_get(const wr_cells *cells, const weir_column *column, size_t child)
{
    const struct ArrowArray *array = cells->batch->children[child];
    const int64_t at = cells->batch->offset + array->offset + cells->row;
    if (array->null_count != 0 && array->buffers[0] && !bit_at(array->buffers[0], at))
        return weir_null();

    switch (column->type) {
    case WEIR_TYPE_BIGINT: return weir_int(int64_at(array, at));
    case WEIR_TYPE_DOUBLE: return float_at(array, at);
    case WEIR_TYPE_BOOL: return weir_bool(bit_at(array->buffers[1], at));
    case WEIR_TYPE_TIMESTAMP: return weir_timestamp(int64_at(array, at));
    case WEIR_TYPE_DATE: return weir_date(int32_at(array, at));
    case WEIR_TYPE_TIME: return weir_time_of_day(int64_at(array, at));
    case WEIR_TYPE_DECIMAL:
    case WEIR_TYPE_WEI: return weir_text_of(WEIR_DECIMAL, text_at(array, at));
    case WEIR_TYPE_BINARY: return weir_text_of(WEIR_BYTES, text_at(array, at));
    case WEIR_TYPE_JSON: return weir_json_text(text_at(array, at));
    case WEIR_TYPE_TEXT:
    case WEIR_NO_TYPE: break;
    }
    return weir_text(text_at(array, at));
}

/* Dates have ten characters: years are 1 to 9999. */
#define DATE_LEN 10

size_t wr_cells_time(char *ret, const weir_column *column, weir_value value, char separator)
{
    if (value.kind == WEIR_DATE)
        return wr_date_iso(ret, value.as.i);
    if (value.kind == WEIR_TIME)
        return wr_clock_iso(ret, value.as.i);
    const size_t len = wr_time_iso(ret, value.as.i);
    ret[DATE_LEN] = separator;
    return column->hints & WEIR_HINT_NO_TIMEZONE ? len - strlen("+00:00") : len;
}
