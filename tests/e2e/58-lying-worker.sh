#!/bin/bash
# SPDX-License-Identifier: MIT
# A worker that was taken over says that the crashed process is let go, and goes on for ever. The kernel knows better:
# the worker is ended after Deadline, the process and the slot are free, and the crash has its record.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq
journal_start
tiny_program
program lying_worker.so lying_worker.c -shared -fPIC || fail "lying_worker.c does not build"
deadline=1 margin=10 # WATCH_MARGIN of handler/watch.h
dump_config "$T/c" mini "$T/s" Deadline=${deadline}s

# lies NAME SECONDS [VARIABLE=VALUE]: it is ended within so many.
lies() {
    local start program
    printf '#!/bin/sh\necho $$ >%s\nexec env LD_PRELOAD=%s ASAN_OPTIONS="%s:verify_asan_link_order=0" %s %s --config=%s "$@"\n' \
        "$T/handler" "$PROGRAMS/lying_worker.so" "$ASAN_OPTIONS" "${3:-A=}" "$DUMPD" "$T/c" >"$T/h"
    chmod 755 "$T/h"
    start=${EPOCHREALTIME/./}
    "$PROGRAMS/tiny" &
    program=$!
    timeout "$2" tail --pid="$program" -f /dev/null || {
        kill -KILL "$(cat "$T/handler")" "$program"
        fail "$1: the crashed process is held for more than $2 s"
    }
    echo "$1: held for $(((${EPOCHREALTIME/./} - start) / 1000)) ms"
    wait "$program" 2>/dev/null || true
    wait_for 5 gone "$(cat "$T/handler")" || fail "$1: the handler is left"
    journal_entries "COREDUMP_PID=$program" >"$T/entry"
    equal "$1: record" "$(jq -r .DUMPD_OUTCOME "$T/entry")" failed
    has <(jq -r .DUMPD_REASON "$T/entry") 'Deadline: the worker stood still and was ended; it had not let the process go'
}
gone() {
    [[ ! -e /proc/$1 ]]
}
with_pattern "|$T/h $LONG_FORM" lies "it works" $((deadline + margin + 2))
with_pattern "|$T/h $LONG_FORM" lies "it waits" $((deadline + 3)) WAIT=1
empty_store "$T/s"
