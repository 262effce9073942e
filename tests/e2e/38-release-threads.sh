#!/bin/bash
# SPDX-License-Identifier: MIT
# What the kernel writes as threads end is in no dump: ids of threads, words of robust mutexes, words that
# a program gave to clone(2) and set_tid_address(2) itself.
set -eu
. "$(dirname "$0")/release.sh"

need_root
need "$PYTHON"
snapshot_program
release_program thread_ends || fail "thread_ends.c does not build"
release_program raw_threads || fail "raw_threads.c does not build"

thread_ends() {
    COMMAND=("$PROGRAMS/thread_ends" "$1" 100 200)
}

# The kernel looks at 2,048 of a thread.
many_mutexes() {
    COMMAND=("$PROGRAMS/thread_ends" "$1" 1 2100)
}

raw_threads() {
    COMMAND=("$PROGRAMS/raw_threads" "$1")
}

of_all_types thread_ends thread_ends
ROUNDS=1 of_all_types "2,100 mutexes" many_mutexes
of_all_types raw_threads raw_threads
as_they_were
# What is laid over is only tried where a process was let go before it was read.
went early thread_ends mini heap full
went copied "2,100 mutexes" mini heap full
went copied raw_threads mini heap full
