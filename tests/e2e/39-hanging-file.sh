#!/bin/bash
# SPDX-License-Identifier: MIT
# A file system that does not answer: a read of the crashed process' memory hangs there, and holds
# neither the process nor its handler beyond Deadline. What came until then is kept, and true.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq gdb "$PYTHON"
[[ -w /dev/fuse ]] || skip "no /dev/fuse here"
program hanging_file hanging_file.c -D_GNU_SOURCE "$E2E/programs/fuse_server.c" ||
    fail "hanging_file.c does not build"
program between between.c -D_GNU_SOURCE || fail "between.c does not build"

half=$((512 << 10))

# serve NAME READAHEAD: the file system, in $T/NAME. Without reading ahead who asks for a page waits for
# its answer and cannot be killed meanwhile; else who waits can be.
serve() {
    mount=$T/$1
    mkdir "$mount"
    "$PROGRAMS/hanging_file" "$mount" 1 "$2" 8>&- &
    server=$!
    on_exit "kill $server 2>/dev/null || true; umount -l $mount 2>/dev/null || true"
    wait_for 10 test -e "$mount/file" || skip "no file system can be mounted here"
}

# All that waits for it is told that there is no file system any more.
unserve() {
    kill "$server"
    wait "$server" || true
    umount -l "$mount"
}

# What the kernel starts, to know its id. Nobody asks for its arguments here: that waits where memory hangs.
printf '#!/bin/sh\necho $$ >%s/id\nmv %s/id %s/handler\nexec %s "$@"\n' "$T" "$T" "$T" "$DUMPD" >"$T/start"
chmod 755 "$T/start"
DUMPD=$T/start

# Who reads, the child of the handler. Sets worker.
has_worker() {
    worker=$(cat "/proc/$handler/task/$handler/children")
    worker=${worker%% *}
    [[ $worker ]]
}

gone() {
    [[ ! -e /proc/$1 ]]
}

# memory CORE MIB: how many bytes of each of the three a debugger finds there, in this order. None of them is
# wrong, and what is not there has no program header either, by which it would be zeros.
memory() {
    "$PYTHON" - "$1" "$(head -1 "$T/direct.out")" $(($2 << 20)) $((2 * half)) <<'END'
import array
import struct
import sys

PAGE = 4096
MASK = (1 << 64) - 1
start, side, size = (int(word, 0) for word in sys.argv[2:])
middle, end = start + side, start + side + size
with open(sys.argv[1], "rb") as file:
    core = file.read()
phoff, phnum = struct.unpack_from("<Q", core, 32)[0], struct.unpack_from("<H", core, 56)[0]
there = [0, 0, 0]
for i in range(phnum):
    kind, _, offset, first, _, filesz, memsz, _ = struct.unpack_from("<IIQQQQQQ", core, phoff + 56 * i)
    if kind != 1:
        continue
    for address in range(max(first, start), min(first + memsz, end + side), PAGE):
        in_file = middle <= address < end
        if address >= first + filesz:
            assert in_file, f"{address:#x} is zeros"
            continue
        at = offset + address - first
        words = array.array("Q", core[at:at + PAGE])
        own = array.array("Q", range(address, address + PAGE, 8))
        of_file = array.array("Q", (~word & MASK for word in range(address - middle, address - middle + PAGE, 8)))
        changed = address in (middle + 2 * PAGE, middle + 12 * PAGE)
        assert words == (own if not in_file else of_file) or changed and words == own, f"{address:#x} is wrong"
        there[in_file + 2 * (address >= end)] += PAGE
print(*there)
END
}

# crashed NAME TYPE HOW MIB LINE...: between, HOW it has the file mapped, is gone although the file system
# hangs, and so is its handler. Leaves dump, and what memory() says in below, file and above.
crashed() {
    local dir=$T/$1 type=$2 how=$3 mib=$4 crash
    shift 4
    rm -f "$T/handler"
    dump_config "$dir.conf" "$type" "$dir" "$@"
    crash_direct "$dir.conf" "$PROGRAMS/between" "$mount/file" "$how" "$mib" 2>"$T/crash" &
    crash=$!
    wait_for 60 test -e "$T/handler" || fail "$dir: no handler"
    handler=$(cat "$T/handler")
    [[ $type != full ]] || wait_for 1 has_worker || fail "$dir: no worker"
    wait_for 30 gone "$crash" || {
        unserve # or who waits here waits for ever
        fail "$dir: the process is held"
    }
    wait_for 30 gone "$handler" || fail "$dir: the handler hangs"
    dump=$(only_dump "$dir")
    "$DUMPCTL" extract -D "$dir" between -o "$dir.core" 2>"$T/extract" || fail "$dir: $(cat "$T/extract")"
    memory "$dir.core" "$mib" >"$T/memory" || fail "$dir: memory is not the truth"
    read -r below file above <"$T/memory"
}

# is_cut NAME: at the first byte that hangs, which is asked for behind all else, and what is lost is in the last piece of
# half a MiB.
is_cut() {
    equal "$1: outcome" "$(field "$dump" outcome)" cut
    field "$dump" reason >"$T/reason"
    has "$T/reason" 'Deadline: [0-9]+ of [0-9]+ bytes were read in time; memory hangs'
    has "$T/reason" '[0-9]+ of [0-9]+ bytes of memory are missing'
    equal "$1: below the file" "$below" $((8 << 20))
    ((file <= half && file >= half - (600 << 10))) || fail "$1: $file bytes of the file"
    equal "$1: above the file" "$above" $((8 << 20))
}

is_complete() {
    equal "$1: outcome" "$(field "$dump" outcome)" complete
    equal "$1: reason" "$(field "$dump" reason)" null
}

# What hangs is in a core of type full.
for variant in "no shared 0" "yes private 131072"; do
    read -r early how readahead <<<"$variant"
    serve "full.$early" "$readahead"
    crashed "full-$early" full "$how" 8 Deadline=1s ReleaseEarly="$early"
    is_cut "full, ReleaseEarly=$early"
    unserve
    wait_for 10 gone "$worker" || fail "the worker stays behind"
done
(($(field "$dump" held) < 1000000)) || fail "held for $(field "$dump" held) of $(field "$dump" duration)"

# What a mini dump keeps is there, and nothing else is asked for; nor does the kernel come that far itself,
# which puts into the pipe what there is room for.
serve other 131072
for early in no yes; do
    crashed "mini-$early" mini shared 0 Deadline=5s ReleaseEarly=$early
    is_complete "mini, ReleaseEarly=$early"
    gdb_run "$PROGRAMS/between" "$T/mini-$early.core" -ex bt >"$T/gdb"
    has "$T/gdb" ' main \(argc=4'
done
crashed heap heap private 8 Deadline=5s
is_complete heap
equal "heap: memory" "$below $above" "$((8 << 20)) $((8 << 20))"
# its first page, and the two that were changed
equal "heap: the file" "$file" $((3 * 4096))
unserve
