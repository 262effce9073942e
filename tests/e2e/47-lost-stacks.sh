#!/bin/bash
# SPDX-License-Identifier: MIT
# Stack pointer, program counter and thread pointer lead to somebody else's memory or to none; and
# stacks that are where nobody looks for them: coroutines, signal stacks, the past of a longjmp.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/hostile.sh"

[[ $(uname -m) == x86_64 ]] || skip "liar.c is for x86-64"
program liar liar.c -D_GNU_SOURCE -fno-stack-protector -pthread || fail "liar.c does not build"

# lie NAME [REASON]: whatever gdb makes of it, it makes the same of both.
lie() {
    hostile "$1" "$PROGRAMS/liar" "$PROGRAMS/liar" "$1"
    same "$T/$1" pointees
    if [[ -n ${2-} ]]; then
        said "$T/$1" "$2"
    else
        said_nothing "$T/$1"
    fi
}

# of NAME FUNCTION...: frames that are there, intact stacks of all threads.
of() {
    local function
    for function in main "${@:2}"; do
        has "$T/$1/mini.frames" " $function\$"
    done
    has "$T/$1/mini.frames" ' wait_here$'
}

for name in tls-heap tls-other tls-nowhere tls-frames; do
    lie $name
    of $name crash_here tell
done

lie sp-other
lie sp-code
lie sp-heap
for name in sp-other sp-code sp-heap; do
    has "$T/$name/mini.frames" ' wait_here$'
done
for name in sp-nowhere sp-top; do
    lie $name "stack pointer is outside all memory"
    has "$T/$name/mini.frames" ' wait_here$'
done
lie pc-null "program counter is outside all memory: a jump to nowhere"
of pc-null lie_pc_null tell
lie pc-data
of pc-data lie_pc_data tell
lie all-nowhere "stack pointer is outside all memory.*program counter is outside"
has "$T/all-nowhere/mini.frames" ' wait_here$'

# The signal frame is on one stack, the recursion under it on the thread's own.
# What lies in the guard page gdb shows as zeros in the kernel's core, which does not have it.
SAME="frames threads siginfo" lie altstack
(($(jq '.rows.locals.unavailable' "$T/altstack/compared") <= 2)) || same "$T/altstack" locals
of altstack crash_here on_overflow descend overflow
(($(grep -c ' descend$' "$T/altstack/mini.frames") > 150)) || fail "frames under the signal stack are missing"
lie coroutine
has "$T/coroutine/mini.frames" ' second_coroutine$'
has "$T/coroutine/mini.frames" ' wait_here$'
lie longjmp
of longjmp crash_here tell
