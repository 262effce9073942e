#!/bin/bash
# SPDX-License-Identifier: MIT
# Memory of a file system that does not answer is asked for last, wherever it lies: when Deadline ends the dump, all else
# is in it, true, and so is what the process changed of the file.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq gdb "$PYTHON"
[[ -w /dev/fuse ]] || skip "no /dev/fuse here"
program hanging_file hanging_file.c -D_GNU_SOURCE "$E2E/programs/fuse_server.c" ||
    fail "hanging_file.c does not build"
program hanging_low hanging_low.c -D_GNU_SOURCE -pthread || fail "hanging_low.c does not build"
MIB=$((1 << 20)) HANGING=$((60 * 4096))

# serve NAME READAHEAD: a file of a MiB in $T/NAME, of which the second half never comes.
serve() {
    local mount=$T/$1
    mkdir "$mount"
    "$PROGRAMS/hanging_file" "$mount" 1 "$2" 8>&- &
    on_exit "kill $! 2>/dev/null || true; umount -l $mount 2>/dev/null || true"
    wait_for 10 test -e "$mount/file" || skip "no file system can be mounted here"
}

# memory CORE HEAP: bytes that are there of what lies below the file, of the file, and of the heap; all of them true.
memory() {
    "$PYTHON" - "$@" <<'END'
import array
import struct
import sys

PAGE, MIB = 4096, 1 << 20
MASK = (1 << 64) - 1
heap = int(sys.argv[2], 0)
file, file_end = 0x10000000 + MIB, 0x10000000 + MIB + 64 * PAGE
offset_in_file = (512 << 10) - 4 * PAGE
parts = ((0x10000000, file), (file, file_end), (heap, heap + MIB))
with open(sys.argv[1], "rb") as core_file:
    core = core_file.read()
phoff, phnum = struct.unpack_from("<Q", core, 32)[0], struct.unpack_from("<H", core, 56)[0]
there = [0, 0, 0]
for i in range(phnum):
    kind, _, offset, first, _, filesz, memsz, _ = struct.unpack_from("<IIQQQQQQ", core, phoff + 56 * i)
    for part, (start, end) in enumerate(parts):
        start, end = max(start, first), min(end, first + filesz)
        if kind != 1 or start >= end:
            continue
        skip = -start % 8
        place = offset + start + skip - first
        assert place + end - start - skip <= len(core), f"{first:#x} is behind the end"
        words = array.array("Q", core[place:place + (end - start - skip) // 8 * 8])
        for i, word in enumerate(words):
            at = start + skip + 8 * i
            page = (at - file) // PAGE
            of_file = part == 1 and page not in (0, 2)
            want = ~(offset_in_file + at - file) & MASK if of_file else at
            assert word == want, f"{at:#x} is {word:#x}"
        there[part] += end - start
print(*there)
END
}

# The kernel starts this: each program, by its name, has a configuration of its own.
cat >"$T/start" <<END
#!/bin/sh
shift
exec $DUMPD "--config=$T/\$3.conf" "\$@"
END
chmod 755 "$T/start"
DUMPD=$T/start
mkdir "$T/stores"

# prepare TYPE EARLY MOUNT: a program TYPE-EARLY for all_crash.
prepare() {
    local name=$1-$2
    names+=("$name")
    dump_config "$T/$name.conf" "$1" "$T/stores/$name" Deadline=4s "ReleaseEarly=$2" \
        "RuntimeDirectory=$T/run-$name" # slots and workers that are left behind are counted there
    cp "$PROGRAMS/hanging_low" "$T/$name"
    echo "$T/$name $T/$3/file >$T/$name.out 2>&1 &" >>"$T/all_crash"
}

# is_dumped NAME
is_dumped() {
    local dir=$T/stores/$1 dump
    wait_dumps "$dir" 1
    dump=$(only_dump "$dir")
    equal "$1: outcome" "$(field "$dump" outcome)" cut
    field "$dump" reason >"$T/reason"
    has "$T/reason" 'Deadline: [0-9]+ of [0-9]+ bytes were read in time; memory hangs'
    "$DUMPCTL" extract -D "$dir" "$1" -o "$T/$1.core" 2>"$T/extract" || fail "$1: $(cat "$T/extract")"
    memory "$T/$1.core" "$(cat "$T/$1.out")" >"$T/memory" || fail "$1: memory is not the truth"
    is_all_but_the_file "$1"
    echo "$1: held for $(field "$dump" held) us"
}

# Of the file there are the two pages that were changed and the one that was read. The fourth comes in one piece with what
# hangs.
is_all_but_the_file() {
    local missing=$((HANGING + 4096))
    has "$T/reason" "[^0-9]$missing of [0-9]+ bytes of memory are missing" "$1: $(cat "$T/reason")"
    read -r below file heap <"$T/memory"
    equal "$1: the file" "$file" $((3 * 4096))
    [[ $1 == mini-* ]] || equal "$1: below and above" "$below $heap" "$MIB $MIB"
    gdb_run "$PROGRAMS/hanging_low" "$T/$1.core" -ex bt -ex 'thread apply all bt' -ex 'print counter' >"$T/gdb"
    has "$T/gdb" ' crash_here \(file='
    has "$T/gdb" ' main \(argc=2'
    has "$T/gdb" '^\$[0-9]+ = 4711$'
    has "$T/gdb" 'worker_wait \(number=1\)'
    has "$T/gdb" 'worker_wait \(number=2\)'
}

# Without reading ahead who asks for a page waits for its answer and cannot be killed meanwhile; else who waits can be.
serve ahead 131072
serve alone 0
names=()
prepare mini no ahead
prepare mini yes alone
prepare heap yes ahead
prepare heap no alone
prepare full no ahead
prepare full yes alone
echo wait >>"$T/all_crash"
crash_direct "$T/of-each.conf" bash "$T/all_crash"
for name in "${names[@]}"; do
    is_dumped "$name"
done
