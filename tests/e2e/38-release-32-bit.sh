#!/bin/bash
# SPDX-License-Identifier: MIT
# The programs of the other scripts 38-release-* as 32-bit ones: their structures are others.
set -eu
. "$(dirname "$0")/release.sh"

need_root
need "$PYTHON"
snapshot_program
for name in thread_ends raw_threads vfork_child sibling shared_memory rings; do
    release_program $name -m32 2>"$T/cc" || skip "32-bit programs cannot be built here: $(tail -1 "$T/cc")"
done

# in_turn NAME PROGRAM ARGUMENT...: MIB stands for the size. One size of each type in a round.
in_turn() {
    local name=$1 program=$PROGRAMS/$2.32 type mib round
    shift 2
    for ((round = 0; round < ROUNDS; round++)); do
        for type in mini heap full; do
            next_limit
            mib=$((SIZE++ % 2 ? LARGE_MIB : SMALL_MIB))
            PIPE_LIMIT=$LIMIT as_it_was "$name" "$type" "$mib" "$program" "${@/#MIB/$mib}"
        done
    done
}
SIZE=0

in_turn thread_ends thread_ends MIB 100 200
in_turn raw_threads raw_threads MIB
in_turn vfork_child vfork_child MIB 400
in_turn sibling sibling after MIB
in_turn "shared memory" shared_memory clear MIB
in_turn io_uring rings uring MIB
in_turn AIO rings aio MIB
as_they_were
