#!/bin/bash
# SPDX-License-Identifier: MIT
# Who reads the crashed process' memory keeps it, when the process is killed meanwhile: it ends, and its end changes
# that memory. What was read before the kill is kept; nothing that was read behind it is.
set -eu
. "$(dirname "$0")/release.sh"

need_root
need jq "$PYTHON"
[[ -w /dev/fuse ]] || skip "no /dev/fuse here"
snapshot_program
program hanging_file hanging_file.c -D_GNU_SOURCE "$E2E/programs/fuse_server.c" ||
    fail "hanging_file.c does not build"
program between between.c -D_GNU_SOURCE || fail "between.c does not build"

# killed NAME FILE SIDE LINE...: between, with so many MiB of a file, of which half hangs, and so many of memory on both
# sides of it, is killed when two read there, which take 2 MiB each.
killed() {
    local name=$1 file_mib=$2 mib=$3 dir=$T/$1 mount=$T/$1.mount gate=$T/$1.gate crash server
    shift 3
    mkdir "$mount"
    "$PROGRAMS/hanging_file" "$mount" $file_mib 131072 "$gate" 8>&- &
    server=$!
    on_exit "kill $server 2>/dev/null || true; umount -l $mount 2>/dev/null || true"
    wait_for 10 test -e "$mount/file" || skip "no file system can be mounted here"
    CONFIG_LINES=("$@")
    SNAPSHOT=pages STORED="0 1 4" crash_released "$dir" full "$PROGRAMS/between" "$mount/file" shared "$mib" &
    crash=$!
    wait_for 30 test -s "$dir/pid" || fail "$name: no handler"
    wait_for 30 reads_hang "$dir" || fail "$name: nobody hangs"
    kill -KILL "$(cat "$dir/pid")"
    wait_for 10 has_ended "$(cat "$dir/pid")" || fail "$name: it does not end"
    : >"$gate"
    wait "$crash" || fail "$name: no dump"
    dump=$(only_dump "$dir/full")
    "$DUMPCTL" extract -D "$dir/full" "$(field "$dump" id)" -o "$dir/core" >"$T/extract" 2>&1 || fail "$(cat "$T/extract")"
    "$PYTHON" -B "$E2E/against_snapshot.py" "$dir/core" "$dir" $((1 << 20)) || fail "$name: memory is not what it was"
    equal "$name: outcome" "$(field "$dump" outcome)" cut
    kill "$server"
}

# reads_hang DIR: two threads of the worker wait for the file system.
reads_hang() {
    local worker
    worker=$(pgrep -n -f -- "--config=$1/full.conf") || return 1
    (($(cat "/proc/$worker"/task/*/wchan 2>/dev/null | grep -oE 'filemap_fault|folio_wait|fuse' | grep -c .) >= 2))
}

# A zombie has ended, too.
has_ended() {
    [[ ! -e /proc/$1/stat ]] || grep -qE '\) [ZX] ' "/proc/$1/stat"
}

# All is copied first, and who hangs holds the memory; of the small one it is pinned meanwhile, too.
killed held 32 40 ReleaseEarly=no
killed copied 12 4 ReleaseEarly=yes
