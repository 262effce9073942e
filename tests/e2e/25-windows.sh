#!/bin/bash
# SPDX-License-Identifier: MIT
# Where what frames point to is too much as pages, windows around it are kept: program headers name
# parts of pages, and every debugger sees these parts and an error for the rest.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/kinds.sh"

program scattered scattered.c || fail "scattered.c does not build"
exe=$PROGRAMS/scattered
crash "$T/s" mini "$exe"
equal "status" "$CRASH_STATUS" 139
extract "$T/s" mini
mini=$T/s/mini.core
equal "reason" "$(field "$(only_dump "$T/s/mini")" reason)" null
(($(stat -c %s "$(only_dump "$T/s/mini")") < 2000000)) || fail "the dump has $(stat -c %s "$(only_dump "$T/s/mini")") bytes"

# Parts of pages, in units of 4 bytes; without PN_XNUM, which elfutils cannot read.
readelf -lW "$mini" >"$T/segments"
parts=$(awk '$1 == "LOAD" && $5 !~ /000$/' "$T/segments" | wc -l)
((parts >= 2900 && parts < 60000)) || fail "$parts segments are parts of pages"
awk '$1 == "LOAD" && $5 !~ /000$/ && $NF != "0x4" { bad = 1 } END { exit bad }' "$T/segments" ||
    fail "a part of a page has another p_align"

check_memory "$T/s"
check_gdb "$T/s" "$exe"
check_elfutils "$T/s" "$exe"
check_lldb "$T/s" "$exe"

# Number and neighbour of nodes near and far, by gdb and lldb; the noise between is not there.
expressions=()
for i in 0 1 1499 2998 2999; do
    expressions+=("pins[$i]->number" "pins[$i]->next" "pins[$i]->next->number" "pins[$i]->noise[0]")
done
for core in kernel mini; do
    VALUES_FRAME=main values "$exe" "$T/s/$core.core" "${expressions[@]}" >"$T/$core.values"
done
same_text "$T/kernel.values" "$T/mini.values"
has "$T/mini.values" '^pins\[2999\]->number = 2999$'
VALUES_FRAME=main values "$exe" "$mini" 'pins[1]->noise[1000]' 'pins[1500]->noise[1000]' >"$T/noise"
has "$T/noise" '^pins\[1\]->noise\[1000\] = error: Cannot access memory at address 0x[0-9a-f]+$'
has "$T/noise" '^pins\[1500\]->noise\[1000\] = error: Cannot access memory'
lldb --batch --core "$mini" "$exe" -o 'frame select 1' -o 'p pins[2999]->number' \
    -o 'p pins[1500]->noise[1000]' >"$T/lldb" 2>&1 || true
has "$T/lldb" '= 2999$'
hasnt "$T/lldb" "\(uint64_t\) \\\$1 = "
