/* Tests of base/cancel.h. */
#include "base/cancel.h"

#include <stddef.h>

#include "harness/test.h"

TEST(a_token_is_raised_once_and_never_falls)
{
    wr_cancel token = { 0 };
    CHECK(!wr_cancelled(&token));

    wr_cancel_raise(&token, 2);
    wr_cancel_raise(&token, 1);

    CHECK(wr_cancelled(&token));
    CHECK_INT(atomic_load(&token.level), 2);
}

TEST(no_token_is_never_cancelled)
{
    CHECK(!wr_cancelled(NULL));
}
