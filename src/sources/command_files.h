/* What a program is started with: files for its placeholders, its words, its environment. */
#ifndef WR_COMMAND_FILES_H
#define WR_COMMAND_FILES_H

#include <weir/input.h>

#include "base/arena.h"

/* In `arena`, which the caller gives. Zero has no files. */
typedef struct wr_command_files {
    const char *folder; /* of the files, which only we may enter; NULL: there are none */
    const char *const *words;
    const char *const *env;
} wr_command_files;

/* Write the files and fill in what the program gets. `state`: of a Singer tap, JSON. End *ret in any case. */
weir_status wr_command_files_begin(weir_ctx *cx, wr_arena *arena, const weir_command *spec,
                                   weir_str state, wr_command_files *ret) WEIR_MUST_USE;
void wr_command_files_end(wr_command_files *files);

#endif
