#!/bin/bash
# SPDX-License-Identifier: MIT
# A privately mapped file that is no module: what the process changed of it counts in the budget, and where
# it is cut no debugger shows the file's bytes in its stead. What frames point to in memory that is not
# private is in heap as it is in mini.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb lldb eu-readelf zstd jq
program data_file data_file.c || fail "data_file.c does not build"
EXE=$PROGRAMS/data_file
head -c 25165824 /dev/zero | tr '\0' A >"$T/large"
head -c 65536 /dev/zero | tr '\0' B >"$T/small"
crash "$T/d" "mini heap stacks" "$EXE" "$T/large" "$T/small"
for type in mini heap stacks; do
    extract "$T/d" $type
done

size=$(stat -c %s "$(only_dump "$T/d/mini")")
((size < 2000000)) || fail "mini: $size bytes"
for type in mini heap; do
    values "$EXE" "$T/d/$type.core" '(char*)memfd' shared unlinked '(char*)all.small+0x8000' \
        'all.small[0x8010]' >"$T/values"
    has "$T/values" 'memfd = 0x[0-9a-f]+ "in a memfd"$' $type
    has "$T/values" '^shared = 0x[0-9a-f]+ "in shared memory"$' $type
    has "$T/values" '^unlinked = 0x[0-9a-f]+ "in a file without a name"$' $type
    has "$T/values" 'small.* = 0x[0-9a-f]+ "of the run"$' $type
    has "$T/values" "small.0x8010. = 66 'B'$" $type
done
values "$EXE" "$T/d/heap.core" 'all.large[2000000]' >"$T/values"
has "$T/values" '= 4711$' heap

# 4702111234474983745 is AAAAAAAA.
for type in mini stacks; do
    values "$EXE" "$T/d/$type.core" 'all.large[2000000]' >"$T/values"
    has "$T/values" 'Cannot access memory' "gdb, $type"
    address=$(values "$EXE" "$T/d/$type.core" '(long)&all.large[2000000]' | sed 's/.* = //')
    lldb --no-lldbinit --batch -o "target create --core $T/d/$type.core $EXE" \
        -o "memory read -s8 -c1 -fx $address" >"$T/lldb" 2>&1 || true
    has "$T/lldb" 'core file does not contain|memory read failed|could not read' "lldb, $type"
    hasnt "$T/lldb" '0x4141414141414141' "lldb, $type"
    eu-readelf -n "$T/d/$type.core" >"$T/notes" 2>&1
    hasnt "$T/notes" "^ +[0-9a-f]+-[0-9a-f]+ .*$T/large" "NT_FILE of $type"
    hasnt "$T/notes" "invalid|cannot" "NT_FILE of $type"
    has "$T/notes" "^ +[0-9a-f]+-[0-9a-f]+ .*/data_file$" "NT_FILE of $type"
done
eu-readelf -n "$T/d/heap.core" >"$T/notes" 2>&1
has "$T/notes" "^ +[0-9a-f]+-[0-9a-f]+ .*$T/large" "NT_FILE of heap"
gdb_run "$EXE" "$T/d/mini.core" -ex 'info proc mappings' >"$T/gdb"
hasnt "$T/gdb" 'malformed' "gdb of NT_FILE"
