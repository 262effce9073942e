#!/bin/bash
# SPDX-License-Identifier: MIT
# Memory that is swapped out, all of it: it is kept like what is there, before the process is let go and
# after, and a mini dump has what it points to.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq mkswap swapon "$PYTHON"
program swapped swapped.c -D_GNU_SOURCE || fail "swapped.c does not build"

mib=32
# a file system that has no swap files (tmpfs, overlay) refuses
head -c $((2 * mib << 20)) /dev/zero >"$T/swap"
chmod 600 "$T/swap"
mkswap "$T/swap" >/dev/null
swapon "$T/swap" 2>"$T/swapon" || skip "no swapping here: $(cat "$T/swapon")"
on_exit "swapoff '$T/swap'"

# own_addresses CORE ADDRESS MIB: how many bytes from there on are there; their words are their addresses.
own_addresses() {
    "$PYTHON" - "$1" "$2" $(($3 << 20)) <<'END'
import array
import struct
import sys

start, size = int(sys.argv[2], 0), int(sys.argv[3])
with open(sys.argv[1], "rb") as file:
    core = file.read()
phoff, phnum = struct.unpack_from("<Q", core, 32)[0], struct.unpack_from("<H", core, 56)[0]
there = 0
for i in range(phnum):
    kind, _, offset, first, _, filesz, memsz, _ = struct.unpack_from("<IIQQQQQQ", core, phoff + 56 * i)
    begin, end = max(first, start), min(first + memsz, start + size)
    if kind != 1 or begin >= end:
        continue
    assert filesz == memsz, "what is not there is zeros"
    words = array.array("Q", core[offset + begin - first:offset + end - first])
    assert words == array.array("Q", range(begin, end, 8)), "not its own addresses"
    there += end - begin
print(there)
END
}

for type in full heap mini; do
    for early in yes no; do
        dir=$T/$type.$early
        dump_config "$dir.conf" "$type" "$dir" ReleaseEarly=$early
        crash_direct "$dir.conf" "$PROGRAMS/swapped" $mib
        equal "$type, $early: status" "$CRASH_STATUS" 134
        read -r address pages <<<"$(head -1 "$T/direct.out")"
        ((pages > mib << 7)) || skip "the kernel swapped out $pages pages of $((mib << 8)) only"
        wait_dumps "$dir" 1
        dump=$(only_dump "$dir")
        equal "$type, $early: outcome" "$(field "$dump" outcome)" complete
        equal "$type, $early: reason" "$(field "$dump" reason)" null
        "$DUMPCTL" extract -D "$dir" swapped -o "$dir.core" 2>"$T/extract"
        there=$(own_addresses "$dir.core" "$address" $mib) || fail "$type, $early: not the truth"
        case $type in
        mini) ((there > 0)) || fail "mini, $early: nothing is there" ;;
        *) equal "$type, $early: bytes" "$there" $((mib << 20)) ;;
        esac
    done
done
