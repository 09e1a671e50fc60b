# shellcheck shell=bash
# Sourced: how sanitizers report, for every program that is started from here.
suppressions=$PWD/tests

export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
export LSAN_OPTIONS=suppressions=$suppressions/lsan.supp:print_suppressions=0
export TSAN_OPTIONS=suppressions=$suppressions/tsan.supp:second_deadlock_stack=1
export UBSAN_OPTIONS=print_stacktrace=1

# The sanitizers of gcc 12 and clang 14 know the address space of kernels that spread it over 28 bits. Under one that
# spreads wider they fail to start now and then, so start the caller again without.
if [ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 28)" -gt 28 ] &&
    [ -z "${WEIR_FIXED_ADDRESSES:-}" ] && setarch -R true 2>/dev/null; then
    WEIR_FIXED_ADDRESSES=1 exec setarch -R "$0" "$@"
fi
