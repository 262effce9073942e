#!/bin/bash
# SPDX-License-Identifier: MIT
# Memory that another thread was to fill in, by userfaultfd(2), and does not any more: nobody waits for
# it, and what is there of it and behind it is what the kernel has.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq
program userfault userfault.c -D_GNU_SOURCE || fail "userfault.c does not build"
snapshot_program
"$PROGRAMS/userfault" probe || skip "no userfaultfd(2) here"
for early in no yes; do
    CONFIG_LINES=(Deadline=30s ReleaseEarly=$early)
    for type in full heap mini; do
        dir=$T/$early.$type
        SNAPSHOT=core crash_released "$dir" $type "$PROGRAMS/userfault"
        dump=$(only_dump "$dir/$type")
        equal "$type, $early: outcome" "$(field "$dump" outcome)" complete
        equal "$type, $early: reason" "$(field "$dump" reason)" null
        (($(field "$dump" size_memory) > 0)) || fail "$type, $early: nothing was read out of memory"
        extract "$dir" $type
        "$PYTHON" "$E2E/corelab.py" subset "$dir/$type.core" "$dir/kernel.core" >"$T/kept" ||
            fail "$type, $early: not part of the kernel's core"
    done
    same_bytes "$T/$early.full/full.core" "$T/$early.full/kernel.core"
done
