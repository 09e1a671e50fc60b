/* Resolved options, from the inside. */
#ifndef WR_VALUES_H
#define WR_VALUES_H

#include <weir/option.h>
#include <weir/value.h>

#include "config/config.h"

typedef struct wr_option_value {
    bool given;       /* a provider answered; else it is the default, or nothing */
    wr_answer answer; /* when it is given */
    weir_str text;
    int64_t number;
    double seconds;
    bool yes;
} wr_option_value;

struct weir_option_values {
    const weir_option *options;
    wr_option_value *values; /* one for each option */
};

/* Fill in what `text` means for the option's kind; false when it is not of that kind, or none of its choices. */
bool wr_option_parse(const weir_option *option, weir_str text, wr_option_value *ret);
/* Likewise, for a value that has a kind of its own: 1 is true, the text "2" is not. */
bool wr_option_read(const weir_option *option, weir_value value, wr_arena *arena,
                    wr_option_value *ret);
/* A value as text: as dlt writes it where a text is wanted. */
weir_str wr_option_text(wr_arena *arena, weir_value value);
/* "an integer" */
const char *wr_option_kind_name(weir_option_kind kind);
/* Is it a connection string? */
bool wr_option_is_url(const weir_option *option);
/* Must its value not be seen? */
bool wr_option_is_secret(const weir_option *option);

#endif
