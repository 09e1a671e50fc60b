/* Types of YAML 1.1: which plain scalars are no texts. The rules are those of PyYAML's resolver. */
#include "format/yaml_parts.h"

#include <regex.h>

#include "base/mem.h"
#include "base/str.h"

static const struct {
    const char *word;
    wr_yaml_type type;
} WORDS[] = {
    { "", WR_YAML_NULL },     { "~", WR_YAML_NULL },      { "null", WR_YAML_NULL },
    { "Null", WR_YAML_NULL }, { "NULL", WR_YAML_NULL },   { "yes", WR_YAML_TRUE },
    { "Yes", WR_YAML_TRUE },  { "YES", WR_YAML_TRUE },    { "true", WR_YAML_TRUE },
    { "True", WR_YAML_TRUE }, { "TRUE", WR_YAML_TRUE },   { "on", WR_YAML_TRUE },
    { "On", WR_YAML_TRUE },   { "ON", WR_YAML_TRUE },     { "no", WR_YAML_FALSE },
    { "No", WR_YAML_FALSE },  { "NO", WR_YAML_FALSE },    { "false", WR_YAML_FALSE },
    { "off", WR_YAML_FALSE }, { "False", WR_YAML_FALSE }, { "FALSE", WR_YAML_FALSE },
    { "Off", WR_YAML_FALSE }, { "OFF", WR_YAML_FALSE },   { "<<", WR_YAML_MERGE },
    { "=", WR_YAML_VALUE },
};

/* Longer words are texts. */
#define WORD_MAX 5

/* The first one that fits the whole scalar. */
static const struct {
    const char *regex;
    wr_yaml_type type;
} NUMBERS[] = {
    { "^[-+]?[0-9][0-9_]*[.][0-9_]*([eE][-+][0-9]+)?$", WR_YAML_FLOAT },
    { "^[.][0-9][0-9_]*([eE][-+][0-9]+)?$", WR_YAML_FLOAT },
    { "^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+[.][0-9_]*$", WR_YAML_UNLIKE_JSON },
    { "^[-+]?[.](inf|Inf|INF)$", WR_YAML_UNLIKE_JSON },
    { "^[.](nan|NaN|NAN)$", WR_YAML_UNLIKE_JSON },
    { "^[-+]?(0b[01_]+|0[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)$", WR_YAML_INT },
    { "^[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+$", WR_YAML_UNLIKE_JSON },
    { "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", WR_YAML_TIMESTAMP },
    { "^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}([.][0-9]*)?"
      "([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?$",
      WR_YAML_TIMESTAMP },
};

static bool fits(const char *regex, const char *text)
{
    regex_t compiled;
    if (regcomp(&compiled, regex, REG_EXTENDED | REG_NOSUB) != 0)
        return false;
    const bool found = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return found;
}

/* Most numbers of a schema. */
static bool is_count(weir_str plain)
{
    size_t digits = 0;
    while (digits < plain.len && plain.ptr[digits] >= '0' && plain.ptr[digits] <= '9')
        digits++;
    return digits == plain.len && (digits == 1 || plain.ptr[0] != '0');
}

static wr_yaml_type number_type(weir_str plain)
{
    if (is_count(plain))
        return WR_YAML_INT;
    wr_auto(free) char *text = wr_copy(plain.ptr, plain.len);
    for (size_t i = 0; i < sizeof(NUMBERS) / sizeof(*NUMBERS); i++)
        if (fits(NUMBERS[i].regex, text))
            return NUMBERS[i].type;
    return WR_YAML_TEXT;
}

wr_yaml_type wr_yaml_type_of(weir_str plain)
{
    for (size_t i = 0; plain.len <= WORD_MAX && i < sizeof(WORDS) / sizeof(*WORDS); i++)
        if (wr_str_eq(plain, weir_str_of(WORDS[i].word)))
            return WORDS[i].type;
    const bool could_be = plain.len > 0 && memchr("-+.0123456789", plain.ptr[0], 13) &&
                          !memchr(plain.ptr, '\0', plain.len);
    return could_be ? number_type(plain) : WR_YAML_TEXT;
}
