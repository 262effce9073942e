#!/bin/bash
# SPDX-License-Identifier: MIT
# Nobody listens for the journal: the dump is stored as ever, the exit code says it, the kernel's
# log has a line; and a journald that hangs holds the handler for a second, not for ever.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq zstd
program frames frames.c || fail "frames.c does not build"
exec 8>"$JOURNAL_LOCK"
flock 8
journal_answers && skip "a journald runs here that is not the test's own"

STORED="4 5" crash "$T/a" "mini none" "$PROGRAMS/frames" segv
equal "exit code, stored" "$(cat "$T/a/mini.rc")" 4
only_dump "$T/a/mini" >/dev/null
equal "outcome" "$(field "$(only_dump "$T/a/mini")" outcome)" complete
# A record alone, and nobody took it.
equal "exit code, record only" "$(cat "$T/a/none.rc")" 5
pid=$(tr '\0' '\n' <"$T/a/done" | head -1)
dmesg | grep -a "dumpd" | grep -a "$pid" >"$T/kmsg" || fail "no line about $pid in the kernel's log"
cat "$T/kmsg"
"$DUMPCTL" list -D "$T/a/mini" --json | jq -e "length == 1 and .[0].pid == $pid" >/dev/null ||
    fail "the dump is not listed"

# A journald that is there and does not read.
journal_start_stopped() {
    mkdir -p /run/systemd/journal
    "$PYTHON" - 8>&- <<'EOF' &
import os, socket, time
path = "/run/systemd/journal/socket"
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.bind(path)
c = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
c.connect(path)
c.setblocking(False)
try:
    while True:
        c.send(b"x" * 512)
except BlockingIOError:
    pass
print("full", flush=True)
time.sleep(120)
EOF
    HUNG=$!
    on_exit 'kill $HUNG; rm -f /run/systemd/journal/socket'
}
journal_start_stopped
wait_for 10 test -S /run/systemd/journal/socket || fail "no socket"
sleep 0.3
start=$(date +%s%N)
crash "$T/b" "mini" "$PROGRAMS/frames" segv
took=$((($(date +%s%N) - start) / 1000000))
equal "exit code, a hung journald" "$(cat "$T/b/mini.rc")" 4
((took < 4000)) || fail "a hung journald held the handler for $took ms"
only_dump "$T/b/mini" >/dev/null
