#!/bin/bash
# SPDX-License-Identifier: MIT
# What a dump leaves out reads as an error in a debugger, never as zeros: 64 MiB of 0xa5 on
# the heap, and 64 MiB that were never touched, which are zeros in the kernel's core.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb zstd jq
program bigheap bigheap.c -pthread || fail "bigheap.c does not build"
exe=$PROGRAMS/bigheap
crash "$T/big" "stacks mini heap" "$exe"
equal "status" "$CRASH_STATUS" 139
for type in stacks mini heap; do
    extract "$T/big" $type
    values "$exe" "$T/big/$type.core" big 'big[33554432]' 'big[48000000]' '*(long *)(big + 33554432)' \
        'untouched[33554432]' >"$T/$type"
done
values "$exe" "$T/big/kernel.core" big 'big[33554432]' >"$T/kernel"
has "$T/kernel" '^big\[33554432\] = 165 '

for type in stacks mini; do
    # The pointer is there, what it points to is not.
    equal "big, $type" "$(sed -n 's/^big = \(0x[0-9a-f]*\) .*/\1/p' "$T/$type")" \
        "$(sed -n 's/^big = \(0x[0-9a-f]*\) .*/\1/p' "$T/kernel")"
    has "$T/$type" '^big\[33554432\] = error: Cannot access memory at address 0x[0-9a-f]+$'
    has "$T/$type" '^big\[48000000\] = error: Cannot access memory'
    has "$T/$type" '^\*\(long \*\)\(big \+ 33554432\) = error: Cannot access memory'
    # Absent pages are known zeros; kept or not, no other value and no silence.
    has "$T/$type" '^untouched\[33554432\] = (0 |error: Cannot access memory)'
    ((4 * $(stat -c %s "$T/big/$type.core") < $(stat -c %s "$T/big/kernel.core"))) ||
        fail "$type.core is not small: $(stat -c %s "$T/big/$type.core")"
done
has "$T/heap" '^big\[33554432\] = 165 '
has "$T/heap" '^big\[48000000\] = 165 '
# The record says how much there was.
equal "size of the core" "$(field "$(only_dump "$T/big/mini")" size_core)" \
    "$(stat -c %s "$T/big/kernel.core")"
