#!/bin/bash
# SPDX-License-Identifier: MIT
# Globals have the values of the run: in .data, .bss, and behind pointers; a debugger that
# finds no memory takes them from the executable, where they have those of the link.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb zstd jq
for kind in "pie -fPIE -pie" "nopie -fno-pie -no-pie" "static-pie -fPIE -static-pie"; do
    set -- $kind
    name=$1
    shift
    program "frames-$name" frames.c "$@" || fail "frames.c does not build with $*"
    exe=$PROGRAMS/frames-$name
    crash "$T/$name" "stacks mini" "$exe" segv
    for type in stacks mini; do
        extract "$T/$name" $type
        values "$exe" "$T/$name/$type.core" counter zero_at_link message buffer >"$T/values"
        has "$T/values" '^counter = 4711$' "$name $type"
        has "$T/values" '^zero_at_link = 42$' "$name $type"
        has "$T/values" '^message = 0x[0-9a-f]+ "of the run"$' "$name $type"
        has "$T/values" '^buffer = "of the run too' "$name $type"
    done
    # The list hangs on a global and its nodes on each other; the heap is no part of stacks.
    values "$exe" "$T/$name/mini.core" head.name head.next.name head.next.next.value >"$T/values"
    has "$T/values" '^head.name = "first' "$name"
    has "$T/values" '^head.next.name = "second' "$name"
    has "$T/values" '^head.next.next.value = 3$' "$name"
done

# Also where what is configured names them: what is named may be cut and dropped, globals may not.
program frames frames.c || fail "frames.c does not build"
named=0
for lines in "Budget=0" "Drop=*" "Ranks=crash loader object thread global"; do
    named=$((named + 1))
    CONFIG_LINES=("Keep=$PROGRAMS/frames" "$lines")
    crash "$T/named$named" "stacks mini custom triage" "$PROGRAMS/frames" segv
    for type in stacks mini custom triage; do
        extract "$T/named$named" $type
        values "$PROGRAMS/frames" "$T/named$named/$type.core" counter zero_at_link >"$T/values"
        has "$T/values" '^counter = 4711$' "Keep, $lines: $type"
        has "$T/values" '^zero_at_link = 42$' "Keep, $lines: $type"
    done
done
