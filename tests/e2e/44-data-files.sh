#!/bin/bash
# SPDX-License-Identifier: MIT
# What ends a dump early (a full disk, Deadline) takes changed pages of privately mapped files: no debugger shows
# the file's bytes in their stead, be it a database, or the C library where the linker's list is lost, too.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/slow_disk.sh"

need_root
need gdb lldb eu-readelf jq mountpoint prlimit
program data_file data_file.c || fail "data_file.c does not build"
EXE=$PROGRAMS/data_file
head -c 25165824 /dev/zero | tr '\0' A >"$T/large"
head -c 65536 /dev/zero | tr '\0' B >"$T/small"

# memory CORE ADDRESS: what lldb shows of it.
memory() {
    lldb --no-lldbinit --batch -o "target create --core $1 $EXE" -o "memory read -s8 -c1 -fx $2" 2>&1 || true
}

# lost NAME DUMP CORE: the end of the large file's mapping is not there; its beginning may be.
lost() {
    local name=$1 dump=$2 address
    equal "$name: outcome" "$(field "$dump" outcome)" cut
    "$DUMPCTL" verify -D "${dump%/*}" >"$T/verify" || fail "$name: $(cat "$T/verify")"
    "$DUMPCTL" extract -D "${dump%/*}" "$(field "$dump" id)" -o "$T/$name.core" 2>"$T/extract" || true
    # 4702111234474983745 is AAAAAAAA.
    values "$EXE" "$3" 'all.large[3145727]' >"$T/values"
    hasnt "$T/values" '= 4702111234474983745$|Cannot access' "$name: the kernel's core"
    values "$EXE" "$T/$name.core" 'all.large[3145727]' >"$T/values"
    has "$T/values" 'Cannot access memory' "$name: gdb"
    address=$(values "$EXE" "$3" '(long)&all.large[3145727]' | sed 's/.* = //')
    memory "$T/$name.core" "$address" >"$T/lldb"
    has "$T/lldb" 'core file does not contain|memory read failed|could not read' "$name: lldb"
    hasnt "$T/lldb" '0x4141414141414141' "$name: lldb"
    eu-readelf -n "$T/$name.core" >"$T/notes" 2>&1
    hasnt "$T/notes" "^ +[0-9a-f]+-[0-9a-f]+ .*$T/large" "$name: NT_FILE"
    hasnt "$T/notes" "invalid|cannot" "$name: NT_FILE"
    has "$T/notes" "^ +[0-9a-f]+-[0-9a-f]+ .*/data_file$" "$name: NT_FILE"
    has "$T/notes" "^ +[0-9a-f]+-[0-9a-f]+ .*/libc.so.6$" "$name: NT_FILE"
    gdb_run "$EXE" "$T/$name.core" -ex 'info proc mappings' -ex 'info sharedlibrary' >"$T/gdb"
    hasnt "$T/gdb" 'malformed' "$name: gdb of NT_FILE"
    "$DUMPCTL" info -D "${dump%/*}" --memory "$(field "$dump" id)" >"$T/info"
    hasnt "$T/info" "in its file.*$T/large" "$name: info --memory"
}

mkdir -p "$T/full"
for type in heap full; do
    dump_config "$T/full/$type.cfg" $type "$T/full/$type"
    printf '#!/bin/sh\nexec prlimit --fsize=9000000 %s --config=%s "$@"\n' "$DUMPD" \
        "$T/full/$type.cfg" >"$T/full/$type.handler"
    chmod 755 "$T/full/$type.handler"
done
crash "$T/full" "" "$EXE" "$T/large" "$T/small"
for type in heap full; do
    stored "$T/full" $type "1 4"
    lost $type "$(only_dump "$T/full/$type")" "$T/full/kernel.core"
done

# In the full one all is lost of the C library and of the linker, and with it the list of modules.
gdb_run "$EXE" "$T/full/kernel.core" -ex 'output/x (long)&stdout' >"$T/gdb"
stdout=$(tail -1 "$T/gdb")
gdb_run "$EXE" "$T/full.core" -ex "x/gx $stdout" >"$T/gdb" || true
has "$T/gdb" "Cannot access memory at address $stdout" "full: a variable of the C library"
hasnt "$T/gdb" 'Error reading shared library list' "full: the linker's list"

mkdir "$T/late"
SLOW_RATE=5000000
slow_store "$T/late/heap"
dump_config "$T/late/heap.conf" heap "$T/late/heap" SpoolMax=0 ReleaseEarly=no Deadline=1s
crash "$T/late" "" "$EXE" "$T/large" "$T/small"
stored "$T/late" heap "1 4"
lost late "$(only_dump "$T/late/heap.disk")" "$T/late/kernel.core"

# The worker is killed, and who makes a dump of what it wrote knows the headers alone.
if [[ $(uname -m) == x86_64 ]]; then
    program calls ../../fault/calls.c -D_GNU_SOURCE || fail "calls.c does not build"
    mkdir "$T/killed"
    dump_config "$T/killed/heap.cfg" heap "$T/killed/heap"
    printf '#!/bin/sh\nexec %s %s worker w7 kill %s --config=%s "$@"\n' "$PROGRAMS/calls" "$T/killed/state" \
        "$DUMPD" "$T/killed/heap.cfg" >"$T/killed/heap.handler"
    chmod 755 "$T/killed/heap.handler"
    crash "$T/killed" "" "$EXE" "$T/large" "$T/small"
    stored "$T/killed" heap "1 4"
    lost killed "$(only_dump "$T/killed/heap")" "$T/killed/kernel.core"
fi
