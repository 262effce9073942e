#!/bin/bash
# SPDX-License-Identifier: MIT
# A static program without libc: no loader chain, no thread pointer, nothing in the heap.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

tiny_program
check_kind tiny "$PROGRAMS/tiny" "$PROGRAMS/tiny"
equal "status" "$CRASH_STATUS" 139
thread_count "$T/tiny" 1
crashed_in "$T/tiny" tiny_crash
has "$T/tiny/mini.frames" '#1 0x[0-9a-f]+ tiny_caller$'
has "$T/tiny/mini.frames" '#2 0x[0-9a-f]+ _start$'
has "$T/tiny/mini.frames" '^si_signo 11$'
values "$PROGRAMS/tiny" "$T/tiny/mini.core" tiny_global '$_siginfo._sifields._sigfault.si_addr' \
    >"$T/values"
has "$T/values" '^tiny_global = 77$'
has "$T/values" 'si_addr = 0x0$'
