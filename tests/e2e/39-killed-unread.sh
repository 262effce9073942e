#!/bin/bash
# SPDX-License-Identifier: MIT
# Somebody kills the crashing process while dumpd reads its memory: what was read is kept, it is the
# truth, and it says that it is not all. A process that was let go early cannot be killed any more.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/slow_disk.sh"

need_root
need jq mountpoint "$PYTHON"
program noise noise.c || fail "noise.c does not build"
mib=64
crash "$T/whole" "" "$PROGRAMS/noise" $mib

# What the kernel starts, to know whose dump it is; it begins when it may.
cat >"$T/start" <<END
#!/bin/sh
echo "handler=\$\$ crashed=\$2" >$T/ids.new
mv $T/ids.new $T/ids
until [ -e $T/go ]; do sleep 0.01; done
exec $DUMPD "\$@"
END
chmod 755 "$T/start"
DUMPD=$T/start

gone() {
    [[ ! -e /proc/$1 ]]
}

# begin NAME LINE...: noise crashes, and nothing gets to the disk. Sets store, crash, handler and crashed.
begin() {
    store=$T/$1
    slow_store "$store"
    dump_config "$store.conf" full "$store" "${@:2}"
    : >"$store.shut"
    rm -f "$T/ids"
    crash_direct "$store.conf" bash -c "$PROGRAMS/${NOISE:-noise} $mib; echo \$? >$store.status" &
    crash=$!
    wait_for 60 test -e "$T/ids" || fail "$1: no handler"
    . "$T/ids"
}

# finish NAME STATUS: the process is gone, and has this status; the disk goes on. Sets dump and kept.
finish() {
    wait_for 20 gone "$crash" || fail "$1: the process is held"
    equal "$1: status" "$(cat "$store.status")" "$2"
    empty_store "$store.disk"
    rm -f "$store.shut"
    wait_dumps "$store.disk" 1
    dump=$(only_dump "$store.disk")
    "$DUMPCTL" extract -D "$store.disk" noise -o "$store.core" 2>"$T/extract"
    kept=$(noise_kept "$store.core" "$T/whole/kernel.core" $mib) || fail "$1: not the truth"
}

was_killed() {
    equal "$1: outcome" "$(field "$dump" outcome)" cut
    field "$dump" reason >"$T/reason"
    has "$T/reason" 'the core ended early: [0-9]+ of [0-9]+ bytes came'
    has "$T/reason" 'the process was killed while it dumped'
    has "$T/reason" '[0-9]+ of [0-9]+ bytes of memory are missing'
}

# Its worker has read so much, and waits for the disk with it.
has_read() {
    local worker io
    worker=$(cat "/proc/$handler/task/$handler/children")
    io=$(cat "/proc/${worker%% *}/io" 2>/dev/null) || return 1
    io=${io#rchar: }
    ((${io%%[!0-9]*} > $1))
}

# The kernel starts the handler first, then it writes: killed between the two, there is nothing.
pipe_is_full() {
    "$PYTHON" -c '
import select, sys
pipe = select.poll()
pipe.register(0, select.POLLOUT)
sys.exit(len(pipe.poll(0)))' <>"/proc/$handler/fd/0"
}

: >"$T/go"
begin midway ReleaseEarly=no SpoolMax=0
wait_for 20 has_read $((6 << 20)) || fail "nothing is read"
kill -KILL "$crashed"
finish midway 137
was_killed midway
((kept >= 5 << 20 && kept < mib << 20)) || fail "midway: $kept bytes"
(($(field "$dump" size_memory) >= kept)) || fail "midway: $(field "$dump" size_memory) of memory"

# Before anything was read there is what the kernel had put into the pipe.
rm "$T/go"
begin first ReleaseEarly=yes SpoolMax=0
wait_for 20 pipe_is_full || fail "first: the kernel writes nothing"
kill -KILL "$crashed"
wait_for 20 gone "$crashed" || fail "first: the process is there"
: >"$T/go"
finish first 137
was_killed first
equal "first: of memory" "$(field "$dump" size_memory)" 0

# A frozen one ends its core alike, and is not one that was killed.
freezer=/sys/fs/cgroup/freezer
if [[ -w $freezer/cgroup.procs ]]; then
    freezer+=/dumpd-test.$$
    mkdir "$freezer"
    on_exit "rmdir $freezer"
    begin frozen ReleaseEarly=no SpoolMax=0
    wait_for 20 has_read $((6 << 20)) || fail "frozen: nothing is read"
    echo "$crashed" >"$freezer/cgroup.procs"
    echo FROZEN >"$freezer/freezer.state"
    on_exit "echo THAWED >$freezer/freezer.state"
    finish frozen 134
    equal "frozen: outcome" "$(field "$dump" outcome)" cut
    field "$dump" reason >"$T/reason"
    has "$T/reason" 'the process was frozen while it dumped, most likely: it was not killed'
else
    echo "no freezer here"
fi

begin early ReleaseEarly=yes SpoolMax=0
wait_for 20 gone "$crashed" || fail "early: the process is held"
finish early 134
equal "early: outcome" "$(field "$dump" outcome)" complete
equal "early: reason" "$(field "$dump" reason)" null
equal "early: noise" "$kept" $((mib << 20))

# What is copied whole first, here as a 32-bit process is, may be killed until then: its end changes its memory.
if program noise.32 noise.c -m32; then
    NOISE=noise.32 begin copied ReleaseEarly=yes SpoolMax=0
    wait_for 20 has_read $((6 << 20)) || fail "copied: nothing is read"
    kill -KILL "$crashed"
    wait_for 20 gone "$crash" || fail "copied: the process is held"
    equal "copied: status" "$(cat "$store.status")" 137
    empty_store "$store.disk"
    rm -f "$store.shut"
    wait_dumps "$store.disk" 1
    dump=$(only_dump "$store.disk")
    was_killed copied
    equal "copied: release" "$(field "$dump" release)" held
else
    echo "no 32-bit programs here"
fi
