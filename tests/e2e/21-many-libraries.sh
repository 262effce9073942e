#!/bin/bash
# SPDX-License-Identifier: MIT
# Changed memory of libraries is kept whatever it costs, and what frames point to is there all the same.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb zstd jq
program many_libraries many_libraries.c || fail "many_libraries.c does not build"
program a_library.so many_libraries.c -DLIBRARY -shared -fPIC || fail "a library does not build"
EXE=$PROGRAMS/many_libraries
libraries=()
for ((i = 0; i < 40; i++)); do
    cp "$PROGRAMS/a_library.so" "$T/lib$i.so"
    libraries+=("$T/lib$i.so")
done

# crashed NAME LIBRARY...: leaves what gdb shows of the frames in $T/NAME.values.
crashed() {
    local name=$1 depth
    shift
    crash "$T/$name" mini "$EXE" "$@"
    extract "$T/$name" mini
    for ((depth = 0; depth < 9; depth++)); do
        printf 'frame %d\nprint node->id\nprint node->text\nprint node->next->text\n' "$depth"
    done >"$T/commands"
    gdb_run "$EXE" "$T/$name/mini.core" -x "$T/commands" | grep -aE '^\$[0-9]+ = ' >"$T/$name.values" || true
}

crashed few "${libraries[@]:0:2}"
crashed many "${libraries[@]}"
for name in few many; do
    equal "$name: values" "$(wc -l <"$T/$name.values")" 27
    has "$T/$name.values" '^\$1 = 29991$' "$name"
    has "$T/$name.values" '^\$2 = 0x[0-9a-f]+ "node 29991"$' "$name"
    has "$T/$name.values" '^\$26 = 0x[0-9a-f]+ "node 29999"$' "$name"
done
values "$EXE" "$T/many/mini.core" 'table[12799]' 'list' >"$T/values"
hasnt "$T/values" 'table.* = 0x[0-9a-f]{0,6}$' "what a library relocated, as its file has it"
