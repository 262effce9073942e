#!/bin/bash
# SPDX-License-Identifier: MIT
# The store cannot be written, is full, is missing, or is not what it seems: never a broken file,
# always a record that says why.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/bad.sh"

need mount
journal_start
good_core

# into STORE TYPE "CODES"
into() {
    # the disk's own end, not ours
    printf '[Dump]\nType=%s\nDirectory=%s\nMaxUse=infinity\nKeepFree=0\n%s\n' "$2" "$1" "$UNLIMITED" >"$T/feed.conf"
    replay "$T/feed.conf" "${CORE:-$GOOD}"
    [[ " $3 " == *" $REPLAY_STATUS "* ]] ||
        fail "store $1: exit code $REPLAY_STATUS, want one of: $3; $(head -c 500 "$T/replay.err")"
    [[ $REPLAY_STATUS == 0 || -s $T/replay.err ]] || fail "store $1: no word why"
    no_control_bytes "$T/replay.err"
}
# The record of the last replay has a reason that matches.
reason() {
    journal_entries MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 COREDUMP_PID="$REPLAY_PID" |
        tail -1 >"$T/last"
    equal "outcome" "$(jq -r .DUMPD_OUTCOME "$T/last")" "$1"
    jq -r .DUMPD_REASON "$T/last" >"$T/reason"
    has "$T/reason" "$2"
    no_control_bytes "$T/reason"
}

# What `dumpctl status' says of the store that $T/feed.conf names.
status_store() {
    { "$DUMPCTL" status --config="$T/feed.conf" --json || true; } |
        jq -r '.checks[] | select(.check == "store") | .state + ": " + .text'
}

# Missing: made, if its parent is there.
into "$T/new" full 0
same_bytes <(zstd -dcq "$(only_dump "$T/new")") "$GOOD"
equal "owner of a new store" "$(stat -c '%u %F' "$T/new")" "0 directory"
equal "mode of a new store" "$(stat -c %a "$T/new")" 755
into "$T/no/parent" full 3
reason failed .
[[ ! -e $T/no ]] || fail "parents were made"

# Not a directory; a link to one; one that others may write.
: >"$T/file"
into "$T/file" full 3
reason failed .
equal "the file" "$(stat -c %s "$T/file")" 0
mkdir "$T/target"
ln -s "$T/target" "$T/link"
into "$T/link" full 3
reason failed .
empty_store "$T/target"
mkdir -m 777 "$T/open"
chmod 777 "$T/open"
into "$T/open" full 3
reason failed .
empty_store "$T/open"
mkdir "$T/foreign"
chown 1000 "$T/foreign"
into "$T/foreign" full 3
empty_store "$T/foreign"
# Below what others may change: root's own directory, but not in a place of root's.
mkdir -p "$T/theirs/store" "$T/groups/store" "$T/sticky/store"
chown 1000 "$T/theirs"
chmod 775 "$T/groups"
chmod 1777 "$T/sticky"
for above in theirs groups; do
    into "$T/$above/store" full 3
    reason failed "above the store"
    has <(status_store) '^problem: .*/store: a directory or link above the store' "status below $above"
    empty_store "$T/$above/store"
done
into "$T/sticky/store" full 0
has <(status_store) '^ok: .*/sticky/store, [0-9]+ MiB free' "status below sticky"
ln -s "$T/sticky" "$T/by-link"
into "$T/by-link/store" full 0
chown -h 1000 "$T/by-link"
into "$T/by-link/store" full 3
reason failed "above the store"
equal "dumps in the sticky one" "$(dump_count "$T/sticky/store")" 2

# Read-only.
mkdir "$T/ro"
mount -t tmpfs -o size=1M,mode=755 none "$T/ro"
on_exit 'umount "$T/ro"'
mount -o remount,ro "$T/ro"
into "$T/ro" full 3
reason failed '[Rr]ead-only|EROFS'
empty_store "$T/ro"

# Full: less is kept and it says so, or nothing; never a file that does not extract.
program bigheap bigheap.c -pthread || fail "bigheap.c does not build"
# Random bytes do not compress: a real core has them in place of its memory. ELF headers stay: without
# them libraries are files of data, and what is cut of those loses its entry in NT_FILE (21-data-files.sh).
"$PYTHON" - "$GOOD" "$T/noise.core" <<'EOF'
import random, sys
data = bytearray(open(sys.argv[1], "rb").read())
start = len(data) // 4
start += -start % 4096
noise = random.Random(1)
for at in range(start, len(data), 4096):
    if data[at:at + 4] != b"\x7fELF":
        data[at:at + 4096] = noise.randbytes(len(data[at:at + 4096]))
open(sys.argv[2], "wb").write(data)
EOF
mkdir "$T/full"
for size in 16k 24k 32k 64k 128k 192k 256k; do
    mount -t tmpfs -o size=$size,mode=755 none "$T/full"
    for type in full mini; do
        CORE=$T/noise.core into "$T/full" $type "0 1 3"
        printf 'tmpfs of %s, %s: %s\n' $size $type "$REPLAY_STATUS"
        if ((REPLAY_STATUS == 3)); then
            empty_store "$T/full"
        else
            check_dump "tmpfs of $size, $type" "$(only_dump "$T/full")"
            corelab subset "$T/feed.core" "$T/noise.core" >"$T/kept" || fail "tmpfs of $size: not the truth"
        fi
        [[ $type == mini || $size == 256k || $REPLAY_STATUS != 0 ]] ||
            fail "442 KiB of noise are complete in a tmpfs of $size"
        rm -f "$T/full"/*.zst
    done
    umount "$T/full"
done
# No inode left: not even an empty file.
mount -t tmpfs -o nr_inodes=1,mode=755 none "$T/full"
into "$T/full" full 3
reason failed 'space|ENOSPC'
umount "$T/full"
# A configuration that cannot be read loses no dump.
printf '[Dump]\nDirectory=%s\n%s\n[Dump\nType=nonsense\n\001\n' "$T/store" "$UNLIMITED" >"$T/bad.conf"
replay "$T/bad.conf" "$GOOD"
one_of "a configuration that cannot be read" "$REPLAY_STATUS" 0 1 3
