#!/bin/bash
# SPDX-License-Identifier: MIT
# Disks of every size, limits of every kind: a valid dump, smaller by what matters least, or a record
# that says why; never a stray file, and the process is let go.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/bad.sh"

need mount prlimit mkfs.ext4 fsfreeze
journal_start
program noise_parts noise_parts.c || fail "noise_parts.c does not build"
crash "$T/noise" full "$PROGRAMS/noise_parts"
NOISE=$T/noise/kernel.core
mkdir "$T/disk"
# cleanup removes $T afterwards: nothing may be mounted there
on_exit 'while umount "$T/disk" 2>/dev/null; do :; done || true'

# on_disk OPTIONS TYPE "OUTCOMES" [LINE...]: one crash onto a new tmpfs. Leaves DISK_OUTCOME.
on_disk() {
    local what="tmpfs of $1, $2" options=$1 type=$2 outcomes=$3
    shift 3
    mount -t tmpfs -o "$options,mode=755" none "$T/disk"
    dump_config "$T/disk.conf" "$type" "$T/disk" "$@"
    crash_one "$what" "$outcomes"
    umount "$T/disk"
}

# The record of the last replay, from the journal.
last_record() {
    journal_entries MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 COREDUMP_PID="$REPLAY_PID" | tail -1
}
crash_one() { # WHAT "OUTCOMES"
    replay "$T/disk.conf" "$NOISE"
    last_record >"$T/last"
    DISK_OUTCOME=$(jq -r .DUMPD_OUTCOME "$T/last")
    one_of "$1" "$DISK_OUTCOME" $2
    echo "$1: $DISK_OUTCOME, $(jq -r '.DUMPD_SIZE_FILE // 0' "$T/last") bytes"
    if [[ $DISK_OUTCOME == failed ]]; then
        [[ -n $(jq -r .DUMPD_REASON "$T/last") ]] || fail "$1: no reason"
        empty_store "$T/disk"
        return
    fi
    "$DUMPCTL" verify -D "$T/disk" >"$T/verify" || fail "$1: $(cat "$T/verify")"
    has "$T/verify" '^verify: 1 dumps, .* 0 damaged$'
    zstd -tq --memory=128MB "$(only_dump "$T/disk")" || fail "$1: zstd refuses it"
}

has_free() {
    (($(df --output=avail -B1 "$T/disk" | tail -1) >= $1 << 20))
}

# What the stack has is there, whatever of the 16 MiB is not.
backtrace() {
    local dump
    dump=$(only_dump "$T/disk")
    rm -f "$T/disk.core"
    "$DUMPCTL" extract -D "$T/disk" "$(field "$dump" id)" -o "$T/disk.core"
    gdb_run "$PROGRAMS/noise_parts" "$T/disk.core" -ex 'bt' -ex 'print text' >"$T/gdb"
    equal "$1: frames" "$(grep '^#.* crash_here (depth=' "$T/gdb" | sort -u | wc -l)" 6
    has "$T/gdb" 'deep in the stack' "$1: the stack"
}

# Real ends of disks, with our own limits out of the way.
OPEN='MaxUse=infinity'
for size in 64k 256k 1M; do
    on_disk "size=$size" full cut "$OPEN" KeepFree=0
done
on_disk size=64M full complete "$OPEN" KeepFree=0
on_disk size=64k mini "complete cut failed" "$OPEN" KeepFree=0
on_disk nr_inodes=1 full failed "$OPEN" KeepFree=0

# Known before: noise goes, stacks stay.
for limits in "size=4M MaxUse=100% KeepFree=10%" "size=64M MaxUse=10% KeepFree=0" \
    "size=16M MaxUse=infinity KeepFree=50%" "size=64M MaxUse=1M KeepFree=15%"; do
    read -r options use keep <<<"$limits"
    mount -t tmpfs -o "$options,mode=755" none "$T/disk"
    dump_config "$T/disk.conf" full "$T/disk" "$use" "$keep"
    crash_one "$limits" cut
    has <(jq -r .DUMPD_REASON "$T/last") 'left out: what MaxUse and KeepFree leave of the disk allows'
    backtrace "$limits"
    umount "$T/disk"
done

# Others have filled the disk: half of KeepFree is theirs whatever comes, all of it where old dumps can
# make room.
mount -t tmpfs -o size=64M,mode=755 none "$T/disk"
dump_config "$T/disk.conf" full "$T/disk" "$OPEN" KeepFree=12M
crash_one "others: before" complete
others=$(($(df --output=avail -B1M "$T/disk" | tail -1) - 7))
mkdir "$T/disk/others"
dd if=/dev/zero of="$T/disk/others/file" bs=1M count=$others status=none
replay "$T/disk.conf" "$NOISE"
equal "others" "$(last_record | jq -r .DUMPD_OUTCOME)" cut
has_free 12 || fail "KeepFree: $(df -B1 "$T/disk")"
equal "the old dump made room" "$(dump_count "$T/disk") $("$DUMPCTL" list --json -D "$T/disk" | jq -r '.[].pid')" \
    "1 $REPLAY_PID"
# They have filled so much that no dump could make room: none goes.
others=$(($(df --output=avail -B1M "$T/disk" | tail -1) - 7))
dd if=/dev/zero of="$T/disk/others/more" bs=1M count=$others status=none
replay "$T/disk.conf" "$NOISE"
equal "more of others" "$(last_record | jq -r .DUMPD_OUTCOME)" cut
equal "no dump went in vain" "$(dump_count "$T/disk")" 2
umount "$T/disk"

# Others fill the disk while the core comes, up to the last byte of memory: the record has its room still.
mount -t tmpfs -o size=64M,mode=755 none "$T/disk"
dump_config "$T/disk.conf" full "$T/disk" "$OPEN" KeepFree=0
crash_one "meanwhile: before" complete
pages=$((($(jq -r .DUMPD_SIZE_FILE "$T/last") + 4095) / 4096 - 4)) # without the record
rm "$(only_dump "$T/disk")"
mkfifo "$T/core"
pid=$(gone_pid)
"$DUMPD" --config="$T/disk.conf" "$pid" 11 meanwhile -d1 -u0 -g0 <"$T/core" 2>"$T/err" &
handler=$!
exec {core}>"$T/core"
wait_for 20 pgrep -P $handler >"$T/out" || fail "meanwhile: no worker"
free=$(($(df --output=avail -B4096 "$T/disk" | tail -1)))
dd if=/dev/zero of="$T/disk/others" bs=4096 count=$((free - pages)) status=none
cat "$NOISE" >&$core
exec {core}>&-
wait $handler || fail "meanwhile: exit $?: $(cat "$T/err")"
rm "$T/disk/others"
equal "meanwhile" "$(field "$(only_dump "$T/disk")" outcome)" complete
"$DUMPCTL" verify -D "$T/disk" >"$T/verify" || fail "meanwhile: $(cat "$T/verify")"
umount "$T/disk"

# RLIMIT_FSIZE of the handler itself.
mkdir "$T/store"
dump_config "$T/feed.conf" full "$T/store"
good_core
for limit in 0 8192 16384 20000 24000; do
    rm -f "$T/store"/*
    (
        trap - ERR
        prlimit --fsize=$limit --pid $BASHPID
        timeout 20 "$DUMPD" --config="$T/feed.conf" "$(gone_pid)" 11 limited -d1 -u0 -g0 <"$GOOD" 2>/dev/null
    ) && rc=0 || rc=$?
    one_of "RLIMIT_FSIZE $limit" $rc 1 3
    [[ $rc == 1 ]] || empty_store "$T/store"
    [[ $rc == 3 ]] || "$DUMPCTL" verify -D "$T/store" >"$T/verify" || fail "RLIMIT_FSIZE $limit: $(cat "$T/verify")"
done

# A frozen file system: the process is let go at the deadline, there is a record, and when it
# thaws nothing is left behind.
frozen() {
    truncate -s 32M "$T/image"
    mkfs.ext4 -q "$T/image" >"$T/out" 2>&1 || return 1
    mount -o loop "$T/image" "$T/disk" 2>"$T/out" || return 1
    chmod 755 "$T/disk"
    rmdir "$T/disk/lost+found"
    fsfreeze -f "$T/disk"
}
frozen_record() {
    journal_entries MESSAGE_ID=fc2e22bc6ee647b6b90729ab34a250b1 COREDUMP_COMM=noise_parts | tail -1 >"$T/last"
    [[ -s $T/last && $(jq -r .DUMPD_REASON "$T/last") == *"does not answer"* ]]
}
frozen || skip "no file system can be frozen here: $(cat "$T/out")"
on_exit 'fsfreeze -u "$T/disk" 2>/dev/null || true'
printf '[Dump]\nType=full\nDirectory=%s\nDeadline=1s\n%s\n' "$T/disk" "$UNLIMITED" >"$T/disk.conf"
crash_direct "$T/disk.conf" "$PROGRAMS/noise_parts" # comes back: the process is gone
wait_for 30 frozen_record || fail "frozen: no record"
equal "frozen" "$CRASH_STATUS $(jq -r .DUMPD_OUTCOME "$T/last")" "139 failed"
fsfreeze -u "$T/disk"
empty_store "$T/disk"
crash_one "thawed" "complete cut"
