/* Tests of project/symbols.h. */
#include "project/symbols.h"

#include <elf.h>
#include <link.h>

#include "base/ctx.h"
#include "base/file.h"
#include "base/str.h"
#include "harness/test.h"

/* A file with a symbol table and nothing else. */
typedef struct elf_file {
    ElfW(Ehdr) header;
    ElfW(Shdr) sections[3];
    ElfW(Sym) symbols[6];
    char names[64];
} elf_file;

enum { NAME_ITEMS = 1, NAME_PART = 7, NAME_MAIN = 20, NAME_DATA = 40 };

static elf_file make_file(void)
{
    elf_file ret = {
        .header = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3,
                                 sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32 },
                    .e_shoff = offsetof(elf_file, sections),
                    .e_shentsize = sizeof(ElfW(Shdr)),
                    .e_shnum = 3 },
        .sections = { { 0 },
                      { .sh_type = SHT_SYMTAB,
                        .sh_offset = offsetof(elf_file, symbols),
                        .sh_size = sizeof(ret.symbols),
                        .sh_link = 2 },
                      { .sh_type = SHT_STRTAB,
                        .sh_offset = offsetof(elf_file, names),
                        .sh_size = sizeof(ret.names) } },
        .symbols = { { .st_name = NAME_ITEMS, .st_value = 0x100, .st_size = 0x10 },
                     { .st_name = NAME_PART, .st_value = 0x110, .st_size = 0x10 },
                     { .st_name = NAME_MAIN, .st_value = 0x120, .st_size = 0x10 },
                     { .st_name = NAME_DATA, .st_value = 0x130, .st_size = 0x10 },
                     { .st_name = NAME_ITEMS, .st_value = 0x140, .st_size = 0x10 },
                     { .st_name = 1000, .st_value = 0x150, .st_size = 0x10 } },
    };
    memcpy(ret.names + NAME_ITEMS, "items", 5);
    memcpy(ret.names + NAME_PART, "pages.part.0", 12);
    memcpy(ret.names + NAME_MAIN, "weir_main_0123456", 17);
    memcpy(ret.names + NAME_DATA, "data", 4);
    for (size_t i = 0; i < 6; i++)
        ret.symbols[i].st_shndx = i == 4 ? SHN_UNDEF : 1;
    for (size_t i = 0; i < 6; i++)
        ret.symbols[i].st_info = i == 3 ? STT_OBJECT : STT_FUNC;
    return ret;
}

typedef struct fixture {
    weir_ctx cx;
    wr_arena arena;
    int dir;
    wr_functions functions;
} fixture;

static void wr_cleanup_fixture(fixture *f)
{
    wr_arena_done(&f->arena);
    wr_cleanup_close(&f->dir);
    wr_ctx_done(&f->cx);
}

#define FIXTURE(f)                                                                                 \
    wr_auto(fixture) fixture f = { .dir = -1 };                                                    \
    wr_ctx_init(&(f).cx, NULL);                                                                    \
    CHECK_OK(wr_open_dir(&(f).cx, AT_FDCWD, test_tempdir(), false, &(f).dir))

static weir_status read_bytes(fixture *f, const void *bytes, size_t len)
{
    weir_str path;
    WEIR_TRY(wr_file_publish(&f->cx, f->dir, "module.so", (weir_str){ bytes, len }));
    WEIR_TRY(wr_real_path(&f->cx, &f->arena, f->dir, "module.so", &path));
    return wr_functions_read(&f->cx, &f->arena, path.ptr, 0x70000, &f->functions);
}

TEST(the_functions_of_a_module_are_known_by_their_addresses)
{
    FIXTURE(f);
    const elf_file file = make_file();

    CHECK_OK(read_bytes(&f, &file, sizeof(file)));

    CHECK_STR(wr_functions_find(&f.functions, 0x70100), "items");
    CHECK_STR(wr_functions_find(&f.functions, 0x7010F), "items");
    CHECK(!wr_functions_find(&f.functions, 0x700FF));
    CHECK(!wr_functions_find(&f.functions, 0x100));
}

TEST(names_are_those_that_the_user_wrote)
{
    FIXTURE(f);
    const elf_file file = make_file();

    CHECK_OK(read_bytes(&f, &file, sizeof(file)));

    CHECK_STR(wr_functions_find(&f.functions, 0x70118), "pages");
    CHECK_STR(wr_functions_find(&f.functions, 0x70120), "weir_main");
}

TEST(data_and_functions_of_others_are_none)
{
    FIXTURE(f);
    const elf_file file = make_file();

    CHECK_OK(read_bytes(&f, &file, sizeof(file)));

    CHECK_INT(f.functions.len, 3);
    CHECK(!wr_functions_find(&f.functions, 0x70130));
    CHECK(!wr_functions_find(&f.functions, 0x70140));
}

TEST(a_file_that_is_cut_off_or_no_module_has_no_functions)
{
    FIXTURE(f);
    const elf_file file = make_file();

    for (size_t len = 0; len < sizeof(file); len += 7) {
        CHECK_OK(read_bytes(&f, &file, len));
        CHECK_INT(f.functions.len, 0);
    }
    CHECK_OK(read_bytes(&f, "no module", 9));
    CHECK_INT(f.functions.len, 0);
}

TEST(numbers_of_a_file_that_lead_out_of_it_are_not_followed)
{
    FIXTURE(f);
    for (size_t at = 0; at < offsetof(elf_file, names); at++) {
        elf_file file = make_file();
        ((unsigned char *)&file)[at] = 0xFF;

        CHECK_OK(read_bytes(&f, &file, sizeof(file)));
        CHECK(f.functions.len <= 6);
    }
}
