#!/bin/bash
# SPDX-License-Identifier: MIT
# Who has the memory of a crashed process, too, and goes on, keeps its mmap_lock busy, for which reads of /proc/PID wait
# where no signal but SIGKILL ends them: yet every handler is gone by Deadline and two seconds, each crash has its
# record, and what was not read is said.
set -eu
. "$(dirname "$0")/lib.sh"

need_root
need jq
journal_start
program busy_lock busy_lock.c -pthread || fail "busy_lock.c does not build"
crashes=${CRASHES:-40} deadline=2
dump_config "$T/c" mini "$T/s" Deadline=${deadline}s
printf '#!/bin/sh\necho $$ >>%s\nexec %s --config=%s "$@"\n' "$T/handlers" "$DUMPD" "$T/c" >"$T/h"
chmod 755 "$T/h"

left() {
    local pid n=0
    while read -r pid; do
        [[ ! -e /proc/$pid ]] || ((++n))
    done <"$T/handlers"
    echo "$n"
}
storm() {
    local program line start
    exec {from}< <(exec "$PROGRAMS/busy_lock" "${MIB:-1024}" 4 "$crashes" 30)
    program=$!
    read -r line <&$from
    equal "the program says" "$line" crashed
    start=${EPOCHREALTIME/./}
    while (($(wc -l <"$T/handlers") < crashes || $(left) > 0)); do
        sleep 0.05
        ((${EPOCHREALTIME/./} - start < 20000000)) || break
    done
    echo $(((${EPOCHREALTIME/./} - start) / 1000)) >"$T/ms"
    left >"$T/left"
    kill -KILL "$program"
}
: >"$T/handlers"
PIPE_LIMIT=512 with_pattern "|$T/h $LONG_FORM" storm
echo "$(wc -l <"$T/handlers") handlers of $crashes crashes were gone after $(cat "$T/ms") ms"
equal "handlers" "$(wc -l <"$T/handlers")" "$crashes"
equal "handlers that are left after $(cat "$T/ms") ms" "$(cat "$T/left")" 0
(($(cat "$T/ms") <= (deadline + 2) * 1000)) || fail "the last handler was gone after $(cat "$T/ms") ms"
journal_entries "COREDUMP_COMM=busy_lock" >"$T/entries"
equal "records" "$(wc -l <"$T/entries")" "$crashes"
jq -r '[.DUMPD_OUTCOME, .COREDUMP_PID, .DUMPD_HELD_USEC, .DUMPD_RELEASE, .DUMPD_RELEASE_REASON, .DUMPD_REASON] |
    map(. // "-" | tostring) | join(" ")' "$T/entries" >"$T/rows"
# The other process does not wait for anybody: it changed that memory all the time.
hasnt "$T/rows" 'waited for its end'
hasnt "$T/rows" '^failed.* -$'
