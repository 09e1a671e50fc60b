/* Reads the symbol table of an ELF file: dladdr() knows only functions that are not static. */
#include "project/symbols.h"

#include <elf.h>
#include <link.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "project/files.h"

typedef ElfW(Ehdr) elf_header;
typedef ElfW(Shdr) elf_section;
typedef ElfW(Sym) elf_symbol;

/* `count` elements of `size` bytes at `offset` of the file, copied, since nothing in it need be aligned; NULL when the file
 * ends before. */
static const void *read_part(wr_arena *arena, weir_str file, uint64_t offset, uint64_t count,
                             size_t size)
{
    if (offset > file.len || count > (file.len - offset) / size)
        return NULL;
    void *ret = wr_arena_alloc(arena, (size_t)count * size);
    if (count > 0)
        memcpy(ret, file.ptr + offset, (size_t)count * size);
    return ret;
}

/* The sections; NULL when the file has none that can be read. */
static const elf_section *read_sections(wr_arena *arena, weir_str file, size_t *ret_count)
{
    const elf_header *header = read_part(arena, file, 0, 1, sizeof(*header));
    const unsigned char class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
        header->e_ident[EI_CLASS] != class || header->e_shentsize != sizeof(elf_section))
        return NULL;
    *ret_count = header->e_shnum;
    return read_part(arena, file, header->e_shoff, header->e_shnum, sizeof(elf_section));
}

/* A name without what the compiler appended to a copy of the function ("items.part.0"), and without what makes the
 * weir_main of each file another one. */
static weir_str plain_name(weir_str name)
{
    weir_str plain = { 0 };
    (void)wr_str_split(&name, '.', &plain);
    return wr_str_starts(plain, wr_lit(WR_MAIN "_")) ? wr_lit(WR_MAIN) : plain;
}

/* The text at `at` of a string table, which need not end in a NUL. */
static weir_str text_at(weir_str table, uint32_t at)
{
    if (at >= table.len)
        return (weir_str){ 0 };
    const weir_str rest = { table.ptr + at, table.len - at };
    const char *end = memchr(rest.ptr, '\0', rest.len);
    return end ? (weir_str){ rest.ptr, (size_t)(end - rest.ptr) } : (weir_str){ 0 };
}

static bool is_function(const elf_symbol *symbol)
{
    return (symbol->st_info & 0xF) == STT_FUNC && symbol->st_shndx != SHN_UNDEF &&
           symbol->st_size > 0;
}

static wr_functions take_functions(wr_arena *arena, const elf_symbol *symbols, size_t count,
                                   weir_str names, uintptr_t base)
{
    wr_function *list = wr_arena_new_array(arena, count, wr_function);
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        const weir_str name = plain_name(text_at(names, symbols[i].st_name));
        if (!is_function(&symbols[i]) || name.len == 0)
            continue;
        list[len].begin = base + symbols[i].st_value;
        list[len].end = list[len].begin + symbols[i].st_size;
        list[len++].name = wr_arena_str(arena, name).ptr;
    }
    return (wr_functions){ list, len };
}

weir_status wr_functions_read(weir_ctx *cx, wr_arena *arena, const char *path, uintptr_t base,
                              wr_functions *ret)
{
    wr_auto(arena) wr_arena scratch = { 0 };
    weir_str file = { 0 };
    bool found = false;
    size_t count = 0;
    *ret = (wr_functions){ 0 };
    WEIR_TRY(wr_file_read(cx, &scratch, AT_FDCWD, path, &file, &found));
    const elf_section *sections = read_sections(&scratch, file, &count);
    for (size_t i = 0; sections && i < count; i++) {
        const elf_section *table = &sections[i];
        if (table->sh_type != SHT_SYMTAB || table->sh_link >= count)
            continue;
        const elf_section *texts = &sections[table->sh_link];
        const size_t symbol_count = (size_t)(table->sh_size / sizeof(elf_symbol));
        const elf_symbol *symbols =
            read_part(&scratch, file, table->sh_offset, symbol_count, sizeof(elf_symbol));
        const char *names = read_part(&scratch, file, texts->sh_offset, texts->sh_size, 1);
        if (symbols && names)
            *ret = take_functions(arena, symbols, symbol_count,
                                  (weir_str){ names, (size_t)texts->sh_size }, base);
    }
    return WEIR_OK;
}

const char *wr_functions_find(const wr_functions *functions, uintptr_t address)
{
    for (size_t i = 0; i < functions->len; i++)
        if (address >= functions->ptr[i].begin && address < functions->ptr[i].end)
            return functions->ptr[i].name;
    return NULL;
}
