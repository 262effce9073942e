#!/bin/bash
# SPDX-License-Identifier: MIT
# What a crash may not wait for: journald that has crashed, is stopped and has its queue full; the first
# process of a namespace that crashes; a machine that goes down, which ends no dump; and the handler's
# own crash, which starts no other.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq strace zstd
journal_start
[[ $JOURNAL_OURS == 1 ]] || skip "a journald runs here that is not the test's own"
tiny_program
crash "$T/one" full "$PROGRAMS/tiny"
core=$T/one/kernel.core
mkfifo "$T/pipe"

# begins NAME: a handler whose core stands still after its first bytes. Leaves $handler and $worker.
begins() {
    dump_config "$T/$1.conf" full "$T/$1"
    "$DUMPD" --config="$T/$1.conf" "$(gone_pid)" 11 "$1" <"$T/pipe" 2>"$T/$1.err" &
    handler=$!
    exec 7>"$T/pipe"
    head -c 1000 "$core" >&7
    wait_for 20 worker_ready || fail "$1: no worker"
}
worker_ready() {
    worker=$(cat "/proc/$handler/task/$handler/children" 2>/dev/null) && worker=${worker%% *}
    [[ -n $worker ]] && grep -qs '^Seccomp:.2$' "/proc/$worker/status"
}
ended() {
    [[ ! -e /proc/$1 ]] || grep -q '^State:.Z' "/proc/$1/status"
}

# A machine that goes down sends SIGTERM to all, and SIGKILL a minute and a half later.
begins down
kill -TERM "$handler" "$worker"
sleep 0.3
ended "$handler" && fail "SIGTERM ends the handler, and the crash is lost"
kill -TERM "$worker"
tail -c +1001 "$core" >&7
exec 7>&-
status=0
wait "$handler" || status=$?
equal "SIGTERM: exit" $status 0
same_bytes <("$DUMPCTL" extract -D "$T/down" down) "$core"

# dumpd crashes: the kernel does not ask it to dump itself, and the worker goes, too.
crash_handler() {
    begins self
    kill -ABRT "$handler" # which no sanitizer takes
    status=0
    wait "$handler" 2>/dev/null || status=$?
    equal "SIGABRT: exit" $status 134
    wait_for 10 ended "$worker" || fail "the worker goes on without its parent"
}
ln -sf "$DUMPD" "$T/d"
dump_config "$T/own.conf" full "$T/own"
with_pattern "|$T/d --config=$T/own.conf $LONG_FORM" crash_handler
sleep 0.3
empty_store "$T/self"
empty_store "$T/own"

# The first process of a namespace, whose end is that of all others.
crash "$T/first" full unshare --pid --fork sh -c 'ulimit -c unlimited; exec "$1"' - "$PROGRAMS/tiny"
dump=("$T/first/full"/core.tiny.*) # unshare(1) ends by the same signal
equal "first process" "$(field "${dump[0]}" comm) $(field "${dump[0]}" outcome)" "tiny complete"

# journald stopped: what it has room for is sent, then nobody waits for more than a second; and nothing of
# what was sent is lost.
dump_config "$T/q.conf" mini "$T/q"
kill -STOP "$JOURNALD"
sent=0 slow=0
for i in {1..600}; do
    begin=$(date +%s%N)
    replay "$T/q.conf" "$core" "$(gone_pid)" 11 queued -d1 -u0 -g0 -c18446744073709551615
    took=$((($(date +%s%N) - begin) / 1000000))
    one_of "stopped journald: exit" $REPLAY_STATUS 0 4
    if ((REPLAY_STATUS == 4)); then
        slow=$took
        break
    fi
    sent=$i
done
equal "dumps" "$(dump_count "$T/q")" $((sent + (slow > 0)))
echo "$sent entries in the queue of a journald that is stopped, then $slow ms"
((slow < 10000)) || fail "a stopped journald held the handler for $slow ms"
kill -CONT "$JOURNALD"
all_there() {
    (($(journal_entries COREDUMP_THREAD_NAME=queued | grep -c '"COREDUMP_PID"') == sent))
}
wait_for 30 all_there || fail "of $sent entries $(journal_entries COREDUMP_THREAD_NAME=queued | wc -l) came"

# What is written to the kernel's log is looked at on its way: the log itself loses lines.
dump_config "$T/j.conf" mini "$T/j" CoreLimit=ignore
strace -f -qq -s 400 -o "$T/strace" -e trace=write "$DUMPD" --config="$T/j.conf" "$(gone_pid)" 11 systemd-journal \
    -d1 -u0 -g0 </dev/null >/dev/null 2>"$T/own.err" || true
has "$T/strace" 'write\([0-9]+, "<27>dumpd: process [0-9]+ \(systemd-journal\) crashed, .*its entry of the journal may be lost'

# journald crashes: it is let go, and its dump is stored.
crash_journald() {
    kill -SEGV "$JOURNALD"
    timeout 60 tail --pid="$JOURNALD" -f /dev/null || fail "a journald that crashed is held"
}
with_pattern "|$T/d --config=$T/j.conf $LONG_FORM" crash_journald
wait_dumps "$T/j" 1
dump=$(only_dump "$T/j")
equal "journald's own: comm" "$(field "$dump" comm)" systemd-journal
