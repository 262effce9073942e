#!/bin/bash
# SPDX-License-Identifier: MIT
# A worker that stands still as a whole, stopped or frozen, cannot keep its own deadline: the handler ends
# it, lets go of the crashed process and leaves a record. One that packs for long is left alone.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq
journal_start
program bigheap bigheap.c -pthread || fail "bigheap.c does not build"

# worker_of HANDLER: leaves $worker, which reads.
worker_of() {
    worker=$(cat "/proc/$1/task/$1/children" 2>/dev/null) && worker=${worker%% *}
    [[ -n $worker ]] && grep -qs '^Seccomp:.2$' "/proc/$worker/status"
}

# stands NAME BYTES HOW COMM OUTCOME: a worker that has read so much of a core is stopped by HOW. The record has the
# name that the core has, if the worker came to tell, and of what it had written then there is a dump.
stands() {
    local dir=$T/$1 handler status=0 pid
    pid=$(gone_pid)
    dump_config "$dir.conf" full "$dir" Deadline=1s
    mkfifo "$dir.pipe"
    "$DUMPD" --config="$dir.conf" "$pid" 11 "$1" <"$dir.pipe" 2>"$dir.err" &
    handler=$!
    exec 7>"$dir.pipe"
    head -c "$2" "$core" >&7
    wait_for 20 worker_of "$handler" || fail "$1: no worker"
    "$3" "$worker"
    # timeout(1) ends a handler that waits for ever, and the worker with it
    timeout 40 tail --pid="$handler" -f /dev/null || {
        kill -KILL "$handler"
        fail "$1: the crashed process is held by a worker that stands still"
    }
    wait "$handler" || status=$?
    equal "$1: exit" "$status" "$([[ $5 == cut ]] && echo 1 || echo 3)"
    [[ ! -e /proc/$worker ]] || fail "$1: the worker is left"
    # nobody reads the crashed process any more
    (trap '' PIPE; printf x >&7) 2>/dev/null && fail "$1: somebody holds the stream"
    exec 7>&-
    [[ $5 == cut ]] || empty_store "$dir"
    has "$dir.err" 'Deadline: the worker stood still and was ended'
    journal_entries "COREDUMP_PID=$pid" "COREDUMP_COMM=$4" >"$T/entry"
    equal "$1: record" "$(jq -r .DUMPD_OUTCOME "$T/entry")" "$5"
    [[ $5 != cut ]] || "$DUMPCTL" verify -D "$dir" || fail "$1: the dump is damaged"
    (($(jq -r .DUMPD_HELD_USEC "$T/entry") >= 1000000)) || fail "$1: held"
}
stop() {
    kill -STOP "$1"
}
freeze() {
    echo "$1" >"$FREEZER/cgroup.procs"
    echo 1 >"$FREEZER/cgroup.freeze"
}

crash "$T/one" full "$PROGRAMS/bigheap"
core=$T/one/kernel.core
stands at-the-header 100 stop at-the-header failed
stands in-memory 8000000 stop bigheap cut

# The whole of a cgroup, as `systemctl freeze` or a container's pause does it.
# Not version 1's: that lets nobody be killed.
mkdir "$T/cgroup"
if mount -t cgroup2 none "$T/cgroup" 2>/dev/null; then
    FREEZER=$T/cgroup/dumpd-test.$$
    mkdir "$FREEZER"
    on_exit 'rmdir "$FREEZER"; umount "$T/cgroup"'
    stands frozen 8000000 freeze bigheap cut
else
    echo "no cgroup2 here"
fi
