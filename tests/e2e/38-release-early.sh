#!/bin/bash
# SPDX-License-Identifier: MIT
# The process is gone before its memory is read, and all of its memory is in the dump all the same:
# each word of it is its own address, or zero where nothing was touched.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need gdb "$PYTHON"
program pattern pattern.c -D_GNU_SOURCE -pthread || fail "pattern.c does not build"
journal_start

# check_pattern CORE MIB: by the program headers, all words.
check_pattern() {
    "$PYTHON" - "$1" "$2" <<'END'
import array
import struct
import sys

MIB = 1 << 20
wrong = right = 0
with open(sys.argv[1], "rb") as file:
    header = file.read(64)
    phoff, phnum = struct.unpack_from("<Q", header, 32)[0], struct.unpack_from("<H", header, 56)[0]
    file.seek(phoff)
    segments = [struct.unpack("<IIQQQQQQ", file.read(56)) for _ in range(phnum)]
    for kind, _, offset, address, _, filesz, _, _ in segments:
        if kind != 1 or filesz < 2 * int(sys.argv[2]) * MIB:
            continue
        for mib in range(2 * int(sys.argv[2])):
            file.seek(offset + mib * MIB)
            words = array.array("Q", file.read(MIB))
            first = address + mib * MIB
            if words == array.array("Q", range(first, first + MIB, 8)):
                right += 1
            elif any(words):
                wrong += 1
print(right, wrong)
END
}

# released NAME TYPE LINE...: what the kernel starts, alone; the process is waited for.
released() {
    local name=$1 type=$2
    dir=$T/$1
    shift 2
    dump_config "$dir.conf" "$type" "$dir" "$@"
    crash_direct "$dir.conf" "$PROGRAMS/pattern" 100
    equal "$name: status" "$CRASH_STATUS" 134
    # with core_pipe_limit above 0 the crashed process is reaped when its handler lets it go
    wait_dumps "$dir" 1
    dump=$(only_dump "$dir")
    equal "$name: outcome" "$(field "$dump" outcome)" complete
    equal "$name: reason" "$(field "$dump" reason)" null
    (($(field "$dump" size_memory) > 0)) || fail "$name: nothing was read out of memory"
    (($(field "$dump" held) > 0 && $(field "$dump" held) < $(field "$dump" duration))) ||
        fail "$name: held for $(field "$dump" held) of $(field "$dump" duration)"
    "$DUMPCTL" extract -D "$dir" pattern -o "$dir.core" 2>"$T/extract"
}

for early in yes no; do
    for type in full heap; do
        released "$type-$early" $type ReleaseEarly=$early SpoolMax=0
        equal "$type, ReleaseEarly=$early" "$(check_pattern "$dir.core" 100)" "100 0"
    done
    released "mini-$early" mini ReleaseEarly=$early
    gdb_run "$PROGRAMS/pattern" "$dir.core" -ex 'info threads' -ex 'thread apply all bt' >"$T/gdb"
    has "$T/gdb" ' main \(argc=2'
    has "$T/gdb" 'second_thread \(argument='
done
# 100 MiB of memory, and as much that is not there: the file has neither twice.
(($(stat -c %b "$T/full-yes.core") * 512 < 110 << 20)) || fail "holes became memory"
