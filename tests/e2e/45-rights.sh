#!/bin/bash
# SPDX-License-Identifier: MIT
# What the handler's parent may at each stage, what becomes of a worker that tries more than it may,
# and of a crash where rights cannot be given up, or are fewer than usual.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need strace gdb setpriv
program frames frames.c || fail "frames.c does not build"
program no_seccomp no_seccomp.c -lseccomp || fail "no_seccomp.c does not build"
crash "$T/one" full "$PROGRAMS/frames" segv
core=$T/one/kernel.core
dump_config "$T/w.conf" full "$T/w"
mkfifo "$T/pipe"

# rights_are PID CAPABILITIES
rights_are() {
    local got
    got=$(sed -nE 's/^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs):\t0*([0-9a-f])/\3/p' "/proc/$1/status" 2>/dev/null |
        paste -sd' ')
    [[ $got == "0 $2 $2 0 0 1" ]]
}

# paused CALL CAPABILITIES: the handler has these when it makes its first such system call.
paused() {
    rm -rf "$T/w"
    dump_config "$T/w.conf" full "$T/w"
    strace -qq -o "$T/strace" -e "trace=$1" -e "inject=$1:delay_enter=3s:when=1" \
        "$DUMPD" --config="$T/w.conf" 999999 11 frames <"$core" 2>"$T/w.err" &
    local tracer=$! handler status=0
    # strace has other children before
    child_has() {
        handler=$(cat "/proc/$tracer/task/$tracer/children")
        handler=${handler%% *}
        [[ -n $handler ]] && rights_are "$handler" "$1"
    }
    wait_for 20 child_has "$2" || {
        cat "$T/strace" >&2
        fail "before $1 the handler's capabilities are others than $2"
    }
    wait "$tracer" || status=$?
    one_of "exit" "$status" 0 4
    same_bytes <("$DUMPCTL" extract -D "$T/w" frames) "$core"
}
# 2 CAP_DAC_READ_SEARCH, 5 KILL, 6 SETGID, 7 SETUID, 19 SYS_PTRACE
paused clone,clone3,fork 800e4
paused fsync 0

# While a worker works, to end it and to start another user's after it; and what it tries that it may not is its end, with a record.
"$DUMPD" --config="$T/w.conf" 999999 11 frames <"$T/pipe" 2>"$T/w.err" &
handler=$!
exec 7>"$T/pipe"
head -c 20000 "$core" >&7
worker_ready() {
    worker=$(cat "/proc/$handler/task/$handler/children")
    worker=${worker%% *}
    [[ -n $worker ]] && grep -q '^Seccomp:.2$' "/proc/$worker/status" &&
        grep -q '^State:.S' "/proc/$worker/status"
}
wait_for 20 worker_ready || fail "no worker"
wait_for 20 rights_are "$handler" e0 || fail "the parent may: $(grep Cap "/proc/$handler/status")"
gdb -nx -q -batch -iex 'set debuginfod enabled off' -iex 'set auto-load off' -p "$worker" \
    -ex 'handle SIGSYS nostop pass' -ex 'call (int)socket(1, 1, 0)' >"$T/gdb" 2>&1 || true
status=0
wait "$handler" || status=$?
exec 7>&-
one_of "exit" "$status" 3 5
has "$T/w.err" 'the worker was killed by signal 31'
has "$T/w.err" 'it made the system call [0-9]+ \(socket\), which it may not'
equal "dumps" "$(dump_count "$T/w")" 1 # of before

# A handler that cannot give up what it has does not let the core in, and says so.
rm -rf "$T/w"
dump_config "$T/w.conf" full "$T/w"
status=0
strace -qq -o "$T/strace" -e trace=capset -e inject=capset:error=EPERM \
    "$DUMPD" --config="$T/w.conf" 999999 11 frames <"$core" 2>"$T/w.err" || status=$?
one_of "exit" "$status" 3 5
has "$T/w.err" 'could not give up its capabilities \(Operation not permitted\), so the core was not read'
empty_store "$T/w"

# handles COMMAND...: still, all of it.
handles() {
    local status=0
    rm -rf "$T/w"
    dump_config "$T/w.conf" full "$T/w"
    chmod 1777 "$T" # for one who is not root
    [[ -z ${OWNER:-} ]] || chown "$OWNER" "$T/w"
    "$@" "$DUMPD" --config="$T/w.conf" 999999 11 frames <"$core" 2>"$T/w.err" || status=$?
    one_of "$*: exit" "$status" 0 4
    same_bytes <("$DUMPCTL" extract -D "$T/w" frames) "$core"
    reason=$(field "$(only_dump "$T/w")" reason)
}
# As a container has them, and those without which root has no worker.
handles setpriv --bounding-set=-all,+setuid,+setgid,+setpcap,+chown,+fowner,+kill,+dac_override
equal "reason" "$reason" null
handles setpriv --bounding-set=-all,+setuid,+setgid
equal "reason" "$reason" null
OWNER=1000 handles setpriv --reuid=1000 --regid=1000 --clear-groups --
equal "reason" "$reason" null

# A kernel without filters of system calls.
handles "$PROGRAMS/no_seccomp"
[[ $reason == *"no filters of system calls"* ]] || fail "the record says: $reason"

# Without them there is none: a record, no dump.
rm -rf "$T/w"
dump_config "$T/w.conf" full "$T/w"
status=0
setpriv --bounding-set=-all "$DUMPD" --config="$T/w.conf" 999999 11 frames <"$core" 2>"$T/w.err" ||
    status=$?
one_of "exit" "$status" 3 5
has "$T/w.err" 'the worker could not give up its rights'
empty_store "$T/w"
