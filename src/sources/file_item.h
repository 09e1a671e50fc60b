/* Files as items: what dlt's filesystem source tells of each, for increments by the time of change. */
#ifndef WR_FILE_ITEM_H
#define WR_FILE_ITEM_H

#include "base/buf.h"
#include "sources/glob.h"

/* Append a JSON object: file_name, relative_path (to `dir`), file_url, modification_date, size_in_bytes. */
weir_status wr_file_item(weir_ctx *cx, int dir, const wr_found_file *file, wr_buf *ret)
    WEIR_MUST_USE;

#endif
