#!/bin/bash
# SPDX-License-Identifier: MIT
# A thousand threads: each has its stack in the dump, none of their frames differs.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

program threads threads.c -pthread || fail "threads.c does not build"
check_kind threads "$PROGRAMS/threads" "$PROGRAMS/threads" 1000
equal "status" "$CRASH_STATUS" 139
thread_count "$T/threads" 1000
crashed_in "$T/threads" crash_here
equal "waiting threads" "$(grep -c ' worker_wait$' "$T/threads/mini.frames")" 999
equal "their first frames" "$(grep -c ' worker$' "$T/threads/mini.frames")" 999
equal "threads in lldb" "$(grep -c 'thread #[0-9]*:' "$T/threads/mini.lldb")" 1000

# Thread-local variables: by the loader's list, the thread's control block and its dtv.
tls() {
    gdb_run "$PROGRAMS/threads" "$T/threads/$1.core" \
        -ex 'thread apply all -q -ascending print tls_number' | sed -n 's/^\$[0-9]* = //p' >"$T/$1.tls"
}
tls kernel
tls mini
equal "values in the kernel's core" "$(sort -n "$T/kernel.tls" | uniq | wc -l)" 1000
same_text "$T/kernel.tls" "$T/mini.tls"
