#!/bin/bash
# SPDX-License-Identifier: MIT
# Somebody kills the crashing process while its core is read: the kernel ends the stream there,
# as if the core were over, and the PID is free. What came is kept and says that it is not all.
set -eu
. "$(dirname "$0")/lib.sh"
. "$E2E/bad.sh"

journal_start
program bigheap bigheap.c -pthread || fail "bigheap.c does not build"
mkdir -p "$T/k"
: >"$T/k/pause"
cat >"$T/killer.sh" <<'EOF'
"$1" &
until [[ -e k/paused ]]; do sleep 0.01; done
kill -KILL $!
wait $! && exit 1
status=$?
rm k/paused
exit $status
EOF
STORED="1 3" crash "$T/k" "full mini" bash "$T/killer.sh" "$PROGRAMS/bigheap"
equal "status" "$CRASH_STATUS" 137
received=$(stat -c %s "$T/k/kernel.core")
((received > 4096 && received < 64 << 20)) || fail "$received bytes came: the kill was no cut"
rm -f "$T/store"
for type in full mini; do
    equal "$type: exit code" "$(cat "$T/k/$type.rc")" 1
    dump=$(only_dump "$T/k/$type")
    REPLAY_STATUS=1
    check_dump "$type" "$dump"
    corelab cut "$T/feed.core" "$T/k/kernel.core" >"$T/kept" || fail "$type: not the truth"
    equal "$type: truncated" "$(field "$dump" truncated)" 1
    equal "$type: received" "$(field "$dump" size_received)" "$received"
    (($(field "$dump" size_core) > 128 << 20)) || fail "$type: size of the core $(field "$dump" size_core)"
done
