/* YAML as PyYAML writes it: yaml_dump.json. */
#include "cases.h"

#include "base/mem.h"
#include "base/str.h"
#include "format/yaml.h"
#include "harness/test.h"

#define TEXT_MAX ((size_t)1 << 20)

TEST(documents_are_written_byte_for_byte_as_by_pyyaml)
{
    golden g;
    golden_open(&g, "yaml_dump.json", NULL);
    for (const wr_node *vector = g.cases ? g.cases->first : NULL; vector; vector = vector->next) {
        wr_auto(buf) wr_buf out = wr_buf_max(TEXT_MAX);
        wr_yaml_write(&out, wr_node_get(vector, "in"));
        golden_check(&g, vector, wr_str_eq(wr_buf_view(&out), wr_node_get_text(vector, "yaml")),
                     wr_buf_view(&out));
    }
    golden_close(&g);
}
