#!/bin/bash
# SPDX-License-Identifier: MIT
# Object files of code that a program compiled itself, by gdb's JIT interface, are in a dump of stacks: gdb finds
# frames' names in them. A list that goes in a circle ends.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb zstd jq
program jit jit.c -rdynamic || fail "jit.c does not build"
EXE=$PROGRAMS/jit

# seen NAME: what a debugger reads of the third file.
seen() {
    extract "$T/$1" stacks
    values "$EXE" "$T/$1/stacks.core" \
        '__jit_debug_descriptor.first_entry->next_entry->next_entry->symfile_size' \
        '*(unsigned char(*)[4])__jit_debug_descriptor.first_entry->next_entry->next_entry->symfile_addr' \
        '__jit_debug_descriptor.first_entry->next_entry->next_entry->symfile_addr[12000]' >"$T/values"
    has "$T/values" "symfile_size = $(stat -c %s "$EXE")\$" "$1"
    has "$T/values" 'symfile_addr = "\\177ELF"$' "$1"
    hasnt "$T/values" 'Cannot access' "$1"
}

crash "$T/list" stacks "$EXE"
seen list
crash "$T/circle" stacks "$EXE" circle
seen_circle=$(field "$(only_dump "$T/circle/stacks")" planning)
((seen_circle < 100000)) || fail "planned in $seen_circle us"
