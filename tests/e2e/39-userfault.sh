#!/bin/bash
# SPDX-License-Identifier: MIT
# Memory that another thread was to fill in, by userfaultfd(2), and does not any more: nobody waits for
# it, and what is there of it and behind it is what the kernel has.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq
program userfault userfault.c -D_GNU_SOURCE || fail "userfault.c does not build"
"$PROGRAMS/userfault" probe || skip "no userfaultfd(2) here"
for early in no yes; do
    CONFIG_LINES=(Deadline=30s ReleaseEarly=$early)
    crash "$T/$early" "full heap mini" "$PROGRAMS/userfault"
    for type in full heap mini; do
        dump=$(only_dump "$T/$early/$type")
        equal "$type, $early: outcome" "$(field "$dump" outcome)" complete
        equal "$type, $early: reason" "$(field "$dump" reason)" null
        (($(field "$dump" size_memory) > 0)) || fail "$type, $early: nothing was read out of memory"
        extract "$T/$early" $type
        "$PYTHON" "$E2E/corelab.py" subset "$T/$early/$type.core" "$T/$early/kernel.core" >"$T/kept" ||
            fail "$type, $early: not part of the kernel's core"
    done
    same_bytes "$T/$early/full.core" "$T/$early/kernel.core"
done
