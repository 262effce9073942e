#!/bin/bash
# SPDX-License-Identifier: MIT
# What Budget, Ranks, MappingMax, Keep and Drop make of a real crash with 64 MiB of heap: whole
# pages and the truth, of the size that they allow, and always its backtrace.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

need_root
program bigheap bigheap.c -pthread || fail "bigheap.c does not build"

# sized NAME TYPE LINE...: a crash under these lines; leaves SIZE, the bytes of its core.
sized() {
    local name=$1 type=$2
    shift 2
    CONFIG_LINES=("$@")
    crash "$T/$name" "$type" "$PROGRAMS/bigheap"
    extract "$T/$name" "$type"
    # Of a budget that is spent there are windows around pointees.
    [[ $name == small ]] || check_segments "$T/$name/$type.core"
    "$PYTHON" "$E2E/corelab.py" subset "$T/$name/$type.core" "$T/$name/kernel.core" >"$T/kept.txt" ||
        fail "$name: not part of the kernel's core"
    gdb_run "$PROGRAMS/bigheap" "$T/$name/$type.core" -ex bt >"$T/bt"
    has "$T/bt" 'crash_here \(\)' "$name: bt"
    SIZE=$(stat -c %s "$T/$name/$type.core")
    equal "$name: type" "$(field "$(only_dump "$T/$name/$type")" type)" "$type"
}

# smaller WHAT A B
smaller() {
    (($2 < $3)) || fail "$1: $2 is not below $3"
}

sized small mini Budget=64K
small=$SIZE
sized large mini Budget=32M
smaller "Budget" "$small" "$SIZE"
smaller "Budget=32M" "$SIZE" $((40 << 20))

CUSTOM="Ranks=crash loader object thread global"
sized bare custom "$CUSTOM" Budget=infinity
bare=$SIZE
smaller "no rank of the heap" "$bare" $((2 << 20))
sized private custom "$CUSTOM private" Budget=infinity
smaller "the heap" $((64 << 20)) "$SIZE"
sized mapping custom "$CUSTOM private" Budget=infinity MappingMax=1M
smaller "MappingMax" "$SIZE" $((bare + (8 << 20)))

# The kernel's name of malloc's first arena, in brackets that are none of a glob's.
sized dropped heap 'Drop=[heap]'
dropped=$SIZE
sized whole heap
smaller "Drop" "$dropped" "$SIZE"
sized listed custom "$CUSTOM hint" Budget=infinity 'Keep=[heap] /no/such/*'
smaller "Keep" "$bare" "$SIZE"
