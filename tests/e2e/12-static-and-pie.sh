#!/bin/bash
# SPDX-License-Identifier: MIT
# The four ways to link: where the program lies and who relocates it.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

check_linked() {
    local name=$1
    shift
    program "frames-$name" frames.c "$@" || fail "frames.c does not build with $*"
    check_kind "$name" "$PROGRAMS/frames-$name" "$PROGRAMS/frames-$name" segv
    equal "status" "$CRASH_STATUS" 139
    thread_count "$T/$name" 1
    crashed_in "$T/$name" crash_here
    has "$T/$name/mini.frames" '#1 0x[0-9a-f]+ middle$'
    has "$T/$name/mini.frames" '#2 0x[0-9a-f]+ outer$'
    has "$T/$name/mini.frames" '#3 0x[0-9a-f]+ main$'
    VALUES_FRAME=middle values "$PROGRAMS/frames-$name" "$T/$name/mini.core" \
        counter zero_at_link on_stack.value on_stack.name head.value head.next.name \
        '$_siginfo._sifields._sigfault.si_addr' >"$T/values"
    has "$T/values" '^counter = 4711$' "$name"
    has "$T/values" '^zero_at_link = 42$' "$name"
    has "$T/values" '^on_stack.value = 66$' "$name"
    has "$T/values" '^on_stack.name = "on the stack' "$name"
    has "$T/values" '^head.value = 1$' "$name"
    has "$T/values" '^head.next.name = "second' "$name"
    has "$T/values" 'si_addr = 0x10$' "$name"
}

check_linked pie -fPIE -pie
check_linked nopie -fno-pie -no-pie
check_linked static -fno-pie -static
check_linked static-pie -fPIE -static-pie
# Those with a loader have its list of libraries in the dump.
has "$T/pie/mini.frames" 'libc\.so'
has "$T/nopie/mini.frames" 'ld-linux'
